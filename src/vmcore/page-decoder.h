/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a page of a kdump-compressed dump may be packed. Each page is packed by itself, so a decoder
 * is one call; those whose library is not there in a build say so (absent-page-*.c). Snappy has no
 * library in C, and is decoded here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum page_result {
	PAGE_OK,
	PAGE_CORRUPT,
	PAGE_NO_MEMORY,
	PAGE_ABSENT, /* this build lacks the decoder */
};

/* Unpacks to exactly `size` bytes; anything else is corrupt. */
enum page_result page_decode_zlib(struct bytes packed, uint8_t *to, size_t size);
enum page_result page_decode_lzo(struct bytes packed, uint8_t *to, size_t size);
enum page_result page_decode_snappy(struct bytes packed, uint8_t *to, size_t size);
enum page_result page_decode_zstd(struct bytes packed, uint8_t *to, size_t size);
