/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an initrd is: an early archive, its content, the bootconfig at its end; what becomes of it
 * when it is unpacked. Input: the initrd. */
#include <stdio.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file-digest.h"
#include "base/xxh3.h"
#include "image/initrd.h"
#include "target.h"

/* The input with `count` bytes of `filler` behind it. */
static struct blob *blob_of(const uint8_t *data, size_t size, uint8_t filler, size_t count)
{
	struct blob *blob = blob_new_memory(size + count);

	require(blob);
	if (size)
		memcpy(blob->memory, data, size);
	memset(blob->memory + size, filler, count);
	return blob;
}

static int is_early(const uint8_t *data, size_t size, uint8_t filler, size_t count)
{
	cleanup_blob struct blob *blob = blob_of(data, size, filler, count);
	struct error error = {};
	int r;

	r = initrd_is_early_archive(blob, &error);
	/* Memory can always be read, so that a failure would be a read behind the end. */
	require((r == 0 || r == 1) && error.count == 0);
	return r;
}

static void check_early_archive(const uint8_t *data, size_t size)
{
	if (!is_early(data, size, 0, 0))
		return;
	require(size > 2 * 110);
	require(memcmp(data, "070701", 6) == 0 || memcmp(data, "070702", 6) == 0);
	require(memmem(data, size, "kernel", 6) && memmem(data, size, "TRAILER!!!", 11));
	/* With anything behind it, it is no early archive and nothing else. */
	require(!is_early(data, size, 0x1f, 1));
	require(!is_early(data, size, '0', 200));
	require(!is_early(data, size, 0, 8192));
}

static struct bootconfig bootconfig_of(const uint8_t *data, size_t size, size_t zeros)
{
	cleanup_blob struct blob *blob = blob_of(data, size, 0, zeros);
	struct bootconfig bootconfig;
	struct error error = {};

	require(bootconfig_find(&bootconfig, blob, &error) == 0 && error.count == 0);
	return bootconfig;
}

/* The fields, right, with the magic word behind them: the input becomes the data of a bootconfig.
 */
static void check_made_bootconfig(const uint8_t *data, size_t size)
{
	cleanup_blob struct blob *blob = blob_of(data, size, 0, 20);
	struct bootconfig bootconfig;
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	store_le(blob->memory + size, 4, size);
	store_le(blob->memory + size + 4, 4, sum);
	memcpy(blob->memory + size + 8, "#BOOTCONFIG\n", 12);
	bootconfig = bootconfig_of(blob->memory, size + 20, 0);
	require(bootconfig.state == BOOTCONFIG_VALID);
	require(bootconfig.start == 0 && bootconfig.end == size + 20);
	store_le(blob->memory + size, 4, (uint64_t)size + 1);
	require(bootconfig_of(blob->memory, size + 20, 0).state == BOOTCONFIG_TOO_LONG);
}

static void check_bootconfig(const uint8_t *data, size_t size)
{
	struct bootconfig bootconfig = bootconfig_of(data, size, 0), again;
	size_t slack;

	check_made_bootconfig(data, size);
	require(memmem(data, size, "#BOOTCONFIG\n", 12) || bootconfig.state == BOOTCONFIG_NONE);
	if (bootconfig.state != BOOTCONFIG_VALID)
		return;
	require(bootconfig.end <= size && bootconfig.start + 20 <= bootconfig.end);
	slack = size - bootconfig.end;
	require(slack <= 3);
	/* Taken off, and with as many zeros behind it as there may be, it is the same. */
	again = bootconfig_of(data + bootconfig.start, bootconfig.end - bootconfig.start, 0);
	require(again.state == BOOTCONFIG_VALID && again.start == 0);
	again = bootconfig_of(data, bootconfig.end, 3);
	require(again.state == BOOTCONFIG_VALID && again.start == bootconfig.start);
	require(bootconfig_of(data, bootconfig.end, 4).state == BOOTCONFIG_NONE);
}

static enum initrd_content content_of(const uint8_t *data, size_t size, size_t counted)
{
	cleanup_blob struct blob *blob = blob_of(data, size, 0, 0);
	enum initrd_content content;
	const char *filesystem;
	struct error error = {};

