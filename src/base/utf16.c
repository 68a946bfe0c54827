/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/utf16.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* The next code point; false where there is none. */
static bool next_point(struct bytes utf16, uint64_t *at, uint32_t *point)
{
	uint16_t unit, low;

	if (!bytes_le16(utf16, *at, &unit))
		return false;
	*at += 2;
	*point = unit;
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || !bytes_le16(utf16, *at, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*at += 2;
	*point = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
	return true;
}

/* At most three bytes for each unit of two, four for each pair of them. */
static size_t put_utf8(char *to, uint32_t point)
{
	static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	for (size_t i = length; i-- > 1; point >>= 6)
		to[i] = (char)(0x80 | (point & 0x3f));
	to[0] = (char)(length == 1 ? point : first[length] | point);
	return length;
}

int utf16_to_utf8(char **text, size_t *size, struct bytes utf16)
{
	cleanup_free char *converted = NULL;
	size_t length = 0;
	uint32_t point;
	uint64_t at = 0;

	if (utf16.size > SIZE_MAX / 2)
		return -ENOMEM;
	converted = malloc((size_t)utf16.size / 2 * 3 + 2);
	if (!converted)
		return -ENOMEM;
	while (at < utf16.size) {
		if (!next_point(utf16, &at, &point))
			return -EILSEQ;
		length += put_utf8(converted + length, point);
	}
	if (length == 0 || converted[length - 1] != '\0')
		converted[length++] = '\0';
	*text = steal_pointer(converted);
	*size = length;
	return 0;
}
