/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/unwrap/extent.h"

#include "base/blob.h"
#include "base/bytes.h"
#include "image/unwrap/formats.h"

/* RFC 8878, section 3.1.1. */
enum {
	FRAME_HEADER_MAX = 18,
	FRAME_DESCRIPTOR = 4,
	DESCRIPTOR_CHECKSUM = 1 << 2,
	DESCRIPTOR_SINGLE_SEGMENT = 1 << 5,
	CHECKSUM_SIZE = 4,
	BLOCK_HEADER_SIZE = 3,
	BLOCK_RLE = 1,
	BLOCK_RESERVED = 3,
};

/* Deflate's best: a length of 258 in two bits. */
enum { GZIP_SIZE_FIELD = 4, GZIP_RATIO_MAX = 1032, LZMA_SIZE_OFFSET = 5 };

struct frame {
	uint64_t header_size;
	uint64_t content_size; /* 0: not stated */
	bool checksum;
};

static bool read_frame_header(struct bytes head, struct frame *frame)
{
	static const unsigned int id_sizes[] = {0, 1, 2, 4}, size_sizes[] = {0, 2, 4, 8};
	uint8_t descriptor = 0;
	unsigned int id, size;
	bool single;

	if (!bytes_match(head, 0, FORMAT_MAGIC_ZSTD) ||
	    !bytes_u8(head, FRAME_DESCRIPTOR, &descriptor))
		return false;
	single = descriptor & DESCRIPTOR_SINGLE_SEGMENT;
	id = id_sizes[descriptor & 3];
	size = descriptor >> 6 == 0 && single ? 1 : size_sizes[descriptor >> 6];
	frame->checksum = descriptor & DESCRIPTOR_CHECKSUM;
	frame->header_size = FRAME_DESCRIPTOR + 1 + (single ? 0U : 1U) + id + size;
	if (!bytes_have(head, 0, frame->header_size))
		return false;
	frame->content_size = load_le(head.data + frame->header_size - size, size);
	if (size == 2)
		frame->content_size += 256;
	return true;
}

static int read_some(const struct blob *blob, uint64_t offset, uint8_t *buffer, size_t most,
		     struct bytes *bytes, struct error *error)
{
	uint64_t left = blob->size > offset ? blob->size - offset : 0;

	*bytes = (struct bytes){buffer, left < most ? left : most};
	return blob_read(blob, offset < blob->size ? offset : blob->size, buffer, bytes->size,
			 error);
}

static int find_frame(const struct blob *blob, uint64_t offset, struct frame *frame, bool *found,
		      struct error *error)
{
	uint8_t buffer[FRAME_HEADER_MAX];
	struct bytes head;
	int r = read_some(blob, offset, buffer, sizeof(buffer), &head, error);

	*found = r == 0 && read_frame_header(head, frame);
	return r;
}

int stream_extent(const struct blob *blob, uint64_t offset, const struct format *format,
		  uint64_t *end, struct error *error)
{
	struct frame frame;
	bool found, last = false;
	int r;

	if (format->decode != decode_zstd)
		return 0;
	r = find_frame(blob, offset, &frame, &found, error);
	if (r < 0 || !found)
		return r;
	offset += frame.header_size;
	while (!last) {
		uint8_t buffer[BLOCK_HEADER_SIZE];
		struct bytes head;
		uint64_t field, size;

		r = read_some(blob, offset, buffer, sizeof(buffer), &head, error);
		if (r < 0 || head.size < sizeof(buffer))
			return r;
		field = load_le(buffer, sizeof(buffer));
		last = field & 1;
		if ((field >> 1 & 3) == BLOCK_RESERVED)
			return 0;
		size = (field >> 1 & 3) == BLOCK_RLE ? 1 : field >> 3;
		offset += sizeof(buffer) + size;
	}
	*end = offset + (frame.checksum ? CHECKSUM_SIZE : 0);
	return *end <= blob->size;
}

int stream_stated_size(const struct blob *blob, uint64_t offset, const struct format *format,
		       uint64_t *size, struct error *error)
{
	uint8_t buffer[FORMAT_HEAD_SIZE];
	struct frame frame = {};
	struct bytes bytes;
	bool found;
	int r = 0;

	*size = 0;
	if (format->decode == decode_zstd) {
		r = find_frame(blob, offset, &frame, &found, error);
		*size = found ? frame.content_size : 0;
	} else if (format->decode == decode_lzma) {
		r = read_some(blob, offset, buffer, sizeof(buffer), &bytes, error);
		if (r == 0 && bytes_le64(bytes, LZMA_SIZE_OFFSET, size) && *size == UINT64_MAX)
			*size = 0;
	} else if (format->decode == decode_gzip && blob->size - offset > GZIP_SIZE_FIELD) {
		r = blob_read(blob, blob->size - GZIP_SIZE_FIELD, buffer, GZIP_SIZE_FIELD, error);
		*size = r == 0 ? load_le(buffer, GZIP_SIZE_FIELD) : 0;
		if (*size / GZIP_RATIO_MAX > blob->size - offset)
			*size = 0; /* something else is behind the stream */
	}
	return r;
}
