/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A page, as the libraries of zlib 1.2.13, LZO 2.10, snappy 1.1.9 and zstd 1.5.4 pack it.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "vmcore/page-decoder.h"

enum { PACKED_PAGE_SIZE = 4096, PACKED_PAGES = 4 };

struct packed_page {
	const char *name;
	const char *decoder; /* as the build calls it; NULL: it is always there */
	uint32_t flags;      /* in a descriptor of a dump */
	struct bytes bytes;
	enum page_result (*decode)(struct bytes packed, uint8_t *to, size_t size);
};

extern const struct packed_page packed_pages[PACKED_PAGES];

/* What is packed. */
void packed_page_fill(uint8_t page[PACKED_PAGE_SIZE]);

/* Whether this build can unpack it. */
bool packed_page_is_known(const struct packed_page *page);
