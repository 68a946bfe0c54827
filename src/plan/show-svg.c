/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plan as a picture, in SVG 1.1.
 *
 * Two bars show the physical memory, from the lowest address at the top: the left one all of it,
 * the right one what lies around the segments.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/plan.h"
#include "plan/show.h"
#include "plan/size-text.h"
#include "plan/svg-bar.h"
#include "plan/svg-text.h"

/* A bar, and where it is drawn. */
struct bar {
	const char *title;
	int x;
	struct svg_bar layout;
};

enum {
	WIDTH = 1000,
	MARGIN = 24,
	LINE = 18,

	BAR_WIDTH = 96,
	ALL_X = 150,
	NEAR_X = 370,
	LABEL_X = 540,
	LABEL_HEIGHT = 40,

	TEXT_MAX = 118, /* characters of a line over the whole width */
	FILES_MAX = 6,
	NOTES_MAX = 6,
};

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

#define USABLE_COLOUR "#a5d38b"
#define INK           "#1d2733"
#define FAINT_INK     "#5b6673"

static const char *const segment_colours[] = {
    "#1f6fb4", "#e8862d", "#8e5bb5", "#c8342f", "#13938a", "#8a5a3b", "#d257a0", "#6b7d12",
};

static const struct kind *kind_of(uint32_t type)
{
	size_t last = sizeof(kinds) / sizeof(*kinds) - 1;

	for (size_t i = 0; i < last; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return &kinds[last];
}

static const char *colour_of(const struct plan *plan, const struct plan_segment *segment)
{
	size_t index = (size_t)(segment - plan->segments);

	return segment_colours[index % (sizeof(segment_colours) / sizeof(*segment_colours))];
}

static void text_start(FILE *out, double x, double y, const char *style)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, style);
}

static void text_end(FILE *out)
{
	fputs("</text>\n", out);
}

static void rectangle(FILE *out, double x, double y, double width, double height,
		      const char *colour)
{
	fprintf(out, "<rect x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\" fill=\"%s\"/>\n",
		x, y, width, height, colour);
}

static void draw_range(FILE *out, const struct bar *bar, double top, struct range range,
		       const char *colour)
{
	double from = svg_bar_place(&bar->layout, range.start),
	       to = svg_bar_place(&bar->layout, range.end);

	if (to - from >= 0.1)
		rectangle(out, bar->x, top + from, BAR_WIDTH, to - from, colour);
}

/* Two zigzag lines with paper between them, over whatever is there. */
static void draw_break(FILE *out, const struct bar *bar, double y)
{
	static const int teeth = 8;

	fprintf(out, "<path class=\"break\" d=\"M%d %.1f", bar->x - 3, y + 5);
	for (int i = 1; i <= teeth; i++)
		fprintf(out, " L%.1f %.1f", bar->x - 3 + (double)i * (BAR_WIDTH + 6) / teeth,
			y + 5 + (i % 2 ? 3 : 0));
	for (int i = teeth; i >= 0; i--)
		fprintf(out, " L%.1f %.1f", bar->x - 3 + (double)i * (BAR_WIDTH + 6) / teeth,
			y + 11 + (i % 2 ? 3 : 0));
	fputs(" Z\"/>\n", out);
}

static void draw_segment(FILE *out, const struct bar *bar, double top, const struct plan *plan,
			 const struct plan_segment *segment, const char *class)
{
	double from = svg_bar_place(&bar->layout, segment->destination.start);
	double to = svg_bar_place(&bar->layout, segment->destination.end);

	fprintf(out,
		"<rect class=\"%s\" x=\"%d\" y=\"%.2f\" width=\"%d\" height=\"%.2f\" fill=\"%s\">"
		"<title>",
		class, bar->x, top + from, BAR_WIDTH, to - from, colour_of(plan, segment));
	svg_put_text(out, segment->name, CHECK_NAME_SIZE);
	fprintf(out, " 0x%" PRIx64 "-0x%" PRIx64 "</title></rect>\n", segment->destination.start,
		segment->destination.end);
}

