/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/glob.h"

#include <stddef.h>

static unsigned char folded(char character)
{
	return (unsigned char)(character >= 'A' && character <= 'Z' ? character - 'A' + 'a'
								    : character);
}

/* Whether a set matches; *end becomes what is behind it. NULL: it is never closed. */
static bool set_matches(const char *set, unsigned char character, const char **end)
{
	bool matches = false;

	*end = NULL;
	/* A bracket that comes first is one of the set. */
	for (const char *at = set; *at && (*at != ']' || at == set); at++) {
		unsigned char first = folded(*at), last = first;

		if (at[1] == '-' && at[2] && at[2] != ']') {
			last = folded(at[2]);
			at += 2;
		}
		matches = matches || (first <= character && character <= last);
		if (at[1] == ']')
			*end = at + 2;
	}
	return matches && *end;
}

/* Whether what the pattern begins with, no star, matches a character; *pattern goes behind it. */
static bool one_matches(const char **pattern, char character)
{
	const char *at = *pattern, *end;
	bool matches;

	if (*at == '?') {
		*pattern = at + 1;
		return true;
	}
	if (*at == '[') {
		matches = set_matches(at + 1, folded(character), &end);
		if (end) {
			*pattern = end;
			return matches;
		}
	}
	if (*at == '\\' && at[1])
		at++;
	*pattern = at + 1;
	return *at && folded(*at) == folded(character);
}

bool glob_match(const char *pattern, const char *text)
{
	const char *behind_star = NULL, *from = NULL;

	for (;;) {
		while (*pattern == '*') {
			behind_star = ++pattern;
			from = text;
		}
		if (!*text && !*pattern)
			return true;
		if (*text && one_matches(&pattern, *text)) {
			text++;
			continue;
		}
		/* Only the last star need be tried with one character more. */
		if (!behind_star || !*from)
			return false;
		pattern = behind_star;
		text = ++from;
	}
}
