/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "Point" is one of the specification's section "Version Comparison". */
#include "base/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Not those of ctype.h: the locale must not decide. */
static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

static bool is_letter(char character)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

static int order(bool a, bool b)
{
	return (int)a - (int)b;
}

/* Point 1. */
static void skip_separators(const char **at)
{
	while (**at && !is_digit(**at) && !is_letter(**at) && !strchr("-.~^", **at))
		(*at)++;
}

/* Points 2, 4, 5 and 6: the one that has the mark compares lower. */
static int compare_mark(char mark, const char **a, const char **b)
{
	int r = order(**a != mark, **b != mark);

	if (r == 0 && **a == mark) {
		(*a)++;
		(*b)++;
	}
	return r;
}

/* Length of the digits there, behind leading zeros, which are skipped. */
static size_t number_length(const char **at)
{
	size_t length = 0;

	while (**at == '0')
		(*at)++;
	while (is_digit((*at)[length]))
		length++;
	return length;
}

/* Point 7. None at all is 0, as "000" is. */
static int compare_numbers(const char **a, const char **b)
{
	size_t a_length = number_length(a), b_length = number_length(b);
	int r;

	if (a_length != b_length)
		return a_length < b_length ? -1 : 1;
	r = strncmp(*a, *b, a_length);
	*a += a_length;
	*b += b_length;
	return r;
}

/* Point 8. Capital letters come before small ones in ASCII, too. */
static int compare_letters(const char **a, const char **b)
{
	while (is_letter(**a) && **a == **b) {
		(*a)++;
		(*b)++;
	}
	if (is_letter(**a) && is_letter(**b))
		return **a < **b ? -1 : 1;
	return order(is_letter(**a), is_letter(**b));
}

int version_compare(const char *a, const char *b)
{
	for (;;) {
		int r;

		skip_separators(&a);
		skip_separators(&b);
		r = compare_mark('~', &a, &b);
		if (r != 0)
			return r;
		if (!*a || !*b)
			return order(*a, *b);
		r = compare_mark('-', &a, &b);
		if (r == 0)
			r = compare_mark('^', &a, &b);
		if (r == 0)
			r = compare_mark('.', &a, &b);
		if (r == 0)
			r = is_digit(*a) || is_digit(*b) ? compare_numbers(&a, &b)
							 : compare_letters(&a, &b);
		if (r != 0)
			return r;
	}
}
