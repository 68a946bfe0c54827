/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <lzo/lzo1x.h>

#include "vmcore/page-decoder.h"

enum page_result page_decode_lzo(struct bytes packed, uint8_t *to, size_t size)
{
	lzo_uint unpacked = size;
	int r = lzo1x_decompress_safe(packed.data, packed.size, to, &unpacked, NULL);

	return r == LZO_E_OK && unpacked == size ? PAGE_OK : PAGE_CORRUPT;
}
