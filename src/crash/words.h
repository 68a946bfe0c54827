/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words on a crash kernel's command line: those that people want there, from crash-words.conf, and
 * those that say where things are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/range.h"

struct error;

/* What crash-words.conf says. The words point into `text`. */
struct crash_words {
	char *text;         /* owned */
	const char **words; /* owned: those to be removed, then those to be added */
	size_t removed_count, added_count;
};

/*
 * Parses the file: a line is "remove WORD" or "add WORD", with blanks between; one that
 * begins with '#' is a comment. `name` is for messages. 0 or a negative errno with a failure added;
 * end it in any case.
 */
int crash_words_parse(struct crash_words *words, const char *text, const char *name,
		      struct error *error);
void crash_words_fini(struct crash_words *words);

/*
 * The running kernel's command line for a crash kernel: as command_line_clean(), and without what
 * is about that kernel's own memory, crashkernel=, mem= and memmap=, by which a crash kernel would
 * take memory that is in the dump; with `words`, which may be NULL, also changed as they say. NULL
 * without memory.
 */
char *crash_reuse_command_line(const char *running, const struct crash_words *words);

/* What the program itself puts on the command line. */
struct crash_place_words {
	uint64_t elfcorehdr;    /* physical address */
	uint64_t acpi_rsdp;     /* likewise; 0: not told */
	const struct map *told; /* as memmap= words; NULL: not told so */
	bool longest;           /* it may be told in longer words than these */
};

/*
 * What no other places are longer than, before there are addresses. Also where the map's ends will
 * be others, as long as there are not more of them.
 */
#define CRASH_LONGEST_PLACES                                                                       \
	(struct crash_place_words)                                                                 \
	{                                                                                          \
		.elfcorehdr = UINT64_MAX, .acpi_rsdp = UINT64_MAX, .longest = true                 \
	}

/*
 * The command line with those words behind its own, but before "--"; any elfcorehdr= that it had is
 * gone. NULL without memory; to be freed by the caller.
 */
char *crash_add_places(const char *command_line, const struct crash_place_words *places);
