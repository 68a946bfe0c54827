/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Snappy's raw format (github.com/google/snappy, format_description.txt): the unpacked size, 7 bits
 * a byte, the lowest first; then elements, whose first byte says in its two lowest bits what they
 * are.
 *
 *   0  literal: its size less 1 in the upper six bits, or, when these are 60 to 63, in the 1 to 4
 *      bytes behind; then the bytes
 *   1  copy of 4 to 11 bytes (bits 2 to 4, less 4), distance of 11 bits: bits 5 to 7 are its
 *      upper ones, the byte behind the lower
 *   2  copy of 1 to 64 bytes (upper six bits, less 1), distance in the 2 bytes behind
 *   3  likewise, distance in 4 bytes
 *
 * A copy may overlap what it makes. Numbers are little-endian.
 */
#include "vmcore/page-decoder.h"

struct decoder {
	struct bytes in;
	uint64_t at;
	uint8_t *out;
	size_t done, size;
};

struct copy {
	uint64_t length, distance;
};

static bool read_number(struct decoder *decoder, unsigned int width, uint64_t *value)
{
	bool there = bytes_number(decoder->in, decoder->at, width, ORDER_LITTLE, value);

	decoder->at += width;
	return there;
}

static bool read_size(struct decoder *decoder, uint64_t *size)
{
	*size = 0;
	for (unsigned int shift = 0; shift < 35; shift += 7) {
		uint64_t byte;

		if (!read_number(decoder, 1, &byte))
			return false;
		*size |= (byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static bool decode_literal(struct decoder *decoder, uint8_t tag)
{
	uint64_t length = tag >> 2;

	if (length >= 60 && !read_number(decoder, (unsigned int)length - 59, &length))
		return false;
	length++;
	if (length > decoder->size - decoder->done || !bytes_have(decoder->in, decoder->at, length))
		return false;
	memcpy(decoder->out + decoder->done, decoder->in.data + decoder->at, length);
	decoder->at += length;
	decoder->done += length;
	return true;
}

static bool read_copy(struct decoder *decoder, uint8_t tag, struct copy *copy)
{
	copy->length = (uint64_t)(tag >> 2) + 1;
	switch (tag & 3) {
	case 1:
		copy->length = (uint64_t)(tag >> 2 & 7) + 4;
		if (!read_number(decoder, 1, &copy->distance))
			return false;
		copy->distance |= (uint64_t)(tag >> 5) << 8;
		return true;
	case 2:
		return read_number(decoder, 2, &copy->distance);
	default:
		return read_number(decoder, 4, &copy->distance);
	}
}

static bool decode_copy(struct decoder *decoder, uint8_t tag)
{
	struct copy copy;

	if (!read_copy(decoder, tag, &copy) || copy.distance == 0 ||
	    copy.distance > decoder->done || copy.length > decoder->size - decoder->done)
		return false;
	for (uint64_t i = 0; i < copy.length; i++, decoder->done++)
		decoder->out[decoder->done] = decoder->out[decoder->done - copy.distance];
	return true;
}

enum page_result page_decode_snappy(struct bytes packed, uint8_t *to, size_t size)
{
	struct decoder decoder = {.in = packed, .out = to, .size = size};
	uint64_t told;

	if (!read_size(&decoder, &told) || told != size)
		return PAGE_CORRUPT;
	while (decoder.at < packed.size) {
		uint8_t tag = packed.data[decoder.at++];

		if (!(tag & 3 ? decode_copy(&decoder, tag) : decode_literal(&decoder, tag)))
			return PAGE_CORRUPT;
	}
	return decoder.done == size ? PAGE_OK : PAGE_CORRUPT;
}
