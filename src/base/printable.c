/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/printable.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* ISO 6429: C0, DEL, and C1, which is U+0080 to U+009F. */
static bool is_control(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	return *at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
}

char *printable_copy(const char *text)
{
	char *copy = malloc(strlen(text) + 1), *to = copy;

	while (copy && *text) {
		size_t length = utf8_length(text);

		if (length == 0 || is_control(text))
			*to++ = '?';
		else
			to = mempcpy(to, text, length);
		text += length ? length : 1;
	}
	if (copy)
		*to = '\0';
	return copy;
}

void print_printable(FILE *out, const char *text)
{
	while (*text) {
		size_t length = utf8_length(text);

		if (length == 0 || is_control(text))
			fputc('?', out);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
}
