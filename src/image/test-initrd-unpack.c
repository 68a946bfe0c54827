/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-unpack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/parallel.h"
#include "image/initrd.h"
#include "image/unwrap/stream.h"
#include "plan/digest.h"
#include "test-support/archive.h"
#include "test-support/folder.h"
#include "test-support/gzip.h"
#include "test-support/test.h"

enum { FILES_MAX = 4, PAGE = 4096 };

#define ROOM UINT64_C(0x10000000)

static const struct initrd_room plenty = {ROOM, ROOM, ROOM};

/* A frame with one block that is not compressed (RFC 8878, sections 3.1.1.1 and 3.1.1.2). */
static size_t zstd_wrap(uint8_t *to, const uint8_t *from, size_t size)
{
	static const uint8_t head[] = {0x28, 0xb5, 0x2f, 0xfd, 0xa0}; /* single, size of 4 bytes */

	memcpy(to, head, sizeof(head));
	store_le(to + 5, 4, size);
	store_le(to + 9, 3, size << 3 | 1);
	memcpy(to + 12, from, size);
	return size + 12;
}

static bool is_built(const char *decoder)
{
	return strstr(KEXEC_DECODERS, decoder);
}

/* What a letter stands for before it is compressed. */
static void fill_content(struct archive *archive, char letter)
{
	switch (letter) {
	case 'N':
		archive_add_bytes(archive, "no archive", 10);
		return;
	case 'E':
		archive_add(archive, "kernel/x86/microcode/AuthenticAMD.bin", "microcode");
		break;
	case 'T':
		archive_add(archive, "cut", "short");
		archive->size -= 8;
		return;
	case 'O': /* zeros in front: taken only where something was unpacked before */
		archive_add_zeros(archive, 4);
		break;
	case 'W': /* two archives, and zeros behind */
		archive_add(archive, "one", "1");
		archive_add(archive, "TRAILER!!!", "");
		archive_add_zeros(archive, 300);
		break;
	default:
		break;
	}
	archive_add(archive, (char[]){letter, '\0'}, "content of a file");
	archive_add(archive, "TRAILER!!!", "");
	if (letter == 'W')
		archive_add_zeros(archive, 8);
}

static void add_gzip(struct archive *file, const struct archive *content)
{
	uint8_t packed[sizeof(content->bytes) + GZIP_OVERHEAD];

	archive_add_bytes(file, packed, gzip_wrap(packed, content->bytes, content->size));
}

/*
 * Letters of files: C an archive that is not compressed, G gzip, Z zstd, D damaged gzip, U gzip of
 * an old kind, J something else; N, E, T, O, W gzip of what fill_content() says; p zeros up to a
 * multiple of 4, q one more, 8 eight.
 */
static void add_piece(struct archive *file, char letter)
{
	struct archive content = {};
	uint8_t packed[sizeof(content.bytes) + 12];

	fill_content(&content, letter);
	switch (letter) {
	case 'p':
	case 'q':
		archive_add_zeros(file, -file->size % 4 + (letter == 'q'));
		break;
	case '8':
		archive_add_zeros(file, 8);
		break;
	case 'C':
		archive_add_bytes(file, content.bytes, content.size);
		break;
	case 'Z':
		archive_add_bytes(file, packed, zstd_wrap(packed, content.bytes, content.size));
		break;
	case 'J':
		archive_add_bytes(file, "something else", 14);
		break;
	case 'U':
		archive_add_bytes(file, "\x1f\x9e", 2);
		break;
	default:
		add_gzip(file, &content);
		if (letter == 'D')
			file->bytes[file->size - 8]++;
	}
}

static void fill_file(struct archive *file, const char *letters, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_piece(file, letters[i]);
}

struct opened {
	struct initrds initrds;
	struct error error;
};