static void draw_bar(FILE *out, const struct bar *bar, double top, const struct plan *plan,
		     const char *class)
{
	text_start(out, bar->x, top - 10, "head");
	fprintf(out, "%s", bar->title);
	text_end(out);
	for (size_t i = 0; i < plan->told.count; i++)
		draw_range(out, bar, top, plan->told.regions[i].range,
			   kind_of(plan->told.regions[i].type)->colour);
	for (size_t i = 0; i < plan->usable.count; i++)
		draw_range(out, bar, top, plan->usable.regions[i].range, USABLE_COLOUR);
	fprintf(out, "<rect class=\"frame\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>\n",
		bar->x, top, BAR_WIDTH, bar->layout.height);
	for (size_t i = 0; i < bar->layout.count; i++)
		if (bar->layout.slices[i].broken && bar->layout.slices[i].height > 0)
			draw_break(out, bar, top + bar->layout.slices[i].y);
	for (size_t i = 0; i < plan->segment_count; i++)
		draw_segment(out, bar, top, plan, &plan->segments[i], class);
}

/* Addresses beside the bar, as many as there is room for; the first and the last are among them. */
static void draw_addresses(FILE *out, const struct bar *bar, double top)
{
	double last = -LINE;

	for (size_t i = 0; i < bar->layout.count; i++) {
		const struct svg_slice *slice = &bar->layout.slices[i];
		bool border = i == 0 || slice->broken != bar->layout.slices[i - 1].broken ||
			      slice->height >= 3 * LINE;

		if (!border || slice->y < last + LINE || slice->y > bar->layout.height - LINE)
			continue;
		text_start(out, bar->x - 8, top + slice->y + 4, "address");
		fprintf(out, "0x%" PRIx64, slice->range.start);
		text_end(out);
		last = slice->y;
	}
	text_start(out, bar->x - 8, top + bar->layout.height + 4, "address");
	fprintf(out, "0x%" PRIx64,
		bar->layout.count ? bar->layout.slices[bar->layout.count - 1].range.end : 0);
	text_end(out);
}

/* From a segment in the one bar to the same in the other. */
static void connect_bars(FILE *out, const struct bar *all, const struct bar *near, double top,
			 const struct plan *plan)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];

		fprintf(out,
			"<path d=\"M%d %.2f L%d %.2f L%d %.2f L%d %.2f Z\" fill=\"%s\" "
			"fill-opacity=\"0.18\"/>\n",
			all->x + BAR_WIDTH,
			top + svg_bar_place(&all->layout, segment->destination.start), near->x,
			top + svg_bar_place(&near->layout, segment->destination.start), near->x,
			top + svg_bar_place(&near->layout, segment->destination.end),
			all->x + BAR_WIDTH,
			top + svg_bar_place(&all->layout, segment->destination.end),
			colour_of(plan, segment));
	}
}

static int compare_segments(const void *a, const void *b)
{
	uint64_t x = (*(const struct plan_segment *const *)a)->destination.start;
	uint64_t y = (*(const struct plan_segment *const *)b)->destination.start;

	return x < y ? -1 : x > y;
}

/* The height that all labels need below one another. */
static double labels_height(const struct plan *plan)
{
	return (double)plan->segment_count * LABEL_HEIGHT;
}

/* Where the labels go, by ascending address: near their segments, and none over another. */
static void place_labels(const struct plan *plan, const struct bar *bar, double height,
			 const struct plan_segment **order, double *places)
{
	size_t count = plan->segment_count;
	double limit = height;

	for (size_t i = 0; i < count; i++)
		order[i] = &plan->segments[i];
	qsort(order, count, sizeof(*order), compare_segments);
	for (size_t i = 0; i < count; i++) {
		double wish = (svg_bar_place(&bar->layout, order[i]->destination.start) +
			       svg_bar_place(&bar->layout, order[i]->destination.end)) /
				  2 -
			      LABEL_HEIGHT / 2.0;

		if (i && wish < places[i - 1] + LABEL_HEIGHT)
			wish = places[i - 1] + LABEL_HEIGHT;
		places[i] = wish > 0 ? wish : 0;
	}
	for (size_t i = count; i-- > 0; limit = places[i])
		if (places[i] > limit - LABEL_HEIGHT)
			places[i] = limit - LABEL_HEIGHT;
}

