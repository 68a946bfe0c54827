/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-content.h"

#include <stddef.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/error.h"
#include "image/newc-walk.h"

enum {
	HEAD_SIZE = 2048, /* with the superblock of each filesystem below */
	CPIO_ALIGNMENT = 4,
	CHUNK_SIZE = 4096,
	CHUNK_SIZE_MAX = 64 << 10,
};

struct magic {
	const char *name; /* of a filesystem */
	unsigned int offset, size;
	uint8_t bytes[8];
};

/* What the kernel's unpacker takes a compressed archive by (lib/decompress.c). */
static const struct magic compressed[] = {
    {.size = 2, .bytes = {0x1f, 0x8b}}, /* gzip */
    {.size = 2, .bytes = {0x1f, 0x9e}}, /* old gzip */
    {.size = 2, .bytes = {0x42, 0x5a}}, /* bzip2 */
    {.size = 2, .bytes = {0x5d, 0x00}}, /* lzma */
    {.size = 2, .bytes = {0xfd, 0x37}}, /* xz */
    {.size = 2, .bytes = {0x89, 0x4c}}, /* lzo */
    {.size = 2, .bytes = {0x02, 0x21}}, /* lz4, the legacy format */
    {.size = 2, .bytes = {0x28, 0xb5}}, /* zstd */
};

/*
 * What the kernel copies to a RAM disk (identify_ramdisk_image(), init/do_mounts_rd.c), by the
 * magic numbers of include/uapi/linux/magic.h for little-endian machines.
 */
static const struct magic filesystems[] = {
    {"squashfs", 0, 4, {'h', 's', 'q', 's'}},
    {"cramfs", 0, 4, {0x45, 0x3d, 0xcd, 0x28}},
    {"cramfs", 512, 4, {0x45, 0x3d, 0xcd, 0x28}},
    {"romfs", 0, 8, {'-', 'r', 'o', 'm', '1', 'f', 's', '-'}},
    {"ext", 1024 + 56, 2, {0x53, 0xef}},
    {"minix", 1024 + 16, 2, {0x7f, 0x13}},
    {"minix", 1024 + 16, 2, {0x8f, 0x13}},
};

static const struct magic *find_magic(const struct magic *magics, size_t count, struct bytes head)
{
	for (size_t i = 0; i < count; i++)
		if (bytes_match(head, magics[i].offset, magics[i].bytes, magics[i].size))
			return &magics[i];
	return NULL;
}

bool initrd_is_compressed(struct bytes head)
{
	return find_magic(compressed, sizeof(compressed) / sizeof(*compressed), head);
}

/* Whether the unpacker takes what starts here, at an offset in the initrd. */
static bool is_archive(struct bytes head, uint64_t offset)
{
	if (bytes_match(head, 0, "070701", 6) || bytes_match(head, 0, "070702", 6))
		return offset % CPIO_ALIGNMENT == 0;
	return initrd_is_compressed(head);
}

int initrd_skip_zeros(const struct blob *initrd, uint64_t size, uint64_t *offset,
		      struct error *error)
{
	uint8_t chunk[CHUNK_SIZE_MAX];
	size_t wanted = CHUNK_SIZE; /* mostly there are few, but a hole can have gigabytes */

	while (*offset < size) {
		size_t now = size - *offset < wanted ? (size_t)(size - *offset) : wanted;
		int r = blob_read(initrd, *offset, chunk, now, error);

		if (r < 0)
			return r;
		if (*chunk || memcmp(chunk, chunk + 1, now - 1) != 0) {
			for (size_t i = 0; !chunk[i]; i++)
				++*offset;
			return 0;
		}
		*offset += now;
		wanted = CHUNK_SIZE_MAX;
	}
	return 0;
}

static int read_head(const struct blob *initrd, uint64_t offset, uint64_t size, uint8_t *buffer,
		     struct bytes *head, struct error *error)
{
	*head = (struct bytes){buffer, size - offset < HEAD_SIZE ? size - offset : HEAD_SIZE};
	return blob_read(initrd, offset, buffer, head->size, error);
}

int initrd_content_find(enum initrd_content *content, const char **filesystem,
			const struct blob *initrd, uint64_t size, struct error *error)
{
	const struct magic *magic = NULL;
	uint8_t buffer[HEAD_SIZE];
	uint64_t start = 0;
	struct bytes head;
	int r;

	r = read_head(initrd, 0, size, buffer, &head, error);
	if (r < 0)
		return r;
	/* In this order: an archive may have anything at a filesystem's offset. */
	if (!is_archive(head, 0))
		magic = find_magic(filesystems, sizeof(filesystems) / sizeof(*filesystems), head);
	*filesystem = magic ? magic->name : NULL;
	*content = INITRD_FILESYSTEM;
	if (magic)
		return 0;
	/* The unpacker skips zeros. */
	r = initrd_skip_zeros(initrd, size, &start, error);
	if (r == 0)
		r = read_head(initrd, start, size, buffer, &head, error);
	*content = start == size || is_archive(head, start) ? INITRD_ARCHIVE : INITRD_UNKNOWN;
	return r;
}

int initrd_has_compressed(const struct blob *initrd, struct error *error)
{
	uint8_t buffer[HEAD_SIZE];
	struct newc_walk walk;
	uint64_t start = 0;
	struct bytes head;
	int r = initrd_skip_zeros(initrd, initrd->size, &start, error);

	if (r == 0)
		r = newc_walk(&walk, initrd, start, initrd->size, error);
	if (r == 0)
		r = read_head(initrd, walk.next, initrd->size, buffer, &head, error);
	return r < 0 ? r : initrd_is_compressed(head);
}
