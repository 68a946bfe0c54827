/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/range.h"

enum {
	NEWC_HEADER_SIZE = 110, /* 6 characters of magic, 13 fields of 8 hexadecimal digits */
	NEWC_FIELD_FILESIZE = 6,
	NEWC_FIELD_NAMESIZE = 11,
	NEWC_NAME_LIMIT = 256,
	NEWC_ALIGNMENT = 4,
	TAIL_LIMIT = 4096, /* cpio(1) fills up its last block of 512 or more bytes */
};

struct newc_entry {
	char name[NEWC_NAME_LIMIT];
	uint64_t end; /* offset of the next entry */
};

static bool newc_field(const char *header, unsigned int index, uint64_t *value)
{
	char digits[9];

	memcpy(digits, header + 6 + index * 8, 8);
	digits[8] = '\0';
	if (strspn(digits, "0123456789abcdefABCDEF") != 8)
		return false;
	*value = strtoull(digits, NULL, 16);
	return true;
}

/* Reads the entry at `offset`. 1 when there is one, 0 when there is none, or a negative errno. */
static int newc_read(const struct blob *archive, uint64_t offset, struct newc_entry *entry,
		     struct error *error)
{
	char header[NEWC_HEADER_SIZE];
	uint64_t file_size, name_size, data;
	int r;

	if (offset > archive->size || archive->size - offset < sizeof(header))
		return 0;
	r = blob_read(archive, offset, header, sizeof(header), error);
	if (r < 0)
		return r;
	if (memcmp(header, "070701", 6) != 0 && memcmp(header, "070702", 6) != 0)
		return 0;
	if (!newc_field(header, NEWC_FIELD_FILESIZE, &file_size) ||
	    !newc_field(header, NEWC_FIELD_NAMESIZE, &name_size))
		return 0;
	if (name_size == 0 || name_size > sizeof(entry->name) ||
	    name_size > archive->size - offset - sizeof(header))
		return 0;
	r = blob_read(archive, offset + sizeof(header), entry->name, name_size, error);
	if (r < 0)
		return r;
	if (entry->name[name_size - 1] != '\0')
		return 0;
	/* All of it is below 2^34 behind an offset inside a file: this cannot wrap. */
	align_up(offset + sizeof(header) + name_size, NEWC_ALIGNMENT, &data);
	align_up(data + file_size, NEWC_ALIGNMENT, &entry->end);
	return 1;
}

/* 1 when nothing but zeros follows, up to what cpio(1) fills a block up with. */
static int tail_is_padding(const struct blob *archive, uint64_t offset, struct error *error)
{
	uint8_t tail[TAIL_LIMIT];
	int r;

	if (offset > archive->size || archive->size - offset > sizeof(tail))
		return 0;
	r = blob_read(archive, offset, tail, archive->size - offset, error);
	if (r < 0)
		return r;
	for (uint64_t i = 0; i < archive->size - offset; i++)
		if (tail[i])
			return 0;
	return 1;
}

int initrd_is_early_archive(const struct blob *initrd, struct error *error)
{
	struct newc_entry entry;
	uint64_t offset = 0;
	bool any = false;
	int r;

	while ((r = newc_read(initrd, offset, &entry, error)) > 0) {
		offset = entry.end;
		if (strcmp(entry.name, "TRAILER!!!") == 0)
			return any ? tail_is_padding(initrd, offset, error) : 0;
		/* dracut and mkinitcpio mark such an archive with an empty file. */
		if (strcmp(entry.name, ".") == 0 || strcmp(entry.name, "early_cpio") == 0)
			continue;
		if (strcmp(entry.name, "kernel") != 0 && strncmp(entry.name, "kernel/", 7) != 0)
			return 0;
		any = true;
	}
	return r;
}

int initrds_open(struct blob **initrds, const char *const *paths, size_t count, bool *moved,
		 struct error *error)
{
	cleanup_free const char **ordered = NULL;
	cleanup_free bool *early = NULL;
	size_t used = 0;

	ordered = calloc(count, sizeof(*ordered));
	early = calloc(count, sizeof(*early));
	if (!ordered || !early)
		return error_memory(error, "open initrd");
	for (size_t i = 0; i < count; i++) {
		cleanup_blob struct blob *initrd = NULL;
		int r;

		r = blob_open(&initrd, &paths[i], 1, error);
		if (r == 0)
			r = initrd_is_early_archive(initrd, error);
		if (r < 0)
			return r;
		early[i] = r > 0;
	}
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++)
			if (early[i] == (pass == 0))
				ordered[used++] = paths[i];
	*moved = memcmp(ordered, paths, count * sizeof(*ordered)) != 0;
	return blob_open(initrds, ordered, count, error);
}