static void draw_label(FILE *out, const struct plan *plan, const struct plan_segment *segment,
		       double from, double y)
{
	double middle = y + LABEL_HEIGHT / 2.0;
	char memory[32], content[32];

	fprintf(out, "<path class=\"leader\" d=\"M%d %.2f L%d %.2f L%d %.2f L%d %.2f\"/>\n",
		NEAR_X + BAR_WIDTH, from, NEAR_X + BAR_WIDTH + 12, from, LABEL_X - 12, middle,
		LABEL_X, middle);
	rectangle(out, LABEL_X, y + 5, 6, LABEL_HEIGHT - 10, colour_of(plan, segment));
	text_start(out, LABEL_X + 14, y + 17, "name");
	svg_put_text(out, segment->name, CHECK_NAME_SIZE);
	fprintf(out, "<tspan class=\"plain\" dx=\"10\">%s",
		size_text(range_size(segment->destination), memory, sizeof(memory)));
	if (segment->content_size < range_size(segment->destination))
		fprintf(out, ", of which %s are filled",
			size_text(segment->content_size, content, sizeof(content)));
	fputs("</tspan>", out);
	text_end(out);
	text_start(out, LABEL_X + 14, y + 33, "mono");
	fprintf(out, "0x%010" PRIx64 "-0x%010" PRIx64, segment->destination.start,
		segment->destination.end);
	if (plan->check && segment->checked_size)
		fprintf(out, ", XXH3 %016" PRIx64, segment->digest);
	else
		fputs(", unchecked", out);
	text_end(out);
}

static void draw_labels(FILE *out, const struct plan *plan, const struct bar *bar, double top,
			double height)
{
	const struct plan_segment *order[PLAN_SEGMENTS_MAX];
	double places[PLAN_SEGMENTS_MAX];

	place_labels(plan, bar, height, order, places);
	for (size_t i = 0; i < plan->segment_count; i++) {
		double middle = (svg_bar_place(&bar->layout, order[i]->destination.start) +
				 svg_bar_place(&bar->layout, order[i]->destination.end)) /
				2;

		draw_label(out, plan, order[i], top + middle, top + places[i]);
	}
}

/* One entry of the legend; the place moves on. */
static void draw_key(FILE *out, double *x, double *y, const char *colour, const char *name)
{
	double width = 34 + 6.6 * (double)strlen(name);

	if (*x + width > WIDTH - MARGIN) {
		*x = MARGIN;
		*y += LINE + 4;
	}
	fprintf(out,
		"<rect class=\"key\" x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"12\" "
		"fill=\"%s\"/>\n",
		*x, *y - 10, colour);
	text_start(out, *x + 20, *y, "plain");
	svg_put_text(out, name, TEXT_MAX);
	text_end(out);
	*x += width;
}

static bool tells_of(const struct plan *plan, const struct kind *kind)
{
	for (size_t i = 0; i < plan->told.count; i++)
		if (kind_of(plan->told.regions[i].type) == kind)
			return true;
	return false;
}

/* Below `y`; where it ends. */
static double draw_legend(FILE *out, const struct plan *plan, double y)
{
	double x = MARGIN;

	draw_key(out, &x, &y, USABLE_COLOUR, "RAM where segments may lie");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (tells_of(plan, &kinds[i]))
			draw_key(out, &x, &y, kinds[i].colour, kinds[i].name);
	y += LINE + 6;
	text_start(out, MARGIN, y, "faint");
	fputs("Low addresses are at the top. Each bar is to scale, but long stretches are left out "
	      "at a zigzag, and no segment is drawn thinner than can be seen.",
	      out);
	text_end(out);
	return y;
}

static double put_line(FILE *out, double y, const char *title, const char *text)
{
	text_start(out, MARGIN, y, "head");
	fputs(title, out);
	text_end(out);
	text_start(out, MARGIN + 110, y, "plain");
	svg_put_text(out, text, TEXT_MAX);
	text_end(out);
	return y + LINE;
}

