/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/gzip.h"

#include <string.h>

#include "base/bytes.h"
#include "test-support/test.h"

/* RFC 1952, section 8, bit by bit. */
static uint32_t crc32_of(const uint8_t *bytes, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

size_t gzip_wrap(uint8_t *to, const uint8_t *from, size_t size)
{
	static const uint8_t header[11] = {0x1f, 0x8b, 8, [9] = 0xff, [10] = 1 /* stored, last */};

	assert_in_range(size, 0, GZIP_CONTENT_MAX);
	memcpy(to, header, sizeof(header));
	store_le(to + 11, 2, size);
	store_le(to + 13, 2, ~size & 0xffff);
	memcpy(to + 15, from, size);
	store_le(to + 15 + size, 4, crc32_of(from, size));
	store_le(to + 19 + size, 4, size);
	return size + GZIP_OVERHEAD;
}

bool gzip_is_built(void)
{
	return strstr(" " KEXEC_DECODERS " ", " gzip ") != NULL;
}
