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

#include "base/cleanup.h"
#include "base/svg-text.h"
#include "plan/plan.h"
#include "plan/show.h"
#include "plan/size-text.h"
#include "plan/svg-bar.h"
#include "plan/svg-page.h"

/* A bar, and where it is drawn. */
struct bar {
	const char *title;
	int x;
	struct svg_bar layout;
};

enum {
	BAR_WIDTH = 96,
	ALL_X = 150,
	NEAR_X = 370,
	LABEL_X = 540,
	LABEL_HEIGHT = 40,
};

static const char *const segment_colours[] = {
    "#1f6fb4", "#e8862d", "#8e5bb5", "#c8342f", "#13938a", "#8a5a3b", "#d257a0", "#6b7d12",
};

static const char *colour_of(const struct plan *plan, const struct plan_segment *segment)
{
	size_t index = (size_t)(segment - plan->segments);

	return segment_colours[index % (sizeof(segment_colours) / sizeof(*segment_colours))];
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
	svg_start_text(out, bar->x, top - 10, "head");
	fprintf(out, "%s", bar->title);
	svg_end_text(out);
	for (size_t i = 0; i < plan->told.count; i++)
		draw_range(out, bar, top, plan->told.regions[i].range,
			   svg_memory_colour(plan->told.regions[i].type));
	for (size_t i = 0; i < plan->usable.count; i++)
		draw_range(out, bar, top, plan->usable.regions[i].range, SVG_USABLE_COLOUR);
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
	double last = -SVG_LINE;

	for (size_t i = 0; i < bar->layout.count; i++) {
		const struct svg_slice *slice = &bar->layout.slices[i];
		bool border = i == 0 || slice->broken != bar->layout.slices[i - 1].broken ||
			      slice->height >= 3 * SVG_LINE;

		if (!border || slice->y < last + SVG_LINE ||
		    slice->y > bar->layout.height - SVG_LINE)
			continue;
		svg_start_text(out, bar->x - 8, top + slice->y + 4, "address");
		fprintf(out, "0x%" PRIx64, slice->range.start);
		svg_end_text(out);
		last = slice->y;
	}
	svg_start_text(out, bar->x - 8, top + bar->layout.height + 4, "address");
	fprintf(out, "0x%" PRIx64,
		bar->layout.count ? bar->layout.slices[bar->layout.count - 1].range.end : 0);
	svg_end_text(out);
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
	svg_start_text(out, LABEL_X + 14, y + 17, "name");
	svg_put_text(out, segment->name, CHECK_NAME_SIZE);
	fprintf(out, "<tspan class=\"plain\" dx=\"10\">%s",
		size_text(range_size(segment->destination), memory, sizeof(memory)));
	if (segment->content_size < range_size(segment->destination))
		fprintf(out, ", of which %s are filled",
			size_text(segment->content_size, content, sizeof(content)));
	fputs("</tspan>", out);
	svg_end_text(out);
	svg_start_text(out, LABEL_X + 14, y + 33, "mono");
	fprintf(out, "0x%010" PRIx64 "-0x%010" PRIx64, segment->destination.start,
		segment->destination.end);
	if (plan_tells_digest(plan, segment))
		fprintf(out, ", XXH3 %016" PRIx64, segment->digest);
	else if (plan->check && segment->checked_size)
		fputs(", checked", out);
	else
		fputs(", unchecked", out);
	svg_end_text(out);
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

/* For a segments plan: from `y` on; where it ends. */
static double draw_memory(FILE *out, const struct plan *plan, const struct bar *all,
			  const struct bar *near, double y)
{
	double top = y + 2 * SVG_LINE, height = labels_height(plan);

	if (height < all->layout.height)
		height = all->layout.height;
	if (height < near->layout.height)
		height = near->layout.height;
	connect_bars(out, all, near, top, plan);
	draw_bar(out, all, top, plan, "overview");
	draw_addresses(out, all, top);
	draw_bar(out, near, top, plan, "segment");
	draw_labels(out, plan, near, top, height);
	return svg_put_legend(out, plan, top + height + 2 * SVG_LINE);
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
	y = svg_put_head(drawing, plan);
	y = plan->method == PLAN_SEGMENTS ? draw_memory(drawing, plan, &all, &near, y)
					  : svg_put_no_memory(drawing, y);
	if (fclose(drawing) != 0)
		return -ENOMEM;
	svg_start_page(out, y + SVG_MARGIN);
	fwrite(body, 1, size, out);
	fputs("</svg>\n", out);
	return 0;
}
