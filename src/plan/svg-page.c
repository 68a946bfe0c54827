/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/svg-page.h"

#include <stdbool.h>
#include <string.h>

#include "base/svg-text.h"
#include "plan/plan.h"
#include "plan/size-text.h"

enum {
	WIDTH = 1000,
	TITLE_WIDTH = 110,

	TEXT_MAX = 118, /* characters of a line over the whole width */
	FILES_MAX = 6,
	NOTES_MAX = 6,
};

#define INK       "#1d2733"
#define FAINT_INK "#5b6673"

/* How a kind of memory looks. The types are those of ACPI 6.5 section 15. */
static const struct kind {
	uint32_t type;
	const char *colour, *name;
} kinds[] = {
    {1, "#dfeed7", "RAM that is no place for a segment"},
    {3, "#ffe08a", "ACPI tables"},
    {4, "#f7c873", "ACPI non-volatile storage"},
    {5, "#e57373", "unusable"},
    {7, "#c9b6e4", "persistent memory"},
    {12, "#c9b6e4", "persistent memory (legacy)"},
    {0xefffffff, "#b7cfe8", "soft reserved"},
    {2, "#c4c7cb", "reserved"},
};

static const struct kind *kind_of(uint32_t type)
{
	size_t last = sizeof(kinds) / sizeof(*kinds) - 1;

	for (size_t i = 0; i < last; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return &kinds[last];
}

const char *svg_memory_colour(uint32_t type)
{
	return kind_of(type)->colour;
}

void svg_start_page(FILE *out, double height)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
		"height=\"%.0f\" viewBox=\"0 0 %d %.0f\">\n"
		"<style type=\"text/css\">\n"
		"text { font-family: sans-serif; font-size: 12px; fill: " INK "; }\n"
		"text.title { font-size: 20px; font-weight: bold; }\n"
		"text.head, text.name { font-weight: bold; }\n"
		"text.name { font-size: 13px; }\n"
		"tspan.plain { font-size: 12px; font-weight: normal; }\n"
		"text.faint { font-size: 11px; fill: " FAINT_INK "; }\n"
		"text.mono, text.address { font-family: monospace; font-size: 11px; "
		"fill: " FAINT_INK "; }\n"
		"text.address { text-anchor: end; }\n"
		".frame { fill: none; stroke: " INK "; stroke-width: 0.6; }\n"
		".key { stroke: " INK "; stroke-width: 0.4; }\n"
		".segment, .overview { stroke: #ffffff; stroke-width: 0.8; }\n"
		".break { fill: #ffffff; stroke: " FAINT_INK "; stroke-width: 0.8; }\n"
		".leader { fill: none; stroke: " FAINT_INK "; stroke-width: 0.8; }\n"
		"</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
		WIDTH, height, WIDTH, height);
}

static double put_line(FILE *out, double y, const char *title, const char *text)
{
	svg_start_text(out, SVG_MARGIN, y, "head");
	fputs(title, out);
	svg_end_text(out);
	svg_start_text(out, SVG_MARGIN + TITLE_WIDTH, y, "plain");
	svg_put_text(out, text, TEXT_MAX);
	svg_end_text(out);
	return y + SVG_LINE;
}

static double put_files(FILE *out, double y, const char *title, const struct blob *blob)
{
	for (size_t i = 0; blob && i < blob->file_count && i < FILES_MAX; i++) {
		char size[32];

		svg_start_text(out, SVG_MARGIN, y, "head");
		fputs(i ? "" : title, out);
		svg_end_text(out);
		svg_start_text(out, SVG_MARGIN + TITLE_WIDTH, y, "plain");
		if (i + 1 == FILES_MAX && blob->file_count > FILES_MAX) {
			fprintf(out, "and %zu more", blob->file_count - i);
		} else {
			svg_put_path(out, blob->files[i].path, TEXT_MAX - 20);
			fprintf(out, ", %s", size_text(blob->files[i].size, size, sizeof(size)));
		}
		svg_end_text(out);
		y += SVG_LINE;
	}
	return y;
}

double svg_put_head(FILE *out, const struct plan *plan)
{
	double y = SVG_MARGIN + 14;

	svg_start_text(out, SVG_MARGIN, y, "title");
	fputs(*plan->kernel_version ? "Linux " : "Plan of a load", out);
	svg_put_text(out, plan->kernel_version, 60);
	svg_end_text(out);
	y += SVG_LINE + 8;
	svg_start_text(out, SVG_MARGIN, y, "head");
	fputs("method", out);
	svg_end_text(out);
	svg_start_text(out, SVG_MARGIN + TITLE_WIDTH, y, "plain");
	fprintf(out, "%s (%s), because ", plan_method_name(plan->method),
		plan_method_call(plan->method));
	svg_put_text(out, plan->method_reason, TEXT_MAX - 36);
	svg_end_text(out);
	y += SVG_LINE;
	if (plan->kind == PLAN_CRASH)
		y = put_line(out, y, "loaded for", "a panic");
	y = put_line(out, y, "command line", plan->command_line);
	y = put_files(out, y, "kernel", plan->wrapped ? plan->wrapped : plan->kernel);
	y = put_files(out, y, "initrd", plan->initrds);
	for (size_t i = 0; i < plan->note_count && i < NOTES_MAX; i++)
		y = put_line(out, y, plan->notes[i].weight == PLAN_WARNING ? "warning" : "note",
			     plan->notes[i].text);
	return y;
}

double svg_put_no_memory(FILE *out, double y)
{
	svg_start_text(out, SVG_MARGIN, y + SVG_LINE, "plain");
	fputs("The running kernel places the segments, so there is no picture of them. They are "
	      "unstamped, and checked only where it has a purgatory of its own.",
	      out);
	svg_end_text(out);
	return y + SVG_LINE;
}

/* One entry of the legend; the place moves on. */
static void draw_key(FILE *out, double *x, double *y, const char *colour, const char *name)
{
	double width = 34 + 6.6 * (double)strlen(name);

	if (*x + width > WIDTH - SVG_MARGIN) {
		*x = SVG_MARGIN;
		*y += SVG_LINE + 4;
	}
	fprintf(out,
		"<rect class=\"key\" x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"12\" "
		"fill=\"%s\"/>\n",
		*x, *y - 10, colour);
	svg_start_text(out, *x + 20, *y, "plain");
	svg_put_text(out, name, TEXT_MAX);
	svg_end_text(out);
	*x += width;
}

static bool tells_of(const struct plan *plan, const struct kind *kind)
{
	for (size_t i = 0; i < plan->told.count; i++)
		if (kind_of(plan->told.regions[i].type) == kind)
			return true;
	return false;
}

double svg_put_legend(FILE *out, const struct plan *plan, double y)
{
	double x = SVG_MARGIN;

	draw_key(out, &x, &y, SVG_USABLE_COLOUR, "RAM where segments may lie");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (tells_of(plan, &kinds[i]))
			draw_key(out, &x, &y, kinds[i].colour, kinds[i].name);
	y += SVG_LINE + 6;
	svg_start_text(out, SVG_MARGIN, y, "faint");
	fputs("Low addresses are at the top. Each bar is to scale, but long stretches are left out "
	      "at a zigzag, and no segment is drawn thinner than can be seen.",
	      out);
	svg_end_text(out);
	return y;
}
