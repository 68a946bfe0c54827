/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/unwrap/unwrap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/unwrap/formats.h"

/* Where the first frame that is not skipped begins: 0 unless a file starts with such frames, as
 * those of pzstd do. */
static int skip_frames(const struct blob *blob, uint64_t *offset, struct error *error)
{
	uint8_t header[8]; /* magic, size */

	*offset = 0;
	while (blob->size - *offset >= sizeof(header)) {
		uint64_t left = blob->size - *offset - sizeof(header), size;
		int r = blob_read(blob, *offset, header, sizeof(header), error);

		if (r < 0)
			return r;
		size = load_le(header + 4, 4);
		if (!format_is_skippable(header) || size > left)
			break;
		*offset += sizeof(header) + size;
	}
	return 0;
}

static int find_format(const struct blob *blob, const struct format **format, struct error *error)
{
	uint8_t buffer[FORMAT_HEAD_SIZE];
	struct bytes head = {buffer, sizeof(buffer)};
	uint64_t offset;
	int r = skip_frames(blob, &offset, error);

	if (r < 0)
		return r;
	if (blob->size - offset < head.size)
		head.size = blob->size - offset;
	r = blob_read(blob, offset, buffer, head.size, error);
	*format = r == 0 ? format_find(head) : NULL;
	return r;
}

/* Decodes one layer into a memory file. Its descriptor, the caller's, or a negative errno. */
static int decode(const struct blob *blob, const struct format *format, uint64_t limit,
		  char *trailing, struct error *error)
{
	cleanup_free struct source *source = calloc(1, sizeof(*source));
	cleanup_free struct sink *sink = calloc(1, sizeof(*sink));
	cleanup_close int fd = blob_memory_file("unwrapped");
	char what[32];
	int r;

	if (!source || !sink)
		return error_memory(error, "unwrap");
	if (fd < 0)
		return error_add(error, ERROR_FILE, errno, "unwrap", blob_name(blob),
				 "no memory file is to be had");
	source->blob = blob;
	source->format = sink->format = format->name;
	sink->name = blob_name(blob);
	sink->fd = fd;
	sink->limit = limit;
	r = format->decode(source, sink, error);
	if (sink_close(sink, r < 0 ? NULL : error) < 0 && r == 0)
		r = -EIO;
	if (r < 0)
		return r;
	if (sink->size == 0)
		return error_add(error, ERROR_IMAGE, 0, "unwrap", blob_name(blob),
				 "there is nothing inside the %s data", format->name);
	snprintf(what, sizeof(what), "the %s data", format->name);
	r = trailing_explain(blob, source->offset, what, trailing, error);
	return r < 0 ? r : steal_fd(&fd);
}

static void add_name(struct unwrapped *unwrapped, const char *name)
{
	size_t length = strlen(unwrapped->layers);

	snprintf(unwrapped->layers + length, sizeof(unwrapped->layers) - length, "%s%s",
		 length ? ", " : "", name);
}

/* Takes one layer off; the blob inside is called after the file and its layers. */
static int take_off(struct unwrapped *unwrapped, const struct blob *blob, const char *path,
		    const struct format *format, uint64_t limit, struct error *error)
{
	uint64_t taken = unwrapped->blob ? unwrapped->blob->size : 0;
	cleanup_free char *name = NULL;
	struct blob *inner;
	int fd, r;

	if (unwrapped->count == UNWRAP_LAYERS_MAX)
		return error_add(error, ERROR_IMAGE, 0, "unwrap", blob_name(blob),
				 "it is %s-compressed once more, and more than %d layers are not "
				 "unwrapped",
				 format->name, UNWRAP_LAYERS_MAX);
	fd = decode(blob, format, limit > taken ? limit - taken : 0,
		    unwrapped->trailing[unwrapped->count], error);
	if (fd < 0)
		return fd;
	add_name(unwrapped, format->name);
	unwrapped->count++;
	if (asprintf(&name, "%s: inside %s", path, unwrapped->layers) < 0) {
		name = NULL;
		close(fd);
		return error_memory(error, "unwrap");
	}
	r = blob_from_memory_file(&inner, fd, name, error);
	if (r < 0)
		return r;
	blob_free(unwrapped->blob);
	unwrapped->blob = inner;
	return 0;
}

int unwrap(struct unwrapped *unwrapped, const struct blob *blob, uint64_t limit,
	   struct error *error)
{
	const char *path = blob_name(blob);
	int r;

	*unwrapped = (struct unwrapped){};
	for (;;) {
		const struct blob *outer = unwrapped->blob ? unwrapped->blob : blob;
		const struct format *format;

		r = find_format(outer, &format, error);
		if (r == 0 && !format)
			return 0;
		if (r == 0)
			r = take_off(unwrapped, outer, path, format, limit, error);
		if (r < 0)
			break;
	}
	blob_free(unwrapped->blob);
	*unwrapped = (struct unwrapped){};
	return r;
}
