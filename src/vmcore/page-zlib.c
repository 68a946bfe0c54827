/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <zlib.h>

#include "vmcore/page-decoder.h"

enum page_result page_decode_zlib(struct bytes packed, uint8_t *to, size_t size)
{
	uLongf unpacked = size;
	int r = uncompress(to, &unpacked, packed.data, packed.size);

	if (r == Z_MEM_ERROR)
		return PAGE_NO_MEMORY;
	return r == Z_OK && unpacked == size ? PAGE_OK : PAGE_CORRUPT;
}