	require(initrd_content_find(&content, &filesystem, blob, counted, &error) == 0);
	require(error.count == 0);
	require((filesystem != NULL) == (content == INITRD_FILESYSTEM));
	return content;
}

static void check_content(const uint8_t *data, size_t size)
{
	content_of(data, size, size);
	/* What is behind the bytes that count makes no difference. */
	require(content_of(data, size, size / 2) == content_of(data, size / 2, size / 2));
	require(content_of(data, size, 0) == INITRD_ARCHIVE);
	if (size >= 6 && memcmp(data, "070701", 6) == 0)
		require(content_of(data, size, size) == INITRD_ARCHIVE);
}

enum { UNPACKED_MAX = 1 << 18 };

/* The input as a file, which the unpacker takes, with or without enough room. */
static void open_unpacked(struct initrds *initrds, const uint8_t *data, size_t size, uint64_t room,
			  unsigned int cpus)
{
	const struct initrd_unpacking unpacking = {
	    .room = {room, room, room}, .cpus = cpus, .digest_files = true};
	int fd = blob_memory_file("fuzz");
	struct error error = {};
	char path[32];
	const char *paths[] = {path};

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	require(initrds_open(initrds, paths, 1, &unpacking, NULL, &error) == 0 && error.count == 0);
	close(fd);
}

/* What is unpacked begins as an archive; what is handed on as it is lies in its order. */
static void check_parts(const struct initrds *initrds, size_t size)
{
	const struct initrd_unpacked *unpacked = &initrds->files[0].unpacked;
	uint64_t end = 0, inside = 0;

	for (size_t i = 0; i < unpacked->part_count; i++) {
		const struct initrd_part *part = &unpacked->parts[i];

		require(part->size > 0);
		if (part->unpacked) {
			inside += part->size;
			continue;
		}
		require(part->offset >= end && part->offset % 4 == 0);
		require(part->size <= size - part->offset);
		end = part->offset + part->size;
	}
	require(inside == unpacked->unpacked && inside <= initrds->unpacked_most);
	require(unpacked->packed <= size);
	require((unpacked->part_count > 0) == (inside > 0));
}

/* As far as the file was read from its start on. */
static void check_digest(const struct initrds *initrds, const uint8_t *data, size_t size)
{
	const struct file_digest *digest = initrds->joined->files[0].digest;
	uint64_t known = file_digest_size(digest);
	struct xxh3_state state;

	require(known <= size);
	xxh3_any.begin(&state);
	xxh3_any.add(&state, data, known);
	require(file_digest_value(digest) == xxh3_any.end(&state));
}

static void check_unpacking(const uint8_t *data, size_t size)
{
	struct initrds alone, side_by_side;
	uint8_t head[6];

	if (size == 0)
		return;
	open_unpacked(&alone, data, size, 2 * size + 2 * UNPACKED_MAX, 1);
	open_unpacked(&side_by_side, data, size, 2 * size + 2 * UNPACKED_MAX, 2);
	check_parts(&alone, size);
	check_digest(&alone, data, size);
	check_digest(&side_by_side, data, size);
	for (size_t i = 0; i < alone.files[0].unpacked.part_count; i++) {
		const struct blob_piece *piece = &alone.joined->pieces[i];

		require(blob_read(alone.joined, piece->offset, head, 6, NULL) == 0 ||
			piece->size < 6);
		if (alone.files[0].unpacked.parts[i].unpacked)
			require(memcmp(head, "07070", 5) == 0);
	}
	/* Side by side what is behind a damaged stream counts, too. */
	if (alone.short_of == side_by_side.short_of) {
		require(alone.joined->size == side_by_side.joined->size);
		require(alone.files[0].unpacked.stop == side_by_side.files[0].unpacked.stop);
		require(strcmp(alone.files[0].unpacked.stop_reason,
			       side_by_side.files[0].unpacked.stop_reason) == 0);
	}
	initrds_fini(&alone);
	initrds_fini(&side_by_side);
	open_unpacked(&alone, data, size, 0, 1);
	require(alone.joined->piece_count == 1 && alone.joined->size == size);
	initrds_fini(&alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_early_archive(data, size);
	check_bootconfig(data, size);
	check_content(data, size);
	check_unpacking(data, size);
	return 0;
}
