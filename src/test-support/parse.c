/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/parse.h"

#include <string.h>

#include "test-support/test.h"

enum { WORDS_MAX = 12 };

int parse_words(struct command *command, const char *const *words, struct error *error)
{
	char *argv[WORDS_MAX + 2] = {"kexec"};
	int argc = 1;

	for (; *words; words++) {
		assert_true(argc <= WORDS_MAX);
		argv[argc++] = (char *)(uintptr_t)*words;
	}
	return options_parse(command, argc, argv, error);
}

/* The words of `text`, between blanks, in `buffer`. */
static void split(const char *text, char *buffer, const char **words)
{
	size_t count = 0;
	char *rest;

	strcpy(buffer, text);
	for (char *word = strtok_r(buffer, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count] = NULL;
}

int parse_text(struct command *command, const char *text, struct error *error)
{
	static char buffer[512];
	const char *words[WORDS_MAX + 1];

	split(text, buffer, words);
	return parse_words(command, words, error);
}
