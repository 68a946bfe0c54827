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
		for_init = for_init || (length == 2 && memcmp(word, "--", 2) == 0);
		if (used)
			clean[used++] = ' ';
		memcpy(clean + used, word, length);
		used += length;
	}
	clean[used] = '\0';
	return clean;
}

bool command_line_limits_memory(const char *command_line)
{
	const char *word;
	size_t length;

	while (words_next(&command_line, &word, &length)) {
		if (length == 2 && memcmp(word, "--", 2) == 0)
			return false;
		if (word_is(word, length, "mem") || word_is(word, length, "memmap"))
			return true;
	}
	return false;
}
