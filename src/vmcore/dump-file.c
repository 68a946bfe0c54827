/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/dump-file.h"

#include <errno.h>
#include <string.h>

#include "base/blob.h"
#include "base/error.h"
#include "vmcore/flattened.h"

int dump_file_open(struct dump_file *file, struct blob *blob, struct error *error)
{
	int r = 0;

	*file = (struct dump_file){.blob = blob, .size = blob->size};
	if (flattened_recognise(blob)) {
		file->flattened = true;
		r = flattened_index(file, error);
	}
	if (r < 0)
		dump_file_close(file);
	return r;
}

void dump_file_close(struct dump_file *file)
{
	blob_free(file->blob);
	pieces_fini(&file->pieces);
	*file = (struct dump_file){};
}

/* In place of a source: bytes that nobody wrote, which read as zeros. */
#define SOURCE_HOLE UINT64_MAX

/* Bytes from `offset` on that lie in one piece, and where in the blob. What a whole flattened file
 * does not have was never written; of one that is cut nobody knows. */
static uint64_t one_piece(const struct dump_file *file, uint64_t offset, uint64_t *source)
{
	const struct piece *piece;

	*source = offset;
	if (!file->flattened)
		return offset < file->size ? file->size - offset : 0;
	piece = pieces_behind(&file->pieces, offset);
	if (!piece)
		return 0;
	if (piece->start > offset) {
		*source = SOURCE_HOLE;
		return file->cut ? 0 : piece->start - offset;
	}
	*source = piece->source + (offset - piece->start);
	return piece->end - offset;
}

/* What is cut ends where the first gap is. */
static uint64_t end_of_what_is_there(const struct dump_file *file, uint64_t offset)
{
	const struct piece *piece = file->cut ? pieces_at(&file->pieces, offset) : NULL;

	if (file->cut)
		return piece ? piece->reach : 0;
	return file->size;
}

uint64_t dump_file_has(const struct dump_file *file, uint64_t offset, uint64_t size)
{
	uint64_t end = end_of_what_is_there(file, offset), has = offset < end ? end - offset : 0;

	return has < size ? has : size;
}

uint64_t dump_file_hole(const struct dump_file *file, uint64_t offset)
{
	uint64_t source, size = one_piece(file, offset, &source);

	return source == SOURCE_HOLE ? size : 0;
}

int dump_file_read(const struct dump_file *file, uint64_t offset, void *to, uint64_t size,
		   struct error *error)
{
	uint8_t *next = to;

	while (size > 0) {
		uint64_t source, part = one_piece(file, offset, &source);
		int r = 0;

		if (part == 0)
			return error_add(error, ERROR_IMAGE, 0, "read", dump_file_name(file),
					 "truncated: %llu bytes at offset %llu are not there",
					 (unsigned long long)size, (unsigned long long)offset);
		part = part < size ? part : size;
		if (source == SOURCE_HOLE)
			memset(next, 0, part);
		else
			r = blob_read(file->blob, source, next, part, error);
		if (r < 0)
			return r;
		next += part;
		offset += part;
		size -= part;
	}
	return 0;
}

const char *dump_file_name(const struct dump_file *file)
{
	return blob_name(file->blob);
}
