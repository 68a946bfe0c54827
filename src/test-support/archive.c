/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/archive.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "test-support/test.h"

void archive_add_bytes(struct archive *archive, const void *bytes, size_t size)
{
	assert_true(archive->size + size <= sizeof(archive->bytes));
	memcpy(archive->bytes + archive->size, bytes, size);
	archive->size += size;
}

void archive_add_zeros(struct archive *archive, size_t count)
{
	assert_true(archive->size + count <= sizeof(archive->bytes));
	memset(archive->bytes + archive->size, 0, count);
	archive->size += count;
}

static void align(struct archive *archive)
{
	archive_add_zeros(archive, -archive->size % 4);
}

void archive_add_header(struct archive *archive, const char *name, uint32_t name_size,
			uint32_t file_size)
{
	char header[111];

	/* Inode, mode, owner and group, links, time; size; four devices; name's size; checksum. */
	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1, 0100644, 0, 0, 1,
		 0, file_size, 0, 0, 0, 0, name_size, 0);
	archive_add_bytes(archive, header, 110);
	archive_add_bytes(archive, name, strlen(name) + 1);
	align(archive);
}

void archive_add(struct archive *archive, const char *name, const char *content)
{
	archive_add_header(archive, name, (uint32_t)strlen(name) + 1, (uint32_t)strlen(content));
	archive_add_bytes(archive, content, strlen(content));
	align(archive);
}

void archive_add_bootconfig(struct archive *archive, const void *data, size_t size)
{
	size_t start = archive->size;
	uint8_t fields[8];
	uint32_t sum = 0;

	archive_add_bytes(archive, data, size);
	align(archive);
	for (size_t i = start; i < archive->size; i++)
		sum += archive->bytes[i];
	store_le(fields, 4, archive->size - start);
	store_le(fields + 4, 4, sum);
	archive_add_bytes(archive, fields, sizeof(fields));
	archive_add_bytes(archive, "#BOOTCONFIG\n", 12);
}
