/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/payload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/bzimage.h"
#include "image/unwrap/formats.h"

enum { SIZE_FIELD = 4 };

static const char step_name[] = "unpack kernel";

int payload_find(struct payload *payload, const struct blob *file, const struct bzimage *image,
		 struct error *error)
{
	uint64_t start = image->kernel_offset + image->payload_offset, size = image->payload_size;
	uint8_t buffer[FORMAT_HEAD_SIZE], field[SIZE_FIELD];
	int r;

	*payload = (struct payload){};
	if (size < sizeof(buffer) + sizeof(field))
		return PAYLOAD_UNKNOWN;
	r = blob_read(file, start, buffer, sizeof(buffer), error);
	if (r == 0)
		r = blob_read(file, start + size - sizeof(field), field, sizeof(field), error);
	if (r < 0)
		return r;
	payload->format = format_find((struct bytes){buffer, sizeof(buffer)});
	if (!payload->format)
		return PAYLOAD_UNKNOWN;
	if (payload->format->decode != decode_gzip)
		size -= sizeof(field);
	payload->packed = (struct range){start, start + size};
	payload->size = load_le(field, sizeof(field));
	return payload->size ? 0 : PAYLOAD_UNKNOWN;
}

static int damaged(const struct payload *payload, const struct blob *file, const char *what,
		   struct error *error)
{
	return error_add(
	    error, ERROR_IMAGE, 0, step_name, blob_name(file),
	    "the kernel inside is corrupt: there is %s in its %s data than the %" PRIu64
	    " bytes that there should be",
	    what, payload->format->name, payload->size);
}

int payload_unpack(const struct payload *payload, const struct blob *file, struct error *error)
{
	cleanup_free struct source *source = calloc(1, sizeof(*source));
	cleanup_free struct sink *sink = calloc(1, sizeof(*sink));
	cleanup_close int fd = blob_memory_file("kernel");
	struct blob stream = *file; /* the same pieces, seen only up to the stream's end */
	struct error failure = {};
	int r;

	if (!source || !sink)
		return error_memory(error, step_name);
	if (fd < 0)
		return error_add(error, ERROR_NO_ROOM, errno, step_name, blob_name(file),
				 "no memory file is to be had");
	stream.size = payload->packed.end;
	source->blob = &stream;
	source->offset = payload->packed.start;
	source->format = sink->format = payload->format->name;
	sink->name = blob_name(file);
	sink->fd = fd;
	sink->limit = payload->size;
	r = payload->format->decode(source, sink, &failure);
	if (sink_close(sink, r < 0 ? NULL : &failure) < 0 && r == 0)
		r = -EIO;
	if (r < 0 && error_kind(&failure) != ERROR_TOO_LONG) {
		error_append(error, &failure);
		return r;
	}
	if (r < 0)
		return damaged(payload, file, "more", error);
	if (sink->size != payload->size)
		return damaged(payload, file, "less", error);
	return steal_fd(&fd);
}
