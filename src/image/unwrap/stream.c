/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/unwrap/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/error.h"

static const char step_name[] = "unwrap";

/* Makes sure that there is a byte in the buffer, unless the source is at its end. */
static int source_fill(struct source *source, struct error *error)
{
	uint64_t left = source->blob->size - source->offset;
	size_t size = left < sizeof(source->buffer) ? (size_t)left : sizeof(source->buffer);

	int r;

	if (source->start < source->end)
		return 0;
	r = blob_read(source->blob, source->offset, source->buffer, size, error);
	if (r < 0)
		return r;
	source->start = 0;
	source->end = size;
	return 0;
}

void source_seek(struct source *source, uint64_t offset)
{
	source->offset = offset;
	source->start = source->end = 0;
}

int source_read(struct source *source, void *to, size_t size, struct error *error)
{
	int r;

	if (size > source->blob->size - source->offset)
		return source_truncated(source, error);
	r = blob_read(source->blob, source->offset, to, size, error);
	if (r == 0)
		source_seek(source, source->offset + size);
	return r;
}

bool source_next_is(const struct source *source, const void *bytes, size_t size)
{
	uint8_t next[16];

	return size <= sizeof(next) && size <= source->blob->size - source->offset &&
	       blob_read(source->blob, source->offset, next, size, NULL) == 0 &&
	       memcmp(next, bytes, size) == 0;
}

int source_truncated(const struct source *source, struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, step_name, blob_name(source->blob),
			 "the %s data is truncated: the file ends at offset %" PRIu64
			 ", in the middle of it",
			 source->format, source->blob->size);
}

int source_corrupt(const struct source *source, const char *reason, struct error *error)
{
	char where[48] = "";

	if (source->offset)
		snprintf(where, sizeof(where), " before offset %" PRIu64, source->offset);
	return error_add(error, ERROR_IMAGE, 0, step_name, blob_name(source->blob),
			 "the %s data is corrupt%s: %s", source->format, where, reason);
}

int source_unsupported(const struct source *source, const char *reason, struct error *error)
{
	return error_add(error, ERROR_UNSUPPORTED, 0, step_name, blob_name(source->blob),
			 "the %s data cannot be unpacked here: %s", source->format, reason);
}

int sink_allows(const struct sink *sink, uint64_t size, struct error *error)
{
	if (size <= sink->limit - sink->size)
		return 0;
	return error_add(error, ERROR_TOO_LONG, 0, step_name, sink->name,
			 "what is in the %s data is more than %" PRIu64 " bytes, the limit here",
			 sink->format, sink->limit);
}

int sink_write(struct sink *sink, const void *bytes, size_t size, struct error *error)
{
	const uint8_t *from = bytes;
	int r = sink_allows(sink, size, error);

	if (r < 0)
		return r;
	while (size > 0) {
		ssize_t n = pwrite(sink->fd, from, size, (off_t)(sink->start + sink->size));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_add(error, ERROR_NO_ROOM, errno, step_name, sink->name,
					 "there is no memory for what is in the %s data",
					 sink->format);
		from += n;
		size -= (size_t)n;
		sink->size += (uint64_t)n;
	}
	return 0;
}

int stream_decode(struct source *source, struct sink *sink,
		  enum stream_result (*step)(void *library, struct stream_step *step),
		  void *library, struct error *error)
{
	for (;;) {
		struct stream_step now;
		enum stream_result result;
		int r = source_fill(source, error);

		if (r < 0)
			return r;
		now = (struct stream_step){
		    .in = source->buffer + source->start,
		    .in_size = source->end - source->start,
		    .out = sink->buffer,
		    .out_size = sizeof(sink->buffer),
		};
		result = step(library, &now);
		source->start += now.in_used;
		source->offset += now.in_used;
		r = sink_write(sink, sink->buffer, now.out_used, error);
		if (r < 0)
			return r;
		if (result == STREAM_END)
			return 0;
		if (result == STREAM_NO_MEMORY)
			return error_memory(error, step_name);
		if (result == STREAM_CORRUPT)
			return source_corrupt(source, now.reason, error);
		if (result == STREAM_UNSUPPORTED)
			return source_unsupported(source, now.reason, error);
		if (now.in_used == 0 && now.out_used == 0)
			return now.in_size == 0
				   ? source_truncated(source, error)
				   : source_corrupt(source, "it cannot be decoded", error);
	}
}
