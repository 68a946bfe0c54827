/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gzip (RFC 1952): members one behind the other, each with a CRC and a size. */
#include <zlib.h>

#include "base/error.h"
#include "image/unwrap/formats.h"

/* The largest window, and gzip's header and trailer (zlib.h, inflateInit2). */
enum { WINDOW_BITS_GZIP = 15 + 16 };

static enum stream_result step_gzip(void *library, struct stream_step *step)
{
	z_stream *z = library;
	int r;

	z->next_in = (z_const Bytef *)step->in;
	z->avail_in = (uInt)step->in_size;
	z->next_out = step->out;
	z->avail_out = (uInt)step->out_size;
	r = inflate(z, Z_NO_FLUSH);
	step->in_used = step->in_size - z->avail_in;
	step->out_used = step->out_size - z->avail_out;
	switch (r) {
	case Z_OK:
	case Z_BUF_ERROR: /* nothing could be done, which stream_decode() sees */
		return STREAM_MORE;
	case Z_STREAM_END:
		return STREAM_END;
	case Z_MEM_ERROR:
		return STREAM_NO_MEMORY;
	default:
		step->reason = z->msg ? z->msg : "zlib cannot decode it";
		return STREAM_CORRUPT;
	}
}

int decode_gzip(struct source *source, struct sink *sink, struct error *error)
{
	z_stream z = {};
	int r;

	if (inflateInit2(&z, WINDOW_BITS_GZIP) != Z_OK)
		return error_memory(error, "unwrap");
	do {
		inflateReset(&z);
		r = stream_decode(source, sink, step_gzip, &z, error);
	} while (r == 0 && !source->single && source_next_is(source, FORMAT_MAGIC_GZIP));
	inflateEnd(&z);
	return r;
}
