/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/kaslr-options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "boot/command-line.h"

#define HUGE_PAGE (UINT64_C(1) << 30)

enum { WORD_MAX = 512 };

static const char not_understood[] = "its command line has a mem=, memmap= or hugepages= that is "
				     "not understood here";

/* A number with a suffix, as memparse() of the kernel takes it. False when there is none, or it
 * passes 2^64. */
static bool take_size(const char **text, uint64_t *size)
{
	static const char suffixes[] = "kmgtpe";
	const char *suffix;
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*size = strtoull(*text, &end, 0);
	if (errno)
		return false;
	suffix = *end ? strchr(suffixes, *end | 0x20) : NULL;
	if (suffix) {
		unsigned int shift = 10 * (unsigned int)(suffix - suffixes + 1);

		if (*size << shift >> shift != *size)
			return false;
		*size <<= shift;
		end++;
	}
	*text = end;
	return true;
}

static void limit(struct kaslr_options *options, uint64_t end)
{
	if (end && end < options->memory_end)
		options->memory_end = end;
}

static int read_mem(struct kaslr_options *options, const char *value)
{
	uint64_t size;

	if (strcmp(value, "nopentium") == 0)
		return 0;
	if (take_size(&value, &size) && !*value)
		limit(options, size);
	else
		options->obstacle = not_understood;
	return 0;
}

/* memmap=SIZE, SIZE@START, SIZE$START, SIZE#START, SIZE!START, SIZE%START-OLD+NEW. */
static int read_memmap_part(struct kaslr_options *options, const char *part)
{
	uint64_t size, start = 0;
	struct range range;
	char kind;

	if (!take_size(&part, &size) ||
	    ((kind = *part) != '\0' && (part++, !take_size(&part, &start))) ||
	    (*part && kind != '%') || !range_from_size(start, size, &range)) {
		options->obstacle = not_understood;
		return 0;
	}
	switch (kind) {
	case '\0':
		limit(options, size);
		return 0;
	case '@': /* memory that is there: nothing is taken */
		return 0;
	case '$':
	case '#':
	case '!':
	case '%':
		return map_add(&options->taken, range, 0, "memmap");
	default:
		options->obstacle = not_understood;
		return 0;
	}
}

static int read_memmap(struct kaslr_options *options, char *value)
{
	char *rest = value, *part;
	int r = 0;

	while (r == 0 && (part = strsep(&rest, ",")))
		if (strcmp(part, "exactmap") == 0)
			options->obstacle = "memmap=exactmap is on its command line";
		else
			r = read_memmap_part(options, part);
	return r;
}

/* Which page size hugepages= is about, as the words come. */
struct huge {
	bool size_given, is_huge;
	bool default_is_huge;
	uint64_t without_size; /* pages of hugepages= before any hugepagesz= */
	uint64_t pages;
};

static bool is_huge(const char *value)
{
	uint64_t size;

	return take_size(&value, &size) && size == HUGE_PAGE;
}

/* N, or NODE:N with commas between. */
static bool count_pages(char *value, uint64_t *count)
{
	char *rest = value, *part;

	*count = 0;
	while ((part = strsep(&rest, ","))) {
		const char *number = strchr(part, ':') ? strchr(part, ':') + 1 : part;
		uint64_t pages;

		if (!take_size(&number, &pages) || *number || pages > UINT64_MAX - *count)
			return false;
		*count += pages;
	}
	return true;
}

static void read_huge(struct kaslr_options *options, struct huge *huge, const char *name,
		      char *value)
{
	uint64_t pages;

	if (strcmp(name, "hugepagesz") == 0) {
		huge->size_given = true;
		huge->is_huge = is_huge(value);
	} else if (strcmp(name, "default_hugepagesz") == 0) {
		huge->default_is_huge = is_huge(value);
	} else if (!count_pages(value, &pages)) {
		options->obstacle = not_understood;
	} else if (!huge->size_given) {
		huge->without_size = pages;
	} else if (huge->is_huge) {
		huge->pages = pages;
	}
}

static int read_word(struct kaslr_options *options, struct huge *huge, char *word)
{
	char *value = word;
	const char *name = strsep(&value, "=");

	if (strcmp(name, "movable_node") == 0)
		options->obstacle = "movable_node is on its command line, and which memory can be "
				    "taken away is not known here";
	if (strcmp(name, "kernelcore") == 0 && value && strcmp(value, "mirror") == 0)
		options->obstacle = "kernelcore=mirror is on its command line, and which memory is "
				    "mirrored is not known here";
	if (!value)
		return 0;
	if (strcmp(name, "mem") == 0)
		return read_mem(options, value);
	if (strcmp(name, "memmap") == 0)
		return read_memmap(options, value);
	if (strcmp(name, "hugepagesz") == 0 || strcmp(name, "default_hugepagesz") == 0 ||
	    strcmp(name, "hugepages") == 0)
		read_huge(options, huge, name, value);
	return 0;
}

/* Of the words that matter none is longer, or has quotes; what is cut is not understood. */
static void copy_word(char to[WORD_MAX], const char *word, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used < WORD_MAX - 1; i++)
		if (word[i] != '"')
			to[used++] = word[i];
	to[used] = '\0';
}

int kaslr_options_read(struct kaslr_options *options, const char *command_line)
{
	struct huge huge = {};
	const char *word;
	size_t length;
	int r = 0;

	*options = (struct kaslr_options){.off = command_line_has_flag(command_line, "nokaslr"),
					  .memory_end = UINT64_MAX};
	while (r == 0 && words_next(&command_line, &word, &length)) {
		char copy[WORD_MAX];

		if (length == 2 && memcmp(word, "--", 2) == 0)
			break;
		if (length >= WORD_MAX && (word_is(word, length, "memmap")))
			options->obstacle = not_understood;
		copy_word(copy, word, length);
		r = read_word(options, &huge, copy);
	}
	options->huge_pages = huge.pages;
	if (huge.default_is_huge)
		options->huge_pages += huge.without_size;
	map_normalise(&options->taken);
	return r;
}

void kaslr_options_fini(struct kaslr_options *options)
{
	map_fini(&options->taken);
}
