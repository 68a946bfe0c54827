/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words of a command line, and cleaning one. Input: the command line. */
#include "base/words.h"
#include "boot/command-line.h"
#include "target.h"

/* Every byte is in exactly one word or is white space between words. */
static void check_words(const char *text)
{
	const char *rest = text, *behind = text, *word;
	size_t length;

	while (words_next(&rest, &word, &length)) {
		require(length > 0 && word >= behind);
		require(strspn(behind, " \t\n\r\f\v") == (size_t)(word - behind));
		require(length <= strlen(word) && rest == word + length);
		require(!*rest || strchr(" \t\n\r\f\v", *rest));
		require(!strchr(" \t\n\r\f\v", *word));
		behind = rest;
	}
	require(!*rest && strspn(behind, " \t\n\r\f\v") == strlen(behind));
}

/* The words before "--" hold nothing that a boot loader or an earlier hand-over left. */
static void check_nothing_left_over(const char *clean)
{
	static const char *const names[] = {
	    "BOOT_IMAGE=", "initrd=", "elfcorehdr=", "acpi_rsdp=", "kexec_jump_back_entry="};
	const char *word;
	size_t length;

	while (words_next(&clean, &word, &length) && !(length == 2 && !memcmp(word, "--", 2)))
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			require(strncmp(word, names[i], strlen(names[i])) != 0);
}

/* Moves behind the first "--", or to the end. */
static void skip_to_init(const char **text)
{
	const char *word;
	size_t length;

	while (words_next(text, &word, &length))
		if (length == 2 && memcmp(word, "--", 2) == 0)
			return;
}

/* The words behind "--" are all there, in their order. */
static void check_init_words(const char *text, const char *clean)
{
	const char *a, *b;
	size_t a_length, b_length;

	skip_to_init(&text);
	skip_to_init(&clean);
	while (words_next(&text, &a, &a_length)) {
		require(words_next(&clean, &b, &b_length));
		require(a_length == b_length && memcmp(a, b, a_length) == 0);
	}
	require(!words_next(&clean, &b, &b_length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *clean, *again, *joined;

	check_words(text);
	clean = command_line_clean(text);
	require(clean && strlen(clean) <= strlen(text));
	check_words(clean);
	check_nothing_left_over(clean);
	check_init_words(text, clean);
	again = command_line_clean(clean);
	require(again && strcmp(again, clean) == 0);
	joined = words_join(clean, text);
	require(joined && strlen(joined) <= strlen(clean) + 1 + strlen(text));
	free(joined);
	free(again);
	free(clean);
	free(text);
	return 0;
}
