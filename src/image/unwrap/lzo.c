/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * LZO in the framing of lzop, which has no specification but its source (lzop 1.04, src/lzop.c,
 * src/lzop.h). All numbers are big-endian. A file is a magic, a header, and blocks up to one of
 * size 0; files may follow one another.
 *
 *   version 2, library version 2, version needed 2 (from 0x940 on), method 1, level 1 (from 0x940
 *   on), flags 4, filter 4 (if flagged), mode 4, time 4, time's upper half 4 (from 0x940 on),
 * length of the name 1, the name, checksum of all this 4, then if flagged: extra field's length 4,
 * the field, its checksum 4
 *
 *   block: unpacked size 4, packed size 4, the checksums that are flagged 4 each (of the packed
 *   bytes only if they are fewer), the bytes
 */
#include <lzo/lzo1x.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/unwrap/formats.h"

enum {
	FLAG_ADLER32_UNPACKED = 1 << 0,
	FLAG_ADLER32_PACKED = 1 << 1,
	FLAG_EXTRA_FIELD = 1 << 6,
	FLAG_CRC32_UNPACKED = 1 << 8,
	FLAG_CRC32_PACKED = 1 << 9,
	FLAG_FILTER = 1 << 11,
	FLAG_HEADER_CRC32 = 1 << 12,

	VERSION_OLDEST = 0x0900,
	VERSION_LEVEL = 0x0940,
	METHOD_LAST = 3, /* 1 to 3 are variants of LZO1X, which unpack alike */
	BLOCK_MAX = 64 << 20,
	ADLER32_START = 1,
	CRC32_START = 0,
};

/* A header in the reading: its checksums run along. */
struct header {
	struct source *source;
	lzo_uint32_t adler32, crc32;
};

struct block {
	uint32_t unpacked_size, packed_size;
	/* In the file's order; those that are not there are not looked at. */
	uint32_t unpacked_adler32, unpacked_crc32, packed_adler32, packed_crc32;
};

static int header_bytes(struct header *header, uint8_t *to, size_t size, struct error *error)
{
	int r = source_read(header->source, to, size, error);

	if (r == 0) {
		header->adler32 = lzo_adler32(header->adler32, to, size);
		header->crc32 = lzo_crc32(header->crc32, to, size);
	}
	return r;
}

static int header_number(struct header *header, unsigned int width, uint32_t *value,
			 struct error *error)
{
	uint8_t bytes[4];
	int r = header_bytes(header, bytes, width, error);

	if (r == 0)
		*value = (uint32_t)load_be(bytes, width);
	return r;
}

/* A number that says nothing about how to unpack. */
static int header_skip(struct header *header, unsigned int width, struct error *error)
{
	uint32_t ignored;

	return header_number(header, width, &ignored, error);
}

/* The checksum at the end of what was read so far. */
static int header_end(struct header *header, uint32_t flags, struct error *error)
{
	uint32_t wanted = flags & FLAG_HEADER_CRC32 ? header->crc32 : header->adler32, found = 0;
	int r = header_number(header, 4, &found, error);

	if (r == 0 && found != wanted)
		r = source_corrupt(header->source, "the checksum of its header is wrong", error);
	return r;
}

static int read_extra_field(struct source *source, uint32_t flags, struct error *error)
{
	struct header header = {source, ADLER32_START, CRC32_START};
	uint32_t length = 0;
	int r = header_number(&header, 4, &length, error);

	while (r == 0 && length > 0) {
		uint8_t bytes[512];
		uint32_t size = length < sizeof(bytes) ? length : (uint32_t)sizeof(bytes);

		r = header_bytes(&header, bytes, size, error);
		length -= size;
	}
	return r == 0 ? header_end(&header, flags, error) : r;
}

static int read_versions(struct header *header, bool *has_level, struct error *error)
{
	uint32_t version = 0, method = 0;
	int r = header_number(header, 2, &version, error);

	*has_level = version >= VERSION_LEVEL;
	if (r == 0)
		r = header_skip(header, 2, error);
	if (r == 0 && *has_level)
		r = header_skip(header, 2, error);
	if (r == 0)
		r = header_number(header, 1, &method, error);
	if (r == 0 && *has_level)
		r = header_skip(header, 1, error);
	if (r == 0 && (version < VERSION_OLDEST || method == 0 || method > METHOD_LAST))
		r = source_corrupt(header->source, "its version or method is unknown", error);
	return r;
}

static int read_header(struct source *source, uint32_t *flags, struct error *error)
{
	struct header header = {source, ADLER32_START, CRC32_START};
	uint8_t name[UINT8_MAX];
	uint32_t length = 0;
	bool has_level;
	int r = read_versions(&header, &has_level, error);

	if (r == 0)
		r = header_number(&header, 4, flags, error);
	if (r == 0 && *flags & FLAG_FILTER)
		r = header_skip(&header, 4, error);
	if (r == 0)
		r = header_skip(&header, 4, error); /* mode */
	if (r == 0)
		r = header_skip(&header, 4, error); /* time */
	if (r == 0 && has_level)
		r = header_skip(&header, 4, error);
	if (r == 0)
		r = header_number(&header, 1, &length, error);
	if (r == 0)
		r = header_bytes(&header, name, length, error);
	if (r == 0)
		r = header_end(&header, *flags, error);
	if (r == 0 && *flags & FLAG_FILTER)
		r = source_unsupported(source, "it was filtered (lzop --filter)", error);
	if (r == 0 && *flags & FLAG_EXTRA_FIELD)
		r = read_extra_field(source, *flags, error);
	return r;
}