static void open_files(struct opened *opened, struct folder *folder, const char *const *files,
		       size_t count, struct initrd_room room, unsigned int cpus)
{
	const struct initrd_unpacking unpacking = {.room = room, .cpus = cpus};
	const char *paths[FILES_MAX];

	*opened = (struct opened){};
	for (size_t i = 0; i < count; i++) {
		struct archive file = {};
		char name[8];

		fill_file(&file, files[i], strcspn(files[i], "b"));
		if (strchr(files[i], 'b'))
			archive_add_bootconfig(&file, "a = 1\n", 6);
		snprintf(name, sizeof(name), "%zu", i);
		paths[i] = folder_write(folder, name, file.bytes, file.size);
	}
	initrds_open(&opened->initrds, paths, count, &unpacking, NULL, &opened->error);
	assert_no_failure(&opened->error);
	assert_int_equal(opened->initrds.joined->file_count, count);
}

/* What a piece has to be: in parentheses what is in the file from there to there, a small letter
 * the archive of a capital one. */
static const char *expect_piece(const char *want, const char *whole, struct archive *content)
{
	if (*want == '(') {
		const char *end = strchr(want, ')');
		size_t length = (size_t)(end - want - 1);
		char letters[16] = {};
		const char *at;

		memcpy(letters, want + 1, length);
		at = strstr(whole, letters);
		assert_non_null(at);
		if (at == whole) {
			fill_file(content, whole, length);
		} else {
			struct archive before = {}, all = {};

			fill_file(&before, whole, (size_t)(at - whole));
			fill_file(&all, whole, (size_t)(at - whole) + length);
			archive_add_bytes(content, all.bytes + before.size, all.size - before.size);
		}
		return end + 1;
	}
	fill_content(content, (char)(*want - 'a' + 'A'));
	return want + 1;
}

static void check_pieces(const char *row, struct blob *joined, const char *whole, const char *want)
{
	uint8_t read[sizeof(((struct archive *)0)->bytes)];
	struct error error = {};
	size_t i = 0;

	assert_int_equal(blob_map(joined, &error), 0);
	for (; *want; i++) {
		const struct blob_piece *piece = &joined->pieces[i];
		struct archive content = {};

		want = expect_piece(want, whole, &content);
		assert_row(row, i < joined->piece_count);
		assert_row(row, piece->offset % PAGE == 0);
		assert_row(row, piece->size == content.size);
		assert_int_equal(blob_read(joined, piece->offset, read, piece->size, &error), 0);
		assert_row(row, memcmp(read, content.bytes, content.size) == 0);
		assert_row(
		    row, memcmp(joined->address + piece->offset, content.bytes, content.size) == 0);
		for (size_t at = piece->size; at % PAGE; at++)
			assert_row(row, joined->address[piece->offset + at] == 0);
	}
	assert_row(row, i == joined->piece_count);
}

