/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/newc.h"

#include <string.h>
#include <sys/stat.h>

#define MAGIC "070701"

/* Of a header's fields, those that are not 0 here. */
enum {
	FIELD_INODE = 0,
	FIELD_MODE = 1,
	FIELD_LINKS = 4,
	FIELD_FILE_SIZE = 6,
	FIELD_NAME_SIZE = 11,
	FIELDS = 13,
};

enum {
	HEADER_SIZE = 6 + FIELDS * 8,
	ALIGNMENT = 4,
};

static const struct newc_member trailer = {.path = "TRAILER!!!"};

static uint64_t padded(uint64_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint64_t name_end(const struct newc_member *member)
{
	return padded(HEADER_SIZE + strlen(member->path) + 1);
}

static uint64_t member_size(const struct newc_member *member)
{
	return name_end(member) + padded(member->size);
}

/* A field: 8 hexadecimal digits. */
static uint8_t *write_field(uint8_t *to, uint32_t value)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		*to++ = (uint8_t) "0123456789ABCDEF"[value >> shift & 0xf];
	return to;
}

static uint8_t *write_member(uint8_t *to, const struct newc_member *member, uint32_t inode)
{
	uint32_t fields[FIELDS] = {
	    [FIELD_INODE] = inode,
	    [FIELD_MODE] = member->mode,
	    [FIELD_LINKS] = S_ISDIR(member->mode) ? 2 : 1,
	    [FIELD_FILE_SIZE] = member->size,
	    [FIELD_NAME_SIZE] = (uint32_t)strlen(member->path) + 1,
	};
	uint8_t *at = to + strlen(MAGIC);

	memset(to, 0, member_size(member));
	memcpy(to, MAGIC, strlen(MAGIC));
	for (size_t i = 0; i < FIELDS; i++)
		at = write_field(at, fields[i]);
	memcpy(at, member->path, strlen(member->path));
	if (member->size)
		memcpy(to + name_end(member), member->content, member->size);
	return to + member_size(member);
}

size_t newc_size(const struct newc_member *members, size_t count)
{
	uint64_t size = member_size(&trailer);

	for (size_t i = 0; i < count && size <= UINT32_MAX; i++)
		size += member_size(&members[i]);
	return size <= UINT32_MAX ? size : 0;
}

void newc_write(uint8_t *to, const struct newc_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to = write_member(to, &members[i], (uint32_t)i + 1);
	write_member(to, &trailer, 0);
}
