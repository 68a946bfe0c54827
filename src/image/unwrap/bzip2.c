/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bzip2: streams one behind the other, with a CRC for each block and for the whole. */
#include <bzlib.h>

#include "base/error.h"
#include "image/unwrap/formats.h"

static enum stream_result step_bzip2(void *library, struct stream_step *step)
{
	bz_stream *bz = library;
	int r;

	bz->next_in = (char *)(uintptr_t)step->in;
	bz->avail_in = (unsigned int)step->in_size;
	bz->next_out = (char *)step->out;
	bz->avail_out = (unsigned int)step->out_size;
	r = BZ2_bzDecompress(bz);
	step->in_used = step->in_size - bz->avail_in;
	step->out_used = step->out_size - bz->avail_out;
	switch (r) {
	case BZ_OK:
		return STREAM_MORE;
	case BZ_STREAM_END:
		return STREAM_END;
	case BZ_MEM_ERROR:
		return STREAM_NO_MEMORY;
	default:
		step->reason = r == BZ_DATA_ERROR ? "a checksum or a block is wrong"
						  : "it does not begin as bzip2 data";
		return STREAM_CORRUPT;
	}
}

int decode_bzip2(struct source *source, struct sink *sink, struct error *error)
{
	int r;

	do {
		bz_stream bz = {};

		if (BZ2_bzDecompressInit(&bz, 0, 0) != BZ_OK)
			return error_memory(error, "unwrap");
		r = stream_decode(source, sink, step_bzip2, &bz, error);
		BZ2_bzDecompressEnd(&bz);
	} while (r == 0 && !source->single && source_next_is(source, FORMAT_MAGIC_BZIP2));
	return r;
}
