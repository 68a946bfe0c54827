/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Taking the compression off a file, layer by layer: a gzip in an xz is unwrapped twice. What is
 * inside goes straight into a sealed memory file; the heap holds a chunk of the file (of LZO and
 * legacy lz4 a packed block), and the decoder's own memory: up to 160 MiB of xz and lzma, of others
 * a few MiB. That comes on top of the limit.
 */
#pragma once

#include <stdint.h>

#include "image/trailing.h"

struct blob;
struct error;

enum { UNWRAP_LAYERS_MAX = 4 };

struct unwrapped {
	struct blob *blob;  /* what is inside, owned by the caller; NULL: it was not wrapped */
	unsigned int count; /* of the layers that were taken off */
	char layers[64];    /* their names, outermost first: "xz, gzip" */
	char trailing[UNWRAP_LAYERS_MAX][TRAILING_TEXT_SIZE]; /* what followed each; may be empty */
};

/*
 * Unwraps a blob down to what is not compressed. All that is in memory at the same time because of
 * it, a layer and what is inside it, is at most `limit` bytes. A stream that is truncated, corrupt
 * or empty, or followed by something that is not explained, is an error that names the format, and
 * so is a format that this build cannot unpack. 0 or a negative errno.
 */
int unwrap(struct unwrapped *unwrapped, const struct blob *blob, uint64_t limit,
	   struct error *error);
