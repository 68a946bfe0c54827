/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/svg-text.h"

#include <string.h>

#include "base/utf8.h"

/* What XML 1.0 allows in a text, section 2.2: else a '?'. */
static void put_character(FILE *out, const char *text, size_t length)
{
	if (length == 1 && (unsigned char)*text >= 0x20 && *text != 0x7f) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			return;
		case '<':
			fputs("&lt;", out);
			return;
		case '>':
			fputs("&gt;", out);
			return;
		case '"':
			fputs("&quot;", out);
			return;
		default:
			fputc(*text, out);
			return;
		}
	}
	/* U+0080 to U+009F are control characters, U+FFFE and U+FFFF are none at all. */
	if (length < 2 || (length == 2 && text[0] == '\xc2' && (unsigned char)text[1] < 0xa0) ||
	    (length == 3 && memcmp(text, "\xef\xbf", 2) == 0 && (unsigned char)text[2] >= 0xbe))
		fputc('?', out);
	else
		fwrite(text, 1, length, out);
}

void svg_put_text(FILE *out, const char *text, size_t max)
{
	for (size_t i = 0; *text; i++) {
		size_t length = utf8_length(text);

		if (i + 1 == max && text[length ? length : 1]) {
			fputs("…", out);
			return;
		}
		put_character(out, text, length);
		text += length ? length : 1;
	}
}

static size_t character_length(const char *text)
{
	size_t length = utf8_length(text);

	return length ? length : 1;
}

void svg_put_path(FILE *out, const char *path, size_t max)
{
	size_t count = 0;

	for (const char *at = path; *at; at += character_length(at))
		count++;
	if (count > max) {
		fputs("…", out);
		for (; count >= max; count--)
			path += character_length(path);
	}
	svg_put_text(out, path, max);
}

void svg_start_text(FILE *out, double x, double y, const char *style)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, style);
}

void svg_end_text(FILE *out)
{
	fputs("</text>\n", out);
}
