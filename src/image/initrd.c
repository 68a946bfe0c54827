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

/* What is joined: sources, of which the first ones are the files, and parts of them. */
struct join {
	struct blob **sources;
	struct blob_part *parts;
	size_t source_count, part_count;
};

static size_t unpacked_parts(const struct initrds *initrds)
{
	size_t count = 0;

	for (size_t i = 0; i < initrds->count; i++)
		count += initrds->files[i].unpacked.part_count;
	return count;
}

static void choose_part(struct join *join, size_t source, uint64_t offset, uint64_t size)
{
	join->parts[join->part_count++] = (struct blob_part){source, offset, size};
}

/* A file's parts, without bootconfig. */
static void choose_file_parts(const struct initrd *initrd, size_t index, struct join *join)
{
	for (size_t i = 0; i < initrd->unpacked.part_count; i++) {
		const struct initrd_part *part = &initrd->unpacked.parts[i];

		choose_part(join, part->unpacked ? join->source_count : index, part->offset,
			    part->size);
		if (part->unpacked)
			join->sources[join->source_count++] = part->content;
	}
}

/*
 * The files, each bootconfig where it belongs; what is appended comes behind them, and the
 * bootconfig that goes to the end behind that.
 */
static void choose_parts(const struct initrds *initrds, struct blob *appended, struct join *join)
{
	struct blob_part moved = {};

	for (size_t i = 0; i < initrds->count; i++) {
		const struct initrd *initrd = &initrds->files[i];
		const struct bootconfig *bootconfig = &initrd->bootconfig;
		uint64_t size = initrd->blob->size;
		uint64_t start = bootconfig->state == BOOTCONFIG_VALID ? bootconfig->start : size;
		bool stays = initrd->bootconfig_place == BOOTCONFIG_STAYS;

		if (initrd->unpacked.parts)
			choose_file_parts(initrd, i, join);
		else
			choose_part(join, i, 0, stays ? size : start);
		if (initrd->unpacked.parts && stays)
			choose_part(join, i, start, size - start);
		if (initrd->bootconfig_place == BOOTCONFIG_MOVED)
			moved = (struct blob_part){i, start, bootconfig->end - start};
	}
	if (appended) {
		choose_part(join, join->source_count, 0, appended->size);
		join->sources[join->source_count++] = appended;
	}
	join->parts[join->part_count++] = moved;
}

/* Now they are the joined blob's. */
static void give_up_sources(struct initrds *initrds)
{
	for (size_t i = 0; i < initrds->count; i++) {
		struct initrd_unpacked *unpacked = &initrds->files[i].unpacked;

		initrds->files[i].blob = NULL;
		for (size_t j = 0; j < unpacked->part_count; j++)
			unpacked->parts[j].content = NULL;
	}
}

static int join(struct initrds *initrds, struct blob **appended, struct error *error)
{
	size_t most = 2 * initrds->count + unpacked_parts(initrds) + 2;
	cleanup_free struct blob **sources = calloc(most, sizeof(*sources));
	cleanup_free struct blob_part *parts = calloc(most, sizeof(*parts));
	struct join join = {sources, parts, initrds->count, 0};
	int r;

	if (!sources || !parts)
		return error_memory(error, "open initrd");
	for (size_t i = 0; i < initrds->count; i++)
		sources[i] = initrds->files[i].blob;
	choose_parts(initrds, initrds->appended ? *appended : NULL, &join);
	r = blob_join(&initrds->joined, sources, join.source_count, parts, join.part_count, error);
	if (r < 0)
		return r;
	give_up_sources(initrds);
	if (initrds->appended)
		*appended = NULL;
	return 0;
}

/* Of the files alone: what is appended may be secret, and is read by nobody who need not. */
static int find_compressed(struct initrds *initrds, struct error *error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < initrds->count; i++)
		r = initrd_has_compressed(initrds->files[i].blob, error);
	initrds->compressed = r > 0;
	return r < 0 ? r : 0;
}

int initrds_open(struct initrds *result, const char *const *paths, size_t count,
		 const struct initrd_unpacking *unpacking, struct blob **appended,
		 struct error *error)
{
	cleanup_initrds struct initrds initrds = {.appended = appended && *appended};
	int r;

	*result = (struct initrds){};
	initrds.files = calloc(count + 1, sizeof(*initrds.files)); /* never of nothing */
	if (!initrds.files)
		return error_memory(error, "open initrd");
	while (initrds.count < count) {
		size_t i = initrds.count++;

		r = initrd_open(&initrds.files[i], paths[i], error);
		if (r < 0)
			return r;
	}
	if (put_early_archives_first(&initrds) < 0)
		return error_memory(error, "open initrd");
	place_bootconfigs(&initrds);
	r = unpacking ? initrds_unpack(&initrds, unpacking, error)
		      : find_compressed(&initrds, error);
	if (r == 0 && count == 1 && !initrds.appended && !initrds.files->unpacked.parts)
		initrds.joined = steal_pointer(initrds.files->blob);
	else if (r == 0)
		r = join(&initrds, appended, error);
	if (r < 0)
		return r;
	*result = initrds;
	initrds = (struct initrds){};
	return 0;
}

void initrds_fini(struct initrds *initrds)
{
	blob_free(initrds->joined);
	for (size_t i = 0; i < initrds->count; i++) {
		blob_free(initrds->files[i].blob);
		initrd_unpacked_fini(&initrds->files[i].unpacked);
	}
	free(initrds->files);
	*initrds = (struct initrds){};
}