static const struct {
	const char *file, *pieces;
	enum initrd_stop stop;
	const char *stop_at; /* the letters before it */
} rows[] = {
    {"G", "g", INITRD_STOP_NONE, NULL},
    {"Z", "z", INITRD_STOP_NONE, NULL},
    {"C", "(C)", INITRD_STOP_NONE, NULL},
    {"W", "w", INITRD_STOP_NONE, NULL},
    {"GGG", "ggg", INITRD_STOP_NONE, NULL},
    {"ZZZZ", "zzzz", INITRD_STOP_NONE, NULL},
    {"GZGZ", "gzgz", INITRD_STOP_NONE, NULL},
    {"8Gp8Z8", "gz", INITRD_STOP_NONE, NULL},
    {"CG", "(C)g", INITRD_STOP_NONE, NULL},
    {"C8GpC", "(C8)g(C)", INITRD_STOP_NONE, NULL},
    {"GpCZ", "g(C)z", INITRD_STOP_NONE, NULL},
    /* The kernel's unpacker would say "broken padding" or "junk" there. */
    {"GqC", "(GqC)", INITRD_STOP_FOLLOWED, ""},
    {"CqG", "(CqG)", INITRD_STOP_NONE, NULL},
    {"GJ", "(GJ)", INITRD_STOP_FOLLOWED, ""},
    {"ZJ", "(ZJ)", INITRD_STOP_FOLLOWED, ""},
    {"GpZJ", "g(ZJ)", INITRD_STOP_FOLLOWED, "Gp"},
    {"CJG", "(CJG)", INITRD_STOP_NONE, NULL},
    {"GpCJ", "g(CJ)", INITRD_STOP_NONE, NULL},
    {"D", "(D)", INITRD_STOP_DAMAGED, ""},
    {"GpDZ", "g(DZ)", INITRD_STOP_DAMAGED, "Gp"},
    {"ZpDZ", "z(DZ)", INITRD_STOP_DAMAGED, "Zp"},
    /* What stays must be aligned as it was: so the one before it stays, too. */
    {"GqDZ", "(GqDZ)", INITRD_STOP_DAMAGED, "Gq"},
    {"GpZqDZ", "g(ZqDZ)", INITRD_STOP_DAMAGED, "GpZq"},
    {"GpUG", "g(UG)", INITRD_STOP_UNSUPPORTED, "Gp"},
    {"GpN", "g(N)", INITRD_STOP_CONTENT, "Gp"},
    {"GpT", "g(T)", INITRD_STOP_CONTENT, "Gp"},
    {"O", "(O)", INITRD_STOP_CONTENT, ""},
    {"GpE", "g(E)", INITRD_STOP_EARLY, "Gp"},
};

static void test_what_the_kernel_would_unpack_is_unpacked_and_nothing_else(void **state)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (unsigned int cpus = 1; cpus <= 4; cpus += 3) {
			const struct initrd_unpacked *unpacked;
			struct archive before = {};
			struct opened opened;

			if ((!gzip_is_built() && strpbrk(rows[i].file, "GDUNTOWE")) ||
			    (!is_built("zstd") && strchr(rows[i].file, 'Z')))
				continue;
			open_files(&opened, *state, &rows[i].file, 1, plenty, cpus);
			unpacked = &opened.initrds.files[0].unpacked;
			check_pieces(rows[i].file, opened.initrds.joined, rows[i].file,
				     rows[i].pieces);
			assert_row(rows[i].file,
				   opened.initrds.short_of == INITRD_SHORT_OF_NOTHING);
			assert_row(rows[i].file, unpacked->stop == rows[i].stop);
			if (rows[i].stop) {
				fill_file(&before, rows[i].stop_at, strlen(rows[i].stop_at));
				assert_row(rows[i].file, unpacked->stop_offset == before.size);
			}
			assert_row(rows[i].file, (unpacked->stop == INITRD_STOP_DAMAGED) ==
						     (*unpacked->stop_reason != '\0'));
			initrds_fini(&opened.initrds);
		}
}

/* In the order in which they are joined, each behind the other, a bootconfig at the end. */
static void test_the_parts_of_several_files_are_joined(void **state)
{
	static const char *const files[] = {"GZb", "C", "Z8GpD"};
	static const char *const ending[] = {"C", "Gb"};
	struct opened opened;

	if (!gzip_is_built() || !is_built("zstd"))
		return;
	open_files(&opened, *state, files, 3, plenty, 2);
	assert_int_equal(opened.initrds.joined->piece_count, 7);
	assert_int_equal(opened.initrds.joined->pieces[6].size,
			 opened.initrds.files[0].bootconfig.end -
			     opened.initrds.files[0].bootconfig.start);
	assert_int_equal(opened.initrds.files[2].unpacked.part_count, 3);
	initrds_fini(&opened.initrds);
	open_files(&opened, *state, ending, 2, plenty, 2);
	assert_int_equal(opened.initrds.joined->piece_count, 3);
	assert_int_equal(opened.initrds.files[1].bootconfig_place, BOOTCONFIG_STAYS);
	assert_int_equal(opened.initrds.joined->pieces[2].size,
			 opened.initrds.files[1].bootconfig.end -
			     opened.initrds.files[1].bootconfig.start);
	initrds_fini(&opened.initrds);
}

