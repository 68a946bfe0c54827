/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "parts.h"

#include <string.h>

static const char PART_END[4] = "\xff\xfe\xff\n";

size_t parts_split(struct part_bytes *parts, size_t most, const uint8_t *data, size_t size)
{
	size_t count = 0;

	while (count < most) {
		const uint8_t *end = memmem(data, size, PART_END, sizeof(PART_END));
		size_t length = end ? (size_t)(end - data) : size;

		parts[count++] = (struct part_bytes){data, length};
		if (!end)
			break;
		data += length + sizeof(PART_END);
		size -= length + sizeof(PART_END);
	}
	return count;
}