static double put_files(FILE *out, double y, const char *title, const struct blob *blob)
{
	for (size_t i = 0; blob && i < blob->file_count && i < FILES_MAX; i++) {
		char size[32];

		text_start(out, MARGIN, y, "head");
		fputs(i ? "" : title, out);
		text_end(out);
		text_start(out, MARGIN + 110, y, "plain");
		if (i + 1 == FILES_MAX && blob->file_count > FILES_MAX) {
			fprintf(out, "and %zu more", blob->file_count - i);
		} else {
			svg_put_path(out, blob->files[i].path, TEXT_MAX - 20);
			fprintf(out, ", %s", size_text(blob->files[i].size, size, sizeof(size)));
		}
		text_end(out);
		y += LINE;
	}
	return y;
}

/* The lines over the picture; where they end. */
static double draw_head(FILE *out, const struct plan *plan)
{
	double y = MARGIN + 14;

	text_start(out, MARGIN, y, "title");
	fputs(*plan->kernel_version ? "Linux " : "Plan of a load", out);
	svg_put_text(out, plan->kernel_version, 60);
	text_end(out);
	y += LINE + 8;
	text_start(out, MARGIN, y, "head");
	fputs("method", out);
	text_end(out);
	text_start(out, MARGIN + 110, y, "plain");
	fprintf(out, "%s (%s), because ", plan_method_name(plan->method),
		plan_method_call(plan->method));
	svg_put_text(out, plan->method_reason, TEXT_MAX - 36);
	text_end(out);
	y = put_line(out, y + LINE, "command line", plan->command_line);
	y = put_files(out, y, "kernel", plan->kernel);
	y = put_files(out, y, "initrd", plan->initrds);
	for (size_t i = 0; i < plan->note_count && i < NOTES_MAX; i++)
		y = put_line(out, y, plan->notes[i].weight == PLAN_WARNING ? "warning" : "note",
			     plan->notes[i].text);
	return y;
}

static void start_picture(FILE *out, double height)
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

/* For a segments plan: from `y` on; where it ends. */
static double draw_memory(FILE *out, const struct plan *plan, const struct bar *all,
			  const struct bar *near, double y)
{
	double top = y + 2 * LINE, height = labels_height(plan);

	if (height < all->layout.height)
		height = all->layout.height;
	if (height < near->layout.height)
		height = near->layout.height;
	connect_bars(out, all, near, top, plan);
	draw_bar(out, all, top, plan, "overview");
	draw_addresses(out, all, top);
	draw_bar(out, near, top, plan, "segment");
	draw_labels(out, plan, near, top, height);
	return draw_legend(out, plan, top + height + 2 * LINE);
}

static double draw_no_memory(FILE *out, double y)
{
	text_start(out, MARGIN, y + LINE, "plain");
	fputs("The running kernel places the segments, so there is no picture of them. They are "
	      "unstamped, and checked only where it has a purgatory of its own.",
	      out);
	text_end(out);
	return y + LINE;
}

static void bar_fini(struct bar *bar)
{
	svg_bar_fini(&bar->layout);
}

int plan_show_svg(const struct plan *plan, FILE *out)
{
	cleanup_with(bar_fini) struct bar all = {.title = "all memory", .x = ALL_X};
	cleanup_with(bar_fini) struct bar near = {.title = "around the segments", .x = NEAR_X};
	cleanup_free char *body = NULL;
	size_t size = 0;
	FILE *drawing;
	double y;

	if (svg_bar_of_all(&all.layout, plan) < 0 || svg_bar_of_segments(&near.layout, plan) < 0)
		return -ENOMEM;
	drawing = open_memstream(&body, &size);
	if (!drawing)
		return -ENOMEM;
	y = draw_head(drawing, plan);
	y = plan->method == PLAN_SEGMENTS ? draw_memory(drawing, plan, &all, &near, y)
					  : draw_no_memory(drawing, y);
	if (fclose(drawing) != 0)
		return -ENOMEM;
	start_picture(out, y + MARGIN);
	fwrite(body, 1, size, out);
	fputs("</svg>\n", out);
	return 0;
}