static uint64_t size_of(const char *letters, bool inside)
{
	struct archive all = {};

	for (; *letters; letters++)
		if (inside)
			fill_content(&all, *letters);
		else
			add_piece(&all, *letters);
	return all.size;
}

/* Exactly enough is enough, and of one byte less comes the packed file, whoever unpacks first. */
static void test_with_too_little_room_all_stays_packed_and_the_reason_is_told(void **state)
{
	static const char *const files[] = {"GG", "G"};
	uint64_t packed = size_of("GGG", false), inside = 3 * size_of("G", true);
	const struct {
		const char *name;
		struct initrd_room enough, little;
		enum initrd_short_of short_of;
	} limits[] = {
	    {"limit",
	     {packed + inside, ROOM, ROOM},
	     {packed + inside - 1, ROOM, ROOM},
	     INITRD_SHORT_OF_LIMIT},
	    {"now",
	     {ROOM, packed + 2 * inside, ROOM},
	     {ROOM, packed + 2 * inside - 1, ROOM},
	     INITRD_SHORT_OF_MEMORY_NOW},
	    {"next",
	     {ROOM, ROOM, packed + 2 * inside},
	     {ROOM, ROOM, packed + 2 * inside - 1},
	     INITRD_SHORT_OF_MEMORY_NEXT},
	    {"none", {packed + inside, ROOM, ROOM}, {}, INITRD_SHORT_OF_LIMIT},
	};

	if (!gzip_is_built())
		return;
	for (size_t i = 0; i < ELEMENTS(limits); i++)
		for (unsigned int cpus = 1; cpus <= 4; cpus++) {
			struct opened opened;

			open_files(&opened, *state, files, 2, limits[i].enough, cpus);
			assert_row(limits[i].name, opened.initrds.joined->piece_count == 3);
			assert_row(limits[i].name,
				   opened.initrds.short_of == INITRD_SHORT_OF_NOTHING);
			initrds_fini(&opened.initrds);
			open_files(&opened, *state, files, 2, limits[i].little, cpus);
			assert_row(limits[i].name, opened.initrds.joined->piece_count == 2);
			assert_row(limits[i].name,
				   opened.initrds.joined->size == PAGE + size_of("G", false));
			assert_row(limits[i].name, opened.initrds.short_of == limits[i].short_of);
			initrds_fini(&opened.initrds);
		}
}

/* A size that the stream states is believed before anything is unpacked. */
static void test_a_stated_size_that_is_too_large_is_refused_at_once(void **state)
{
	static const char *const file = "Z";
	const struct initrd_room room = {ROOM, 4 * ROOM, 4 * ROOM};
	const struct initrd_unpacking unpacking = {.room = room, .cpus = 1};
	struct archive packed = {};
	struct initrds initrds;
	struct error error = {};
	const char *path;

	if (!is_built("zstd"))
		return;
	fill_file(&packed, file, 1);
	store_le(packed.bytes + 5, 4, ROOM);
	path = folder_write(*state, "large", packed.bytes, packed.size);
	initrds_open(&initrds, &path, 1, &unpacking, NULL, &error);
	assert_no_failure(&error);
	assert_int_equal(initrds.short_of, INITRD_SHORT_OF_LIMIT);
	initrds_fini(&initrds);
	/* One that is wrong, but possible, is seen when it is unpacked. */
	store_le(packed.bytes + 5, 4, 0x10000);
	path = folder_write(*state, "wrong", packed.bytes, packed.size);
	initrds_open(&initrds, &path, 1, &unpacking, NULL, &error);
	assert_no_failure(&error);
	assert_int_equal(initrds.files[0].unpacked.stop, INITRD_STOP_DAMAGED);
	initrds_fini(&initrds);
}

