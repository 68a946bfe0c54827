/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a compressed stream says of its own sizes, read without decoding it. None of it is to be
 * relied on before the stream was decoded.
 */
#pragma once

#include <stdint.h>

struct blob;
struct error;
struct format;

/*
 * Where the stream that begins at `offset` ends, where that is cheap to know: of zstd, whose blocks
 * have their packed sizes in front (RFC 8878, section 3.1.1). 1 and `*end`, 0 when it is not known,
 * or a negative errno.
 */
int stream_extent(const struct blob *blob, uint64_t offset, const struct format *format,
		  uint64_t *end, struct error *error);

/*
 * How many bytes are inside at least, by the stream's own word: of zstd in the frame's header, of
 * lzma in its header, of gzip, modulo 2^32, in the last bytes, which are the stream's when it ends
 * the blob. 0 when unknown. 0 or a negative errno.
 */
int stream_stated_size(const struct blob *blob, uint64_t offset, const struct format *format,
		       uint64_t *size, struct error *error);