static int block_number(struct source *source, bool there, uint32_t *value, struct error *error)
{
	uint8_t bytes[4];
	int r;

	if (!there)
		return 0;
	r = source_read(source, bytes, sizeof(bytes), error);
	if (r == 0)
		*value = (uint32_t)load_be(bytes, sizeof(bytes));
	return r;
}

/* The last block is one of unpacked size 0, which has nothing behind that. */
static int read_block(struct source *source, uint32_t flags, struct block *block,
		      struct error *error)
{
	bool packed;
	int r;

	*block = (struct block){};
	r = block_number(source, true, &block->unpacked_size, error);
	if (r < 0 || block->unpacked_size == 0)
		return r;
	r = block_number(source, true, &block->packed_size, error);
	packed = block->packed_size < block->unpacked_size;
	if (r == 0)
		r = block_number(source, flags & FLAG_ADLER32_UNPACKED, &block->unpacked_adler32,
				 error);
	if (r == 0)
		r = block_number(source, flags & FLAG_CRC32_UNPACKED, &block->unpacked_crc32,
				 error);
	if (r == 0)
		r = block_number(source, packed && flags & FLAG_ADLER32_PACKED,
				 &block->packed_adler32, error);
	if (r == 0)
		r = block_number(source, packed && flags & FLAG_CRC32_PACKED, &block->packed_crc32,
				 error);
	if (r == 0 && (block->packed_size == 0 || block->packed_size > block->unpacked_size ||
		       block->unpacked_size > BLOCK_MAX))
		r = source_corrupt(source, "a block has an impossible size", error);
	return r;
}

static bool checksums_are_right(const uint8_t *bytes, size_t size, bool has_adler32,
				uint32_t adler32, bool has_crc32, uint32_t crc32)
{
	return (!has_adler32 || lzo_adler32(ADLER32_START, bytes, size) == adler32) &&
	       (!has_crc32 || lzo_crc32(CRC32_START, bytes, size) == crc32);
}

static int unpack_block(struct source *source, struct sink *sink, uint32_t flags,
			const struct block *block, struct error *error)
{
	cleanup_free uint8_t *packed = malloc(block->packed_size);
	lzo_uint size = block->unpacked_size;
	uint8_t *unpacked;
	size_t room;
	int r;

	if (!packed)
		return error_memory(error, "unwrap");
	unpacked = sink_room(sink, block->unpacked_size, &room, error);
	if (!unpacked)
		return -ENOMEM;
	r = source_read(source, packed, block->packed_size, error);
	if (r < 0)
		return r;
	if (block->packed_size == block->unpacked_size) {
		memcpy(unpacked, packed, size);
	} else if (!checksums_are_right(packed, block->packed_size, flags & FLAG_ADLER32_PACKED,
					block->packed_adler32, flags & FLAG_CRC32_PACKED,
					block->packed_crc32)) {
		return source_corrupt(source, "the checksum of a packed block is wrong", error);
	} else if (lzo1x_decompress_safe(packed, block->packed_size, unpacked, &size, NULL) !=
		       LZO_E_OK ||
		   size != block->unpacked_size) {
		return source_corrupt(source, "a block is wrong", error);
	}
	if (!checksums_are_right(unpacked, size, flags & FLAG_ADLER32_UNPACKED,
				 block->unpacked_adler32, flags & FLAG_CRC32_UNPACKED,
				 block->unpacked_crc32))
		return source_corrupt(source, "the checksum of a block is wrong", error);
	return sink_advance(sink, size, error);
}

static int decode_blocks(struct source *source, struct sink *sink, uint32_t flags,
			 struct error *error)
{
	for (;;) {
		struct block block;
		int r = read_block(source, flags, &block, error);

		if (r < 0 || block.unpacked_size == 0)
			return r;
		r = sink_allows(sink, block.unpacked_size, error);
		if (r == 0)
			r = unpack_block(source, sink, flags, &block, error);
		if (r < 0)
			return r;
	}
}

int decode_lzo(struct source *source, struct sink *sink, struct error *error)
{
	uint8_t magic[9];
	uint32_t flags = 0;
	int r;

	do {
		r = source_read(source, magic, sizeof(magic), error);
		if (r == 0)
			r = read_header(source, &flags, error);
		if (r == 0)
			r = decode_blocks(source, sink, flags, error);
	} while (r == 0 && !source->single && source_next_is(source, FORMAT_MAGIC_LZO));
	return r;
}
