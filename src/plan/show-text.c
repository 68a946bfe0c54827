/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/printable.h"
#include "plan/plan.h"
#include "plan/show.h"
#include "plan/size-text.h"

enum {
	COLUMNS = 64,
	ROWS_MAX = 16,
	CELLS_MAX = COLUMNS * ROWS_MAX,
};

#define SEVERAL_MARK '*'

static uint64_t ram_end(const struct plan *plan)
{
	uint64_t end = 0;

	for (size_t i = 0; i < plan->usable.count; i++)
		if (plan->usable.regions[i].range.end > end)
			end = plan->usable.regions[i].range.end;
	return end;
}

/* The mark of a segment: its name's first letter, capital; no two segments of a plan share one. */
static char mark_of(const struct plan_segment *segment)
{
	return (char)toupper((unsigned char)segment->name[0]);
}

/* What one cell of the drawing shows: segments win over memory, memory over nothing. */
static char cell_mark(const struct plan *plan, struct range cell)
{
	char mark = '\0';

	for (size_t i = 0; i < plan->segment_count; i++)
		if (range_overlaps(cell, plan->segments[i].destination))
			mark = mark ? SEVERAL_MARK : mark_of(&plan->segments[i]);
	if (mark)
		return mark;
	for (size_t i = 0; i < plan->usable.count; i++)
		if (range_overlaps(cell, plan->usable.regions[i].range))
			return '.';
	for (size_t i = 0; i < plan->told.count; i++)
		if (range_overlaps(cell, plan->told.regions[i].range))
			return '-';
	return ' ';
}

/* The last cell may end at 2^64, which a half-open range cannot say: it loses its last byte. */
static struct range cell_range(uint64_t row, uint64_t column, uint64_t cell)
{
	uint64_t start = row + column * cell;

	return (struct range){start, start + cell > start ? start + cell : UINT64_MAX};
}

static void draw_map(const struct plan *plan, FILE *out)
{
	uint64_t end = ram_end(plan), cell = PAGE_BYTES;
	char text[32];

	while (end > 0 && cell <= (end - 1) / CELLS_MAX)
		cell *= 2;
	fprintf(out,
		"\nmemory, to scale, one character is %s ('.' usable, '-' not usable, '*' several "
		"segments):\n",
		size_text(cell, text, sizeof(text)));
	for (uint64_t i = 0; i < ROWS_MAX; i++) {
		uint64_t row = i * COLUMNS * cell;
		char line[COLUMNS + 1] = "";

		if (row >= end)
			break;

		for (uint64_t column = 0; column < COLUMNS; column++)
			line[column] = cell_mark(plan, cell_range(row, column, cell));
		if (strspn(line, " ") < COLUMNS)
			fprintf(out, "  0x%010" PRIx64 " |%s|\n", row, line);
	}
}

static void list_segments(const struct plan *plan, FILE *out)
{
	char memory[32], content[32];

	fprintf(out, "\n     %-12s %-27s %11s %11s  %s\n", "segment", "destination", "memory",
		"content", "digest (XXH3)");
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];

		fprintf(out, "  %c  %-12s 0x%010" PRIx64 "-0x%010" PRIx64 "   %11s %11s  ",
			mark_of(segment), segment->name, segment->destination.start,
			segment->destination.end,
			size_text(range_size(segment->destination), memory, sizeof(memory)),
			size_text(segment->content_size, content, sizeof(content)));
		if (plan_tells_digest(plan, segment))
			fprintf(out, "%016" PRIx64 "\n", segment->digest);
		else if (plan->check && segment->checked_size)
			fprintf(out, "checked; not shown, for a secret is in it\n");
		else
			fprintf(out, "unchecked\n");
	}
	fprintf(out, "\nentry: 0x%" PRIx64 " (purgatory)\n", plan->entry);
}

/* A line of text that may come from anywhere. */
static void list_text(const char *title, const char *text, FILE *out)
{
	fprintf(out, "%-13s ", title);
	print_printable(out, text);
	fputc('\n', out);
}

static void list_files(const char *title, const struct blob *blob, FILE *out)
{
	char text[32];

	for (size_t i = 0; blob && i < blob->file_count; i++) {
		fprintf(out, "%-13s ", title);
		print_printable(out, blob->files[i].path);
		fprintf(out, ", %s\n", size_text(blob->files[i].size, text, sizeof(text)));
	}
}

static void list_added_files(const struct plan *plan, FILE *out)
{
	char text[32];

	for (size_t i = 0; i < plan->added_file_count; i++) {
		fprintf(out, "%-13s ", "added file:");
		print_printable(out, plan->added_files[i].path);
		fprintf(out, ", mode %04" PRIo32 ", %s\n", plan->added_files[i].mode,
			size_text(plan->added_files[i].size, text, sizeof(text)));
	}
}

static void tell_kind(const struct plan *plan, FILE *out)
{
	char size[32];

	if (plan->kind != PLAN_CRASH)
		return;
	fprintf(out, "%-13s a panic\n", "loaded for:");
	if (range_size(plan->reservation))
		fprintf(out, "%-13s 0x%" PRIx64 "-0x%" PRIx64 ", %s\n",
			"reservation:", plan->reservation.start, plan->reservation.end,
			size_text(range_size(plan->reservation), size, sizeof(size)));
	if (plan->hotplug)
		fprintf(out, "%-13s the kernel itself keeps elfcorehdr up to date\n", "hotplug:");
}

void plan_show_text(const struct plan *plan, FILE *out)
{
	tell_kind(plan, out);
	fprintf(out, "%-13s %s (%s), because ", "method:", plan_method_name(plan->method),
		plan_method_call(plan->method));
	print_printable(out, plan->method_reason);
	fputc('\n', out);
	fprintf(out, "%-13s %s, because ", "form:", plan_form_name(plan->form));
	print_printable(out, plan->form_reason);
	fputc('\n', out);
	list_text("protocol:", plan->protocol, out);
	list_files("kernel:", plan->wrapped ? plan->wrapped : plan->kernel, out);
	if (*plan->kernel_version)
		list_text("version:", plan->kernel_version, out);
	list_files("initrd:", plan->initrds, out);
	list_added_files(plan, out);
	list_text("command line:", plan->command_line, out);
	for (size_t i = 0; i < plan->note_count; i++)
		list_text(plan->notes[i].weight == PLAN_WARNING ? "warning:" : "note:",
			  plan->notes[i].text, out);
	if (plan->method == PLAN_SEGMENTS) {
		draw_map(plan, out);
		list_segments(plan, out);
	} else {
		fprintf(out, "\nsegments:     placed by the kernel; unstamped, and checked only "
			     "where the kernel has a purgatory of its own\n");
	}
}
