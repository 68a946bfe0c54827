/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The timeline as a picture: a row for each stage, its bar where the one before ended. */
#include "base/svg-text.h"
#include "cmd/timeline-show.h"

enum {
	WIDTH = 1000,
	MARGIN = 24,
	ROW = 30,
	BAR_HEIGHT = 18,
	BAR_X = 290,
	BAR_WIDTH = WIDTH - BAR_X - MARGIN,
	TOP = 70,
	TEXT_MAX = 110,
};

static const char *const colours[] = {"#8a5a3b", "#c8342f", "#8e5bb5",
				      "#e8862d", "#1f6fb4", "#13938a"};

static void start_page(FILE *out, int height)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
		"height=\"%d\" viewBox=\"0 0 %d %d\">\n"
		"<style type=\"text/css\">\n"
		"text { font-family: sans-serif; font-size: 12px; fill: #1d2733; }\n"
		"text.title { font-size: 20px; font-weight: bold; }\n"
		"text.name { font-weight: bold; }\n"
		"text.number { font-family: monospace; text-anchor: end; }\n"
		"text.faint { font-size: 11px; fill: #5b6673; }\n"
		"</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
		WIDTH, height, WIDTH, height);
}

static void text(FILE *out, double x, double y, const char *style, const char *words)
{
	svg_start_text(out, x, y, style);
	svg_put_text(out, words, TEXT_MAX);
	svg_end_text(out);
}

static void draw_span(FILE *out, const struct timeline_span *span, double y, double before,
		      double total)
{
	double scale = total > 0 ? BAR_WIDTH / total : 0;
	double width = (double)span->nanoseconds * scale;
	char duration[DURATION_TEXT_SIZE], title[SPAN_TITLE_SIZE];

	text(out, BAR_X - 12, y + 13, "number", duration_text(span->nanoseconds, duration));
	fprintf(out, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" fill=\"%s\"><title>",
		BAR_X + before * scale, y, width < 1 ? 1 : width, BAR_HEIGHT, colours[span->from]);
	svg_put_text(out, timeline_span_title(span, title), TEXT_MAX);
	fputs("</title></rect>\n", out);
}

static void draw_unknown(FILE *out, const struct timeline *timeline, enum timeline_stage stage,
			 double y)
{
	uint64_t ignored;
	const char *why;

	if (timeline_between(timeline, (enum timeline_point)stage, (enum timeline_point)stage + 1,
			     &ignored, &why))
		return;
	text(out, BAR_X - 12, y + 13, "number", "unknown");
	text(out, BAR_X, y + 13, "faint", why);
}

/* Below the last of the stages of which only the sum is known. */
static double draw_together(FILE *out, const struct timeline_span *span, double y, double before,
			    double total)
{
	text(out, MARGIN + 12, y + 13, "faint", "these together");
	draw_span(out, span, y, before, total);
	return y + ROW;
}

static unsigned int rows(const struct timeline_span *spans, unsigned int count)
{
	unsigned int together = 0;

	for (unsigned int i = 0; i < count; i++)
		together += spans[i].to > spans[i].from + 1;
	return STAGE_COUNT + together;
}

void timeline_show_svg(const struct timeline *timeline, FILE *out)
{
	struct timeline_span spans[STAGE_COUNT];
	unsigned int count = timeline_spans(timeline, spans), at = 0;
	char words[80] = "Hand-over", duration[DURATION_TEXT_SIZE];
	double total = 0, before = 0, y = TOP;
	uint64_t blackout;

	for (unsigned int i = 0; i < count; i++)
		total += (double)spans[i].nanoseconds;
	if (timeline_blackout(timeline, &blackout))
		snprintf(words, sizeof(words), "Hand-over, %s from the jump to /init",
			 duration_text(blackout, duration));
	start_page(out, TOP + (int)rows(spans, count) * ROW + MARGIN);
	text(out, MARGIN, 40, "title", words);
	for (unsigned int i = 0; i < STAGE_COUNT; i++, y += ROW) {
		text(out, MARGIN, y + 13, "name", timeline_stage_title(i));
		draw_unknown(out, timeline, i, y);
		if (at == count || spans[at].to != i + 1)
			continue;
		if (spans[at].to > spans[at].from + 1)
			y = draw_together(out, &spans[at], y + ROW, before, total) - ROW;
		else
			draw_span(out, &spans[at], y, before, total);
		before += (double)spans[at++].nanoseconds;
	}
	fputs("</svg>\n", out);
}
