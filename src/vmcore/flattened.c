/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/flattened.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "vmcore/dump-file.h"

enum { SIGNATURE_SIZE = 16, HEADER_SIZE = 4096, RECORD_HEADER_SIZE = 16 };

bool flattened_recognise(const struct blob *blob)
{
	static const char signature[SIGNATURE_SIZE] = "makedumpfile";
	char head[SIGNATURE_SIZE];

	return blob->size >= HEADER_SIZE && blob_read(blob, 0, head, sizeof(head), NULL) == 0 &&
	       memcmp(head, signature, sizeof(head)) == 0;
}

/* The records in the file's order; one that the file's end cuts counts as far as it goes. */
static int read_records(struct dump_file *file, struct error *error)
{
	const struct blob *blob = file->blob;
	uint64_t at = HEADER_SIZE;

	for (;;) {
		uint8_t header[RECORD_HEADER_SIZE];
		uint64_t start, size;
		int r;

		file->cut = blob->size - at < sizeof(header);
		if (file->cut)
			return 0;
		r = blob_read(blob, at, header, sizeof(header), error);
		if (r < 0)
			return r;
		start = load_be(header, 8);
		size = load_be(header + 8, 8);
		if (start == UINT64_MAX)
			return 0;
		/* Zeros of a file that was not written to its end; there may be very many. */
		file->cut = start == 0 && size == 0;
		if (file->cut)
			return 0;
		at += sizeof(header);
		if (size > INT64_MAX || start > INT64_MAX)
			return error_add(error, ERROR_IMAGE, 0, "read", blob_name(blob),
					 "corrupt: a record of the flattened format at offset %llu "
					 "has an impossible place",
					 (unsigned long long)(at - sizeof(header)));
		file->cut = size > blob->size - at;
		if (file->cut)
			size = blob->size - at;
		if (!pieces_add(&file->pieces, start, start + size, at))
			return error_memory(error, "read");
		if (file->cut)
			return 0;
		at += size;
	}
}

int flattened_index(struct dump_file *file, struct error *error)
{
	const struct pieces *pieces = &file->pieces;
	int r = read_records(file, error);

	if (r == 0 && !pieces_sort(&file->pieces, PIECES_LAST))
		r = error_memory(error, "read");
	file->size = r == 0 && pieces->count ? pieces->list[pieces->count - 1].end : 0;
	return r;
}
