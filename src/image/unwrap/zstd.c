/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * zstd (RFC 8878): frames one behind the other, some of them to be skipped. libzstd verifies a
 * frame's checksum where it has one, and takes windows of up to 128 MiB.
 */
#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"
#include "image/unwrap/formats.h"

static enum stream_result failure(size_t r, struct stream_step *step)
{
	step->reason = ZSTD_getErrorName(r);
	switch ((int)ZSTD_getErrorCode(r)) {
	case ZSTD_error_memory_allocation:
		return STREAM_NO_MEMORY;
	case ZSTD_error_frameParameter_windowTooLarge:
		step->reason = "its window is too large (at most 128 MiB are taken)";
		return STREAM_UNSUPPORTED;
	case ZSTD_error_frameParameter_unsupported:
	case ZSTD_error_version_unsupported:
	case ZSTD_error_dictionary_wrong:
		return STREAM_UNSUPPORTED;
	default:
		return STREAM_CORRUPT;
	}
}

static enum stream_result step_zstd(void *library, struct stream_step *step)
{
	ZSTD_inBuffer in = {step->in, step->in_size, 0};
	ZSTD_outBuffer out = {step->out, step->out_size, 0};
	size_t r = ZSTD_decompressStream(library, &out, &in);

	step->in_used = in.pos;
	step->out_used = out.pos;
	if (ZSTD_isError(r))
		return failure(r, step);
	return r == 0 ? STREAM_END : STREAM_MORE;
}

int decode_zstd(struct source *source, struct sink *sink, struct error *error)
{
	ZSTD_DStream *zstd = ZSTD_createDStream();
	int r;

	if (!zstd)
		return error_memory(error, "unwrap");
	do
		r = stream_decode(source, sink, step_zstd, zstd, error);
	while (r == 0 &&
	       (source_next_is(source, FORMAT_MAGIC_ZSTD) || format_next_is_skippable(source)));
	ZSTD_freeDStream(zstd);
	return r;
}