static void open_bytes(struct initrds *initrds, struct folder *folder, const struct archive *file,
		       size_t size, unsigned int cpus)
{
	const struct initrd_unpacking unpacking = {.room = plenty, .cpus = cpus};
	const char *path = folder_write(folder, "file", file->bytes, size);
	struct error error = {};

	initrds_open(initrds, &path, 1, &unpacking, NULL, &error);
	assert_no_failure(&error);
}

/* RFC 8878, section 3.1.1.2: a block's header, and its bytes, or the one that it repeats. */
static void add_block(struct archive *file, bool last, bool repeated, const void *bytes,
		      uint32_t size)
{
	uint8_t header[3];

	store_le(header, 3, last | (uint32_t)repeated << 1 | size << 3);
	archive_add_bytes(file, header, sizeof(header));
	archive_add_bytes(file, bytes, repeated ? 1 : size);
}

/* An archive with a file of 24 MiB, in a zstd frame of a few hundred bytes. */
static void fill_large(struct archive *file)
{
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x58}; /* a window of 2 MiB */
	enum { BLOCK = 128 << 10, BLOCKS = 192 };
	struct archive header = {}, trailer = {};

	archive_add_header(&header, "f", 2, BLOCK * BLOCKS);
	archive_add(&trailer, "TRAILER!!!", "");
	archive_add_bytes(file, frame, sizeof(frame));
	add_block(file, false, false, header.bytes, (uint32_t)header.size);
	for (int i = 0; i < BLOCKS; i++)
		add_block(file, false, true, i % 2 ? "x" : "y", BLOCK);
	add_block(file, true, false, trailer.bytes, (uint32_t)trailer.size);
}

/* With other CPUs pages are got ready ahead. */
static void test_a_large_stream_is_the_same_on_any_number_of_cpus(void **state)
{
	struct archive file = {};
	uint64_t digests[4];

	if (!is_built("zstd"))
		return;
	fill_large(&file);
	for (unsigned int cpus = 1; cpus <= 4; cpus++) {
		struct initrds initrds;

		open_bytes(&initrds, *state, &file, file.size, cpus);
		assert_int_equal(initrds.files->unpacked.stop, INITRD_STOP_NONE);
		assert_true(initrds.joined->size > 24 << 20);
		assert_int_equal(
		    digest_blob(initrds.joined, 0, initrds.joined->size, &digests[cpus - 1], NULL),
		    0);
		assert_int_equal(digests[cpus - 1], digests[0]);
		initrds_fini(&initrds);
	}
}

/* fuzz/corpus/initrd/xz-blocks: xz -T2 --block-size=512. */
static void read_blocks_of_xz(struct archive *file)
{
	FILE *corpus = fopen(KEXEC_CORPUS "/initrd/xz-blocks", "r");

	assert_non_null(corpus);
	file->size = fread(file->bytes, 1, sizeof(file->bytes), corpus);
	fclose(corpus);
}

static void test_damage_in_blocks_of_xz_is_told_the_same_by_any_number_of_threads(void **state)
{
	struct initrds alone, side_by_side;
	struct archive file = {};

	read_blocks_of_xz(&file);
	if (!is_built("xz"))
		return;
	for (size_t at = 0; at < file.size; at += 7) {
		file.bytes[at] ^= 0x55;
		open_bytes(&alone, *state, &file, file.size, 1);
		open_bytes(&side_by_side, *state, &file, file.size, 4);
		assert_int_equal(alone.files->unpacked.stop, side_by_side.files->unpacked.stop);
		assert_string_equal(alone.files->unpacked.stop_reason,
				    side_by_side.files->unpacked.stop_reason);
		initrds_fini(&alone);
		initrds_fini(&side_by_side);
		file.bytes[at] ^= 0x55;
	}
}

