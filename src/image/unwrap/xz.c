/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xz (https://tukaani.org/xz/xz-file-format.txt): streams one behind the other, with padding of
 * NULs in between. lzma: one stream of the older "alone" format, which has no checksum.
 */
#include <lzma.h>

#include "base/blob.h"
#include "base/error.h"
#include "image/trailing.h"
#include "image/unwrap/formats.h"

/* Memory for the decoder, mostly its dictionary; `xz -9` needs 65 MiB. */
#define MEMORY_MAX (UINT64_C(160) << 20)

/* Within this it decodes blocks side by side, which it buffers; with more it does one at a time. */
#define MEMORY_SIDE_BY_SIDE (UINT64_C(64) << 20)

enum { STREAM_PADDING = 4 };

static enum stream_result fail(struct stream_step *step, enum stream_result result,
			       const char *reason)
{
	step->reason = reason;
	return result;
}

static enum stream_result result_of(lzma_ret r, struct stream_step *step)
{
	switch ((int)r) {
	case LZMA_OK:
	case LZMA_BUF_ERROR: /* nothing could be done, which stream_decode() sees */
		return STREAM_MORE;
	case LZMA_STREAM_END:
		return STREAM_END;
	case LZMA_MEM_ERROR:
		return STREAM_NO_MEMORY;
	case LZMA_MEMLIMIT_ERROR:
		return fail(step, STREAM_UNSUPPORTED,
			    "its dictionary is too large (at most 128 MiB are taken)");
	case LZMA_OPTIONS_ERROR:
		return fail(step, STREAM_UNSUPPORTED,
			    "it asks for something that liblzma does not know");
	case LZMA_UNSUPPORTED_CHECK:
		return fail(step, STREAM_UNSUPPORTED, "liblzma does not know its kind of checksum");
	case LZMA_FORMAT_ERROR:
		return fail(step, STREAM_CORRUPT, "its header is wrong");
	default:
		return fail(step, STREAM_CORRUPT, "a checksum or a block is wrong");
	}
}

static enum stream_result step_xz(void *library, struct stream_step *step)
{
	lzma_stream *lzma = library;
	lzma_ret r;

	lzma->next_in = step->in;
	lzma->avail_in = step->in_size;
	lzma->next_out = step->out;
	lzma->avail_out = step->out_size;
	r = lzma_code(lzma, step->last ? LZMA_FINISH : LZMA_RUN);
	step->in_used = step->in_size - lzma->avail_in;
	step->out_used = step->out_size - lzma->avail_out;
	return result_of(r, step);
}

/* Goes to the next stream, behind any padding; false, and nowhere, when there is none. */
static bool next_stream(struct source *source)
{
	uint64_t end = source->offset, next;

	if (trailing_skip_zeros(source->blob, end, &next, NULL) < 0 ||
	    (next - end) % STREAM_PADDING != 0)
		return false;
	source_seek(source, next);
	if (source_next_is(source, FORMAT_MAGIC_XZ))
		return true;
	source_seek(source, end);
	return false;
}

/* Blocks can be decoded side by side only where their headers say how long they are, as those of
 * `xz -T` do. liblzma 5.4 can. */
static lzma_ret start(lzma_stream *lzma, unsigned int threads)
{
#if LZMA_VERSION >= 50040002
	const lzma_mt options = {
	    .flags = LZMA_TELL_UNSUPPORTED_CHECK,
	    .threads = threads,
	    .memlimit_threading = MEMORY_SIDE_BY_SIDE,
	    .memlimit_stop = MEMORY_MAX,
	};

	if (threads > 1)
		return lzma_stream_decoder_mt(lzma, &options);
#else
	(void)threads;
#endif
	return lzma_stream_decoder(lzma, MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK);
}

int decode_xz(struct source *source, struct sink *sink, struct error *error)
{
	lzma_stream lzma = LZMA_STREAM_INIT;
	int r;

	do {
		if (start(&lzma, source->threads) != LZMA_OK)
			r = error_memory(error, "unwrap");
		else
			r = stream_decode(source, sink, step_xz, &lzma, error);
	} while (r == 0 && !source->single && next_stream(source));
	lzma_end(&lzma);
	return r;
}

int decode_lzma(struct source *source, struct sink *sink, struct error *error)
{
	lzma_stream lzma = LZMA_STREAM_INIT;
	int r;

	if (lzma_alone_decoder(&lzma, MEMORY_MAX) != LZMA_OK)
		r = error_memory(error, "unwrap");
	else
		r = stream_decode(source, sink, step_xz, &lzma, error);
	lzma_end(&lzma);
	return r;
}
