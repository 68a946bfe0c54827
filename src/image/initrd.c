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

static int initrd_open(struct initrd *initrd, const char *path, struct error *error)
{
	uint64_t size;
	int r;

	initrd->path = path;
	r = blob_open(&initrd->blob, path, error);
	if (r < 0)
		return r;
	r = initrd_is_early_archive(initrd->blob, error);
	if (r < 0)
		return r;
	initrd->early = r > 0;
	r = bootconfig_find(&initrd->bootconfig, initrd->blob, error);
	if (r < 0)
		return r;
	size = initrd->bootconfig.state == BOOTCONFIG_VALID ? initrd->bootconfig.start
							    : initrd->blob->size;
	return initrd_content_find(&initrd->content, &initrd->filesystem, initrd->blob, size,
				   error);
}

static int put_early_archives_first(struct initrds *initrds)
{
	struct initrd *ordered = calloc(initrds->count + 1, sizeof(*ordered));
	size_t used = 0;

	if (!ordered)
		return -ENOMEM;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < initrds->count; i++)
			if (initrds->files[i].early == (pass == 0)) {
				initrds->reordered = initrds->reordered || i != used;
				ordered[used++] = initrds->files[i];
			}
	free(initrds->files);
	initrds->files = ordered;
	return 0;
}

/* The last one is kept, as if the files had been applied one after the other. */
static void place_bootconfigs(struct initrds *initrds)
{
	bool kept = false;

	for (size_t i = initrds->count; i-- > 0;) {
		struct initrd *initrd = &initrds->files[i];

		if (initrd->bootconfig.state != BOOTCONFIG_VALID)
			continue;
		if (kept)
			initrd->bootconfig_place = BOOTCONFIG_LEFT_OUT;
		else if (i + 1 < initrds->count || initrds->appended)
			initrd->bootconfig_place = BOOTCONFIG_MOVED;
		kept = true;
	}
}

/*
 * The files without the bootconfigs that do not stay, what is appended (the last source), and then
 * the bootconfig that goes to the end.
 */
static size_t choose_parts(const struct initrds *initrds, uint64_t appended_size,
			   struct blob_part *parts)
{
	struct blob_part *last = &parts[initrds->count];

	if (initrds->appended)
		*last++ = (struct blob_part){initrds->count, 0, appended_size};

	for (size_t i = 0; i < initrds->count; i++) {
		const struct initrd *initrd = &initrds->files[i];
		const struct bootconfig *bootconfig = &initrd->bootconfig;
		bool stays = initrd->bootconfig_place == BOOTCONFIG_STAYS;

		parts[i] = (struct blob_part){i, 0, stays ? initrd->blob->size : bootconfig->start};
		if (initrd->bootconfig_place == BOOTCONFIG_MOVED)
			*last = (struct blob_part){i, bootconfig->start,
						   bootconfig->end - bootconfig->start};
	}
	return (size_t)(last - parts) + (last->size ? 1 : 0);
}

static int join(struct initrds *initrds, struct blob **appended, struct error *error)
{
	size_t source_count = initrds->count + initrds->appended, part_count;
	cleanup_free struct blob **sources = calloc(source_count, sizeof(*sources));
	cleanup_free struct blob_part *parts = calloc(source_count + 1, sizeof(*parts));
	int r;

	if (!sources || !parts)
		return error_memory(error, "open initrd");
	for (size_t i = 0; i < initrds->count; i++)
		sources[i] = initrds->files[i].blob;
	if (initrds->appended)
		sources[initrds->count] = *appended;
	part_count = choose_parts(initrds, initrds->appended ? (*appended)->size : 0, parts);
	r = blob_join(&initrds->joined, sources, source_count, parts, part_count, error);
	for (size_t i = 0; r == 0 && i < initrds->count; i++)
		initrds->files[i].blob = NULL;
	if (r == 0 && initrds->appended)
		*appended = NULL;
	return r;
}

int initrds_open(struct initrds *result, const char *const *paths, size_t count,
		 struct blob **appended, struct error *error)
{
	cleanup_initrds struct initrds initrds = {.appended = appended && *appended};

	*result = (struct initrds){};
	initrds.files = calloc(count + 1, sizeof(*initrds.files)); /* never of nothing */
	if (!initrds.files)
		return error_memory(error, "open initrd");
	while (initrds.count < count) {
		size_t i = initrds.count++;
		int r = initrd_open(&initrds.files[i], paths[i], error);

		if (r < 0)
			return r;
	}
	if (put_early_archives_first(&initrds) < 0)
		return error_memory(error, "open initrd");
	place_bootconfigs(&initrds);
	if (count == 1 && !initrds.appended) {
		initrds.joined = steal_pointer(initrds.files[0].blob);
	} else {
		int r = join(&initrds, appended, error);

		if (r < 0)
			return r;
	}
	*result = initrds;
	initrds = (struct initrds){};
	return 0;
}

void initrds_fini(struct initrds *initrds)
{
	blob_free(initrds->joined);
	for (size_t i = 0; i < initrds->count; i++)
		blob_free(initrds->files[i].blob);
	free(initrds->files);
	*initrds = (struct initrds){};
}
