/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lz4 (doc/lz4_Frame_format.md of lz4): frames one behind the other, some of them to be skipped,
 * and frames of the legacy format (`lz4 -l`): blocks of 8 MiB, of which only the last is shorter,
 * without checksums and without an end mark.
 */
#include <lz4.h>
#include <lz4frame.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/unwrap/formats.h"

enum { LEGACY_BLOCK = 8 << 20 };

static enum stream_result step_lz4(void *library, struct stream_step *step)
{
	size_t in = step->in_size, out = step->out_size;
	size_t r = LZ4F_decompress(library, step->out, &out, step->in, &in, NULL);

	if (LZ4F_isError(r)) {
		step->reason = LZ4F_getErrorName(r);
		/* Its codes are no part of the stable interface, their names are. */
		return strcmp(step->reason, "ERROR_allocation_failed") == 0 ? STREAM_NO_MEMORY
									    : STREAM_CORRUPT;
	}
	step->in_used = in;
	step->out_used = out;
	return r == 0 ? STREAM_END : STREAM_MORE;
}

/* The size of the next block, 0 where there is none. What is no possible size is something else's
 * first bytes: another frame's magic, or what was appended to the file. */
static int next_block(struct source *source, uint32_t *size, struct error *error)
{
	uint8_t field[4];
	int r;

	*size = 0;
	if (source->offset == source->blob->size)
		return 0;
	r = source_read(source, field, sizeof(field), error);
	if (r < 0)
		return r;
	*size = (uint32_t)load_le(field, sizeof(field));
	if (*size == 0 || *size > LZ4_COMPRESSBOUND(LEGACY_BLOCK)) {
		*size = 0;
		source_seek(source, source->offset - sizeof(field));
	}
	return 0;
}

/* A byte stands for 255 at most, and a block has 8 MiB. */
static size_t unpacked_most(uint32_t packed_size)
{
	uint64_t most = UINT64_C(255) * packed_size + 64;

	return most < LEGACY_BLOCK ? (size_t)most : LEGACY_BLOCK;
}

static int decode_blocks(struct source *source, struct sink *sink, uint8_t *packed,
			 struct error *error)
{
	int unpacked_size = LEGACY_BLOCK;

	while (unpacked_size == LEGACY_BLOCK) {
		uint8_t *unpacked;
		uint32_t size;
		size_t room;
		int r = next_block(source, &size, error);

		if (r < 0 || size == 0)
			return r;
		r = source_read(source, packed, size, error);
		if (r < 0)
			return r;
		unpacked = sink_room(sink, unpacked_most(size), &room, error);
		if (!unpacked)
			return -ENOMEM;
		unpacked_size =
		    LZ4_decompress_safe((const char *)packed, (char *)unpacked, (int)size,
					room < LEGACY_BLOCK ? (int)room : LEGACY_BLOCK);
		if (unpacked_size < 0)
			return source_corrupt(source, "a block is wrong", error);
		r = sink_advance(sink, (size_t)unpacked_size, error);
		if (r < 0)
			return r;
	}
	return 0;
}

static int decode_legacy(struct source *source, struct sink *sink, struct error *error)
{
	cleanup_free uint8_t *packed = malloc(LZ4_COMPRESSBOUND(LEGACY_BLOCK));

	if (!packed)
		return error_memory(error, "unwrap");
	source_seek(source, source->offset + 4); /* the magic */
	return decode_blocks(source, sink, packed, error);
}

int decode_lz4(struct source *source, struct sink *sink, struct error *error)
{
	LZ4F_dctx *lz4;
	int r;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)))
		return error_memory(error, "unwrap");
	do
		r = source_next_is(source, FORMAT_MAGIC_LZ4_LEGACY)
			? decode_legacy(source, sink, error)
			: stream_decode(source, sink, step_lz4, lz4, error);
	while (r == 0 && !source->single &&
	       (source_next_is(source, FORMAT_MAGIC_LZ4) ||
		source_next_is(source, FORMAT_MAGIC_LZ4_LEGACY) ||
		format_next_is_skippable(source)));
	LZ4F_freeDecompressionContext(lz4);
	return r;
}
