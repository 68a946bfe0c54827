/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool words_next(const char **text, const char **word, size_t *length)
{
	const char *at = *text;
	bool quoted = false;

	while (is_blank(*at))
		at++;
	*word = at;
	while (*at && (quoted || !is_blank(*at))) {
		if (*at == '"')
			quoted = !quoted;
		at++;
	}
	*length = (size_t)(at - *word);
	*text = at;
	return *length > 0;
}

bool word_is(const char *word, size_t length, const char *name)
{
	size_t name_length = strlen(name);

	if (length > 0 && *word == '"') {
		word++;
		length--;
	}
	return length >= name_length && strncmp(word, name, name_length) == 0 &&
	       (length == name_length || word[name_length] == '=' || word[name_length] == '"');
}

char *words_join(const char *first, const char *second)
{
	size_t size;
	char *joined;

	first = first ? first : "";
	second = second ? second : "";
	size = strlen(first) + strlen(second) + 2;
	joined = malloc(size);
	if (joined)
		snprintf(joined, size, "%s%s%s", first, *first && *second ? " " : "", second);
	return joined;
}
