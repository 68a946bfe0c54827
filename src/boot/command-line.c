/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/command-line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"

static bool is_left_over(const char *word, size_t length)
{
	static const char *const names[] = {
	    "BOOT_IMAGE", "initrd", "elfcorehdr", "acpi_rsdp", "kexec_jump_back_entry",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (word_is(word, length, names[i]) && memchr(word, '=', length))
			return true;
	return false;
}

static bool is_init_mark(const char *word, size_t length)
{
	return length == 2 && memcmp(word, "--", 2) == 0;
}

char *command_line_clean(const char *running)
{
	char *clean = malloc(strlen(running) + 1);
	const char *word;
	size_t length, used = 0;
	bool for_init = false;

	if (!clean)
		return NULL;
	while (words_next(&running, &word, &length)) {
		if (!for_init && is_left_over(word, length))
			continue;
		for_init = for_init || is_init_mark(word, length);
		if (used)
			clean[used++] = ' ';
		memcpy(clean + used, word, length);
		used += length;
	}
	clean[used] = '\0';
	return clean;
}

bool command_line_has(const char *command_line, const char *name)
{
	const char *word;
	size_t length;

	while (words_next(&command_line, &word, &length) && !is_init_mark(word, length))
		if (word_is(word, length, name))
			return true;
	return false;
}

bool command_line_has_flag(const char *command_line, const char *flag)
{
	const char *word;
	size_t length;

	while (words_next(&command_line, &word, &length))
		if (length == strlen(flag) && memcmp(word, flag, length) == 0)
			return true;
	return false;
}

bool command_line_limits_memory(const char *command_line)
{
	return command_line_has(command_line, "mem") || command_line_has(command_line, "memmap");
}

static bool is_removed(const char *word, size_t length, const char *const *remove, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strchr(remove[i], '=')
			? strlen(remove[i]) == length && memcmp(remove[i], word, length) == 0
			: word_is(word, length, remove[i]))
			return true;
	return false;
}

/* A command line that grows word by word, in room enough for all. */
struct line {
	char *text;
	size_t used;
};

static void line_add(struct line *line, const char *word, size_t length)
{
	if (line->used)
		line->text[line->used++] = ' ';
	memcpy(line->text + line->used, word, length);
	line->used += length;
	line->text[line->used] = '\0';
}

char *command_line_change(const char *command_line, const char *const *remove, size_t remove_count,
			  const char *const *add, size_t add_count)
{
	size_t size = strlen(command_line) + 1, length, added = 0;
	struct line line = {};
	bool for_init = false;
	const char *word;

	for (size_t i = 0; i < add_count; i++)
		size += strlen(add[i]) + 1;
	line.text = calloc(1, size);
	if (!line.text)
		return NULL;
	while (words_next(&command_line, &word, &length)) {
		if (!for_init && is_removed(word, length, remove, remove_count))
			continue;
		for_init = for_init || is_init_mark(word, length);
		for (; for_init && added < add_count; added++)
			line_add(&line, add[added], strlen(add[added]));
		line_add(&line, word, length);
	}
	for (; added < add_count; added++)
		line_add(&line, add[added], strlen(add[added]));
	return line.text;
}
