/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of rpm's versions, by which Fedora's GRUB sorts. */
#include <string.h>

#include "entry/grub-bls.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static size_t span(const char *text, bool (*belongs)(char))
{
	size_t length = 0;

	while (belongs(text[length]))
		length++;
	return length;
}

static void skip_to_segment(const char **text)
{
	while (**text && !is_digit(**text) && !is_letter(**text) && **text != '~')
		(*text)++;
}

static int compare_segments(const char *a, size_t a_length, const char *b, size_t b_length,
			    bool numbers)
{
	size_t shorter = a_length < b_length ? a_length : b_length;
	int order;

	while (numbers && a_length > 0 && *a == '0') {
		a++;
		a_length--;
	}
	while (numbers && b_length > 0 && *b == '0') {
		b++;
		b_length--;
	}
	if (numbers && a_length != b_length)
		return a_length < b_length ? -1 : 1;
	shorter = a_length < b_length ? a_length : b_length;
	order = strncmp(a, b, shorter);
	return order ? sign(order) : (a_length > b_length) - (a_length < b_length);
}

int grub_compare_rpm(const char *a, const char *b)
{
	for (;;) {
		size_t a_length, b_length;
		bool numbers;
		int order;

		skip_to_segment(&a);
		skip_to_segment(&b);
		if (*a == '~' || *b == '~') {
			if (*a != *b)
				return *a == '~' ? -1 : 1;
			a++;
			b++;
			continue;
		}
		if (!*a || !*b)
			return (*a != '\0') - (*b != '\0');
		numbers = is_digit(*a);
		a_length = span(a, numbers ? is_digit : is_letter);
		b_length = span(b, numbers ? is_digit : is_letter);
		if (b_length == 0)
			return numbers ? 1 : -1;
		order = compare_segments(a, a_length, b, b_length, numbers);
		if (order != 0)
			return order;
		a += a_length;
		b += b_length;
	}
}

/* The parts of NAME-VERSION-RELEASE; what is missing is at the end of the list. */
static void split_package(char *text, const char *parts[3])
{
	char *release = strrchr(text, '-'), *version;

	parts[0] = text;
	parts[1] = parts[2] = "";
	if (!release)
		return;
	*release++ = '\0';
	version = strrchr(text, '-');
	if (version)
		*version++ = '\0';
	parts[1] = version ? version : release;
	parts[2] = version ? release : "";
}

int grub_bls_compare(struct grub_run *run, const char *a, const char *b)
{
	char *a_copy = grub_arena_text(&run->arena, a), *b_copy = grub_arena_text(&run->arena, b);
	const char *a_parts[3], *b_parts[3];
	int order = 0;

	if (!a_copy || !b_copy)
		return 0;
	split_package(a_copy, a_parts);
	split_package(b_copy, b_parts);
	for (size_t i = 0; order == 0 && i < 3; i++)
		order = grub_compare_rpm(a_parts[i], b_parts[i]);
	return order;
}
