/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "boot/command-line.h"
#include "machine/memory.h"

enum { KIB = 1024 };

/* One line, whose end is a NUL: the word behind "remove" or "add", or NULL for neither. */
static const char *parse_line(char *line, bool *added, bool *empty)
{
	const char *at = line, *verb, *word, *more;
	size_t verb_length, word_length, more_length;

	*empty = !words_next(&at, &verb, &verb_length) || *verb == '#';
	if (*empty || !words_next(&at, &word, &word_length) || words_next(&at, &more, &more_length))
		return NULL;
	*added = verb_length == 3 && strncmp(verb, "add", 3) == 0;
	if (!*added && !(verb_length == 6 && strncmp(verb, "remove", 6) == 0))
		return NULL;
	line[word - line + (ptrdiff_t)word_length] = '\0';
	return word;
}

static size_t count_lines(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* Takes the words of one kind; false for a line that cannot be understood, whose number it is. */
static bool take_words(struct crash_words *words, char *copy, bool wanted, size_t *count,
		       size_t *line_number)
{
	char *rest = copy;

	*line_number = 0;
	while (rest) {
		char *line = strsep(&rest, "\n");
		bool added = false, empty;
		const char *word = parse_line(line, &added, &empty);

		(*line_number)++;
		if (!word && !empty)
			return false;
		if (word && added == wanted)
			words->words[words->removed_count + words->added_count + (*count)++] = word;
	}
	return true;
}

int crash_words_parse(struct crash_words *words, const char *text, const char *name,
		      struct error *error)
{
	size_t size = strlen(text) + 1, line, count = 0;
	bool right;

	/* Twice: each pass cuts its own copy into words. */
	*words = (struct crash_words){.text = malloc(2 * size),
				      .words = calloc(count_lines(text), sizeof(*words->words))};
	if (!words->text || !words->words)
		return error_memory(error, "read words for a crash kernel");
	memcpy(words->text, text, size);
	memcpy(words->text + size, text, size);
	right = take_words(words, words->text, false, &count, &line);
	words->removed_count = count;
	count = 0;
	right = right && take_words(words, words->text + size, true, &count, &line);
	words->added_count = count;
	if (!right)
		return error_add(error, ERROR_FILE, 0, "read words for a crash kernel", name,
				 "line %zu is neither \"add WORD\" nor \"remove WORD\"", line);
	return 0;
}

void crash_words_fini(struct crash_words *words)
{
	free(words->text);
	free(words->words);
	*words = (struct crash_words){};
}

char *crash_reuse_command_line(const char *running, const struct crash_words *words)
{
	static const char *const always[] = {"crashkernel", "mem", "memmap"};
	cleanup_free char *clean = command_line_clean(running), *without = NULL;

	if (clean)
		without =
		    command_line_change(clean, always, sizeof(always) / sizeof(*always), NULL, 0);
	if (!without || !words)
		return steal_pointer(without);
	return command_line_change(without, words->words, words->removed_count,
				   words->words + words->removed_count, words->added_count);
}

/* By what follows the size: Documentation/admin-guide/kernel-parameters.txt, "memmap=". */
static char memmap_mark(uint32_t type)
{
	switch (type) {
	case MEMORY_RAM:
		return '@';
	case MEMORY_ACPI_TABLES:
	case MEMORY_ACPI_NVS:
		return '#';
	case MEMORY_PERSISTENT:
	case MEMORY_PERSISTENT_LEGACY:
		return '!';
	default:
		return '$';
	}
}

/* In KiB: what is RAM is rounded down to whole ones, what is not is rounded up. */
static void print_memmap(FILE *out, const struct region *region)
{
	uint64_t start = region->range.start, end = region->range.end;

	if (region->type == MEMORY_RAM) {
		if (!align_up(start, KIB, &start))
			return;
		end = align_down(end, KIB);
	} else {
		start = align_down(start, KIB);
		if (!align_up(end, KIB, &end))
			end = align_down(UINT64_MAX, KIB);
	}
	if (start < end)
		fprintf(out, " memmap=%" PRIu64 "K%c%" PRIu64 "K", (end - start) / KIB,
			memmap_mark(region->type), start / KIB);
}

static void print_places(FILE *out, const struct crash_place_words *places)
{
	if (places->acpi_rsdp)
		fprintf(out, "acpi_rsdp=0x%" PRIx64 " ", places->acpi_rsdp);
	fprintf(out, "elfcorehdr=0x%" PRIx64, places->elfcorehdr);
	if (!places->told)
		return;
	fputs(" memmap=exactmap", out);
	for (size_t i = 0; i < places->told->count; i++)
		if (places->longest)
			fputs(" memmap=18014398509481983K$18014398509481983K", out);
		else
			print_memmap(out, &places->told->regions[i]);
}

char *crash_add_places(const char *command_line, const struct crash_place_words *places)
{
	static const char *const removed[] = {"elfcorehdr"};
	cleanup_free char *added = NULL;
	const char *one;
	size_t size = 0;
	FILE *out = open_memstream(&added, &size);
	bool failed;

	if (!out)
		return NULL;
	print_places(out, places);
	failed = ferror(out);
	/* Closing cuts the text to its length, and may find no memory for that. */
	if (fclose(out) != 0 || failed || !added)
		return NULL;
	one = added;
	return command_line_change(command_line, removed, 1, &one, 1);
}
