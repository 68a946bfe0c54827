/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Foreign bytes, read only through checked accessors.
 *
 * `struct bytes` is a borrowed view. An accessor returns false, and leaves its result alone, when
 * the field does not lie wholly inside; every range test is safe against wrap-around. Nearly all
 * formats are little-endian, device trees and lzop's files are not; any host reads them the same
 * way.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *data;
	uint64_t size;
};

/* Whether [offset, offset + length) lies inside. */
static inline bool bytes_have(struct bytes bytes, uint64_t offset, uint64_t length)
{
	return offset <= bytes.size && length <= bytes.size - offset;
}

static inline bool bytes_match(struct bytes bytes, uint64_t offset, const void *pattern,
			       uint64_t length)
{
	return bytes_have(bytes, offset, length) &&
	       memcmp(bytes.data + offset, pattern, length) == 0;
}

/* `width`: 0 to 8 bytes. One instruction where the compiler knows it, which a loop is not. */
static inline uint64_t load_le(const uint8_t *from, unsigned int width)
{
	uint64_t value = 0;

	memcpy(&value, from, width);
	return le64toh(value);
}

static inline uint64_t load_be(const uint8_t *from, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value = value << 8 | from[i];
	return value;
}

static inline void store_le(uint8_t *to, unsigned int width, uint64_t value)
{
	value = htole64(value);
	memcpy(to, &value, width);
}

static inline void store_be(uint8_t *to, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		to[width - 1 - i] = (uint8_t)(value >> (8 * i));
}

/* For formats that come in either order, and tell which. */
enum byte_order {
	ORDER_LITTLE,
	ORDER_BIG,
};

static inline uint64_t load_ordered(const uint8_t *from, unsigned int width, enum byte_order order)
{
	return order == ORDER_BIG ? load_be(from, width) : load_le(from, width);
}

static inline void store_ordered(uint8_t *to, unsigned int width, enum byte_order order,
				 uint64_t value)
{
	if (order == ORDER_BIG)
		store_be(to, width, value);
	else
		store_le(to, width, value);
}

/* A number of 1 to 8 bytes. */
static inline bool bytes_number(struct bytes bytes, uint64_t offset, unsigned int width,
				enum byte_order order, uint64_t *value)
{
	if (!bytes_have(bytes, offset, width))
		return false;
	*value = load_ordered(bytes.data + offset, width, order);
	return true;
}

static inline bool bytes_u8(struct bytes bytes, uint64_t offset, uint8_t *value)
{
	if (!bytes_have(bytes, offset, 1))
		return false;
	*value = bytes.data[offset];
	return true;
}

static inline bool bytes_le16(struct bytes bytes, uint64_t offset, uint16_t *value)
{
	if (!bytes_have(bytes, offset, 2))
		return false;
	*value = (uint16_t)load_le(bytes.data + offset, 2);
	return true;
}

static inline bool bytes_le32(struct bytes bytes, uint64_t offset, uint32_t *value)
{
	if (!bytes_have(bytes, offset, 4))
		return false;
	*value = (uint32_t)load_le(bytes.data + offset, 4);
	return true;
}

static inline bool bytes_le64(struct bytes bytes, uint64_t offset, uint64_t *value)
{
	if (!bytes_have(bytes, offset, 8))
		return false;
	*value = load_le(bytes.data + offset, 8);
	return true;
}
