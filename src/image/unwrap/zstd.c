/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * zstd (RFC 8878): frames one behind the other, some of them to be skipped. libzstd verifies a
 * frame's checksum where it has one. Windows of up to 128 MiB are taken, as the kernel does.
 *
 * A frame is decoded block by block to where its bytes stay: they are the window, so that none is
 * allocated. This is the part of libzstd's interface that is for static linking only (zstd.h,
 * "Buffer-less streaming decompression").
 */
#define ZSTD_STATIC_LINKING_ONLY
#define ZSTD_DISABLE_DEPRECATE_WARNINGS
#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"
#include "image/unwrap/formats.h"

enum { WINDOW_MAX = 128 << 20, SKIPPABLE_HEADER_SIZE = 8 };

_Static_assert(STREAM_CHUNK >= ZSTD_BLOCKSIZE_MAX + 3, "a block and its header fit the buffer");

static int fail(const struct source *source, size_t r, struct error *error)
{
	const char *reason = ZSTD_getErrorName(r);

	switch ((int)ZSTD_getErrorCode(r)) {
	case ZSTD_error_memory_allocation:
		return error_memory(error, "unwrap");
	case ZSTD_error_frameParameter_unsupported:
	case ZSTD_error_version_unsupported:
	case ZSTD_error_dictionary_wrong:
		return source_unsupported(source, reason, error);
	default:
		return source_corrupt(source, reason, error);
	}
}

static int read_header(struct source *source, ZSTD_frameHeader *header, struct error *error)
{
	uint64_t left = source_left(source);
	size_t size = left < ZSTD_FRAMEHEADERSIZE_MAX ? (size_t)left : ZSTD_FRAMEHEADERSIZE_MAX, r;
	const uint8_t *bytes = source_peek(source, size, error);

	if (!bytes)
		return -EINVAL;
	r = ZSTD_getFrameHeader(header, bytes, size);
	if (ZSTD_isError(r))
		return fail(source, r, error);
	return r > 0 ? source_truncated(source, error) : 0;
}

static int skip_frame(struct source *source, uint64_t size, struct error *error)
{
	if (size > source_left(source) - SKIPPABLE_HEADER_SIZE)
		return source_truncated(source, error);
	source_seek(source, source->offset + SKIPPABLE_HEADER_SIZE + size);
	return 0;
}

static int decode_blocks(ZSTD_DCtx *zstd, struct source *source, struct sink *sink,
			 struct error *error)
{
	size_t wanted;

	while ((wanted = ZSTD_nextSrcSizeToDecompress(zstd)) > 0) {
		const uint8_t *in = source_peek(source, wanted, error);
		uint8_t *out;
		size_t room, r;

		if (!in)
			return -EINVAL;
		out = sink_room(sink, ZSTD_BLOCKSIZE_MAX, &room, error);
		if (!out)
			return -ENOMEM;
		r = ZSTD_decompressContinue(zstd, out, room, in, wanted);
		if (ZSTD_isError(r))
			return fail(source, r, error);
		source_skip(source, wanted);
		if (r > 0) {
			int over = sink_advance(sink, r, error);

			if (over < 0)
				return over;
		}
	}
	return 0;
}

static int decode_frame(ZSTD_DCtx *zstd, struct source *source, struct sink *sink,
			struct error *error)
{
	ZSTD_frameHeader header;
	int r = read_header(source, &header, error);

	if (r < 0)
		return r;
	if (header.frameType == ZSTD_skippableFrame)
		return skip_frame(source, header.frameContentSize, error);
	if (header.windowSize > WINDOW_MAX)
		return source_unsupported(
		    source, "its window is too large (at most 128 MiB are taken)", error);
	if (header.frameContentSize != ZSTD_CONTENTSIZE_UNKNOWN)
		r = sink_allows(sink, header.frameContentSize, error);
	ZSTD_decompressBegin(zstd);
	return r < 0 ? r : decode_blocks(zstd, source, sink, error);
}

int decode_zstd(struct source *source, struct sink *sink, struct error *error)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	int r;

	if (!zstd)
		return error_memory(error, "unwrap");
	do
		r = decode_frame(zstd, source, sink, error);
	while (r == 0 && !source->single &&
	       (source_next_is(source, FORMAT_MAGIC_ZSTD) || format_next_is_skippable(source)));
	ZSTD_freeDCtx(zstd);
	return r;
}
