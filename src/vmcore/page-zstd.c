/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <zstd.h>
#include <zstd_errors.h>

#include "vmcore/page-decoder.h"

enum page_result page_decode_zstd(struct bytes packed, uint8_t *to, size_t size)
{
	size_t r = ZSTD_decompress(to, size, packed.data, packed.size);

	if (ZSTD_isError(r) && ZSTD_getErrorCode(r) == ZSTD_error_memory_allocation)
		return PAGE_NO_MEMORY;
	return r == size ? PAGE_OK : PAGE_CORRUPT;
}
