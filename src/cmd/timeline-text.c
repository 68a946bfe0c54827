/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>

#include "cmd/timeline-show.h"

enum { BAR_WIDTH = 40, TITLE_WIDTH = 28 };

const char *duration_text(uint64_t nanoseconds, char *text)
{
	double value = (double)nanoseconds;

	if (nanoseconds < 1000000)
		snprintf(text, DURATION_TEXT_SIZE, "%.1f us", value / 1e3);
	else if (nanoseconds < UINT64_C(1000000000))
		snprintf(text, DURATION_TEXT_SIZE, "%.1f ms", value / 1e6);
	else
		snprintf(text, DURATION_TEXT_SIZE, "%.2f s", value / 1e9);
	return text;
}

const char *timeline_stage_title(enum timeline_stage stage)
{
	static const char *const titles[] = {
	    [STAGE_SHUTDOWN] = "shutdown",      [STAGE_DEVICES] = "device shutdown, copy",
	    [STAGE_DIGEST] = "digest",          [STAGE_JUMP] = "jump to kernel clock",
	    [STAGE_KERNEL] = "kernel to /init", [STAGE_USER] = "user space",
	};

	return titles[stage];
}

const char *timeline_span_title(const struct timeline_span *span, char *text)
{
	size_t used = 0;

	*text = '\0';
	for (unsigned int i = span->from; i < span->to && used < SPAN_TITLE_SIZE; i++)
		used += (size_t)snprintf(text + used, SPAN_TITLE_SIZE - used, "%s%s",
					 used ? " + " : "", timeline_stage_title(i));
	return text;
}

bool timeline_blackout(const struct timeline *timeline, uint64_t *nanoseconds)
{
	const char *why;

	return timeline_between(timeline, POINT_JUMPED, POINT_INIT, nanoseconds, &why);
}

static void repeat(FILE *out, char character, double times)
{
	for (int i = 0; i < (int)(times + 0.5); i++)
		fputc(character, out);
}

/* Each bar begins where the one before ended; what took any time is seen. */
static void put_bar(FILE *out, double before, double length, double total)
{
	double columns = length / total * BAR_WIDTH;

	if (total <= 0)
		return;
	fputs("  ", out);
	repeat(out, ' ', before / total * BAR_WIDTH);
	repeat(out, '#', columns < 1 && length > 0 ? 1 : columns);
}

static void put_span(FILE *out, const struct timeline_span *span, double before, double total)
{
	char duration[DURATION_TEXT_SIZE], title[SPAN_TITLE_SIZE];

	fprintf(out, "%-*s %9s", TITLE_WIDTH,
		span->to == span->from + 1 ? timeline_stage_title((enum timeline_stage)span->from)
					   : "  these together",
		duration_text(span->nanoseconds, duration));
	put_bar(out, before, (double)span->nanoseconds, total);
	if (span->to > span->from + 1)
		fprintf(out, "  (%s)", timeline_span_title(span, title));
	fputc('\n', out);
}

static void put_unknown(FILE *out, const struct timeline *timeline, enum timeline_stage stage)
{
	uint64_t ignored;
	const char *why;

	timeline_between(timeline, (enum timeline_point)stage, (enum timeline_point)stage + 1,
			 &ignored, &why);
	fprintf(out, "%-*s %9s  %s\n", TITLE_WIDTH, timeline_stage_title(stage), "unknown", why);
}

static bool is_known(const struct timeline *timeline, enum timeline_stage stage)
{
	uint64_t ignored;
	const char *why;

	return timeline_between(timeline, (enum timeline_point)stage,
				(enum timeline_point)stage + 1, &ignored, &why);
}

static void put_totals(FILE *out, const struct timeline *timeline,
		       const struct purgatory_stamp *stamp)
{
	char text[DURATION_TEXT_SIZE];
	uint64_t blackout;

	if (timeline_blackout(timeline, &blackout))
		fprintf(out, "blackout, from the jump to /init: %s\n",
			duration_text(blackout, text));
	if (stamp && stamp->checked)
		fprintf(out,
			"verified before the jump: %" PRIu32 " segments, with registers of %" PRIu32
			" bits\n",
			stamp->checked, stamp->width);
	if (!timeline->apart && !timeline->points[POINT_KERNEL].unknown)
		fprintf(out, "the zero of the kernel's clock is known to %s\n",
			duration_text(timeline->uncertainty, text));
}

void timeline_show_text(const struct timeline *timeline, const struct purgatory_stamp *stamp,
			FILE *out)
{
	struct timeline_span spans[STAGE_COUNT];
	unsigned int count = timeline_spans(timeline, spans), at = 0;
	double total = 0, before = 0;

	for (unsigned int i = 0; i < count; i++)
		total += (double)spans[i].nanoseconds;
	for (unsigned int i = 0; i < STAGE_COUNT; i++) {
		if (!is_known(timeline, i))
			put_unknown(out, timeline, i);
		if (at == count || spans[at].to != i + 1)
			continue;
		put_span(out, &spans[at], before, total);
		before += (double)spans[at++].nanoseconds;
	}
	put_totals(out, timeline, stamp);
}