static void test_blocks_of_xz_give_the_same_side_by_side_and_wherever_they_are_cut(void **state)
{
	uint8_t bytes[2][sizeof(((struct archive *)0)->bytes)];
	struct initrds alone, side_by_side;
	struct archive file = {};

	read_blocks_of_xz(&file);
	if (!is_built("xz"))
		return;
	for (size_t size = file.size; size > 2; size -= size > 13 ? 13 : 1) {
		open_bytes(&alone, *state, &file, size, 1);
		open_bytes(&side_by_side, *state, &file, size, 4);
		assert_int_equal(alone.files->unpacked.stop,
				 size == file.size ? INITRD_STOP_NONE
						   : side_by_side.files->unpacked.stop);
		assert_true(size == file.size || alone.files->unpacked.stop);
		assert_int_equal(alone.joined->size, side_by_side.joined->size);
		assert_int_equal(blob_read(alone.joined, 0, bytes[0], alone.joined->size, NULL), 0);
		assert_int_equal(
		    blob_read(side_by_side.joined, 0, bytes[1], alone.joined->size, NULL), 0);
		assert_memory_equal(bytes[0], bytes[1], alone.joined->size);
		initrds_fini(&alone);
		initrds_fini(&side_by_side);
	}
}

/* Private memory that this process has now, in bytes. */
static uint64_t data_size(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long long kilobytes = 0;
	char line[256];

	assert_non_null(status);
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmData: %llu", &kilobytes) == 1)
			break;
	fclose(status);
	return kilobytes * 1024;
}

static void test_without_addresses_the_packed_file_is_handed_on(void **state)
{
	static const char *const file = "G";
	struct rlimit before, little;
	struct opened opened;

	if (!gzip_is_built())
		return;
	assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
	little = (struct rlimit){data_size() + SINK_SLACK / 2, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_DATA, &little), 0);
	open_files(&opened, *state, &file, 1, plenty, 1);
	assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
	assert_int_equal(opened.initrds.short_of, INITRD_SHORT_OF_ADDRESSES);
	assert_null(opened.initrds.files[0].unpacked.parts);
	initrds_fini(&opened.initrds);
}

static uint64_t told_done, told_total, told_count;

static void tell(uint64_t done, uint64_t total)
{
	assert_true(done >= told_done && done <= total);
	told_done = done;
	told_total = total;
	told_count++;
}

static void test_progress_is_told_and_ends_complete(void **state)
{
	struct progress progress;
	const struct initrd_unpacking unpacking = {
	    .room = plenty, .progress = &progress, .cpus = 1};
	struct archive file = {};
	struct initrds initrds;
	struct error error = {};
	const char *path;

	if (!gzip_is_built())
		return;
	fill_file(&file, "GGG", 3);
	path = folder_write(*state, "file", file.bytes, file.size);
	progress_start(&progress, tell);
	initrds_open(&initrds, &path, 1, &unpacking, NULL, &error);
	progress_end(&progress);
	assert_no_failure(&error);
	assert_int_equal(told_total, file.size);
	assert_int_equal(told_done, file.size);
	assert_true(told_count >= 3);
	initrds_fini(&initrds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_what_the_kernel_would_unpack_is_unpacked_and_nothing_else),
	    FOLDER_TEST(test_the_parts_of_several_files_are_joined),
	    FOLDER_TEST(test_with_too_little_room_all_stays_packed_and_the_reason_is_told),
	    FOLDER_TEST(test_a_stated_size_that_is_too_large_is_refused_at_once),
	    FOLDER_TEST(test_blocks_of_xz_give_the_same_side_by_side_and_wherever_they_are_cut),
	    FOLDER_TEST(test_a_large_stream_is_the_same_on_any_number_of_cpus),
	    FOLDER_TEST(test_damage_in_blocks_of_xz_is_told_the_same_by_any_number_of_threads),
	    FOLDER_TEST(test_without_addresses_the_packed_file_is_handed_on),
	    FOLDER_TEST(test_progress_is_told_and_ends_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
