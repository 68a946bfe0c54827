/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/blob.h"
#include "test-support/archive.h"
#include "test-support/folder.h"
#include "test-support/test.h"

enum { FIELD_FILE_SIZE = 6 + 6 * 8, FIELD_NAME_SIZE = 6 + 11 * 8 };

#define MICROCODE "kernel/x86/microcode/GenuineIntel.bin"

/* As a blob of exactly that size, so that the sanitizer sees any byte read behind it. */
static int is_early(const uint8_t *bytes, size_t size)
{
	cleanup_blob struct blob *blob = blob_new_memory(size);
	struct error error = {};
	int r;

	memcpy(blob->memory, bytes, size);
	r = initrd_is_early_archive(blob, &error);
	assert_no_failure(&error);
	return r;
}

static void fill_early(struct archive *archive)
{
	archive_add(archive, ".", "");
	archive_add(archive, "kernel", "");
	archive_add(archive, "kernel/x86", "");
	archive_add(archive, MICROCODE, "microcode bytes");
	archive_add(archive, "TRAILER!!!", "");
}

static void fill_ordinary(struct archive *archive)
{
	archive_add(archive, ".", "");
	archive_add(archive, "init", "#!/bin/sh\n");
	archive_add(archive, "TRAILER!!!", "");
}

static void test_a_microcode_archive_is_early(void **state)
{
	struct archive archive = {};

	(void)state;
	fill_early(&archive);
	assert_int_equal(is_early(archive.bytes, archive.size), 1);
	archive_add_zeros(&archive, 512 - archive.size % 512);
	assert_int_equal(is_early(archive.bytes, archive.size), 1);
}

/* As dracut and mkinitcpio write it: the marker is no microcode, and hides none. */
static void test_the_marker_early_cpio_is_passed_over(void **state)
{
	struct archive early = {}, alone = {}, mixed = {}, other = {};

	(void)state;
	archive_add(&early, ".", "");
	archive_add(&early, "early_cpio", "1\n");
	archive_add(&early, "kernel", "");
	archive_add(&early, MICROCODE, "microcode bytes");
	archive_add(&early, "TRAILER!!!", "");
	assert_int_equal(is_early(early.bytes, early.size), 1);
	archive_add(&alone, "early_cpio", "");
	archive_add(&alone, "TRAILER!!!", "");
	assert_int_equal(is_early(alone.bytes, alone.size), 0);
	archive_add(&mixed, "early_cpio", "1\n");
	archive_add(&mixed, MICROCODE, "x");
	archive_add(&mixed, "init", "x");
	archive_add(&mixed, "TRAILER!!!", "");
	assert_int_equal(is_early(mixed.bytes, mixed.size), 0);
	archive_add(&other, "early_cpio2", "");
	archive_add(&other, MICROCODE, "x");
	archive_add(&other, "TRAILER!!!", "");
	assert_int_equal(is_early(other.bytes, other.size), 0);
}

static void test_an_ordinary_archive_is_not_early(void **state)
{
	static const char *const names[] = {"init", "kernelx", "kernel.bin", "usr/kernel/x",
					    "/kernel/x"};
	struct archive archive = {};

	(void)state;
	fill_ordinary(&archive);
	assert_int_equal(is_early(archive.bytes, archive.size), 0);
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct archive mixed = {};

		archive_add(&mixed, MICROCODE, "x");
		archive_add(&mixed, names[i], "x");
		archive_add(&mixed, "TRAILER!!!", "");
		assert_row(names[i], is_early(mixed.bytes, mixed.size) == 0);
	}
}

static void test_an_archive_of_nothing_is_not_early(void **state)
{
	struct archive archive = {};

	(void)state;
	archive_add(&archive, ".", "");
	archive_add(&archive, "TRAILER!!!", "");
	assert_int_equal(is_early(archive.bytes, archive.size), 0);
}

static void test_an_early_archive_with_much_behind_it_is_not_early(void **state)
{
	struct archive archive = {};

	(void)state;
	fill_early(&archive);
	archive_add_zeros(&archive, 5000);
	assert_int_equal(is_early(archive.bytes, archive.size), 0);
}

/* However small: moving it would change which files win. */
static void test_an_early_archive_with_a_small_initramfs_behind_it_is_not_early(void **state)
{
	struct archive archive = {};

	(void)state;
	fill_early(&archive);
	archive_add_zeros(&archive, 512 - archive.size % 512);
	fill_ordinary(&archive);
	assert_true(archive.size < 4096);
	assert_int_equal(is_early(archive.bytes, archive.size), 0);
}

static void test_a_truncated_archive_is_never_early(void **state)
{
	struct archive archive = {};

	(void)state;
	fill_early(&archive);
	for (size_t size = 0; size < archive.size - 3; size++)
		assert_int_equal(is_early(archive.bytes, size), 0);
}

/* With the right last digit, so that a lenient reader would find the right number. */
static void test_digits_that_are_not_hexadecimal_are_no_header(void **state)
{
	static const char bad[][8] = {"zzzzzzz", "000000g", " 000000",  "-000000", "+000000",
				      "0000 00", "0x00000", "\t000000", "\n000000"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		struct archive by_file = {}, by_name = {};

		fill_early(&by_file);
		memcpy(by_file.bytes + FIELD_FILE_SIZE, bad[i], 7);
		assert_row(bad[i], is_early(by_file.bytes, by_file.size) == 0);
		fill_early(&by_name);
		memcpy(by_name.bytes + FIELD_NAME_SIZE, bad[i], 7);
		assert_row(bad[i], is_early(by_name.bytes, by_name.size) == 0);
	}
}

static void test_a_name_without_its_nul_is_no_header(void **state)
{
	struct archive archive = {};
	uint8_t *trailer;

	(void)state;
	fill_early(&archive);
	trailer = memmem(archive.bytes, archive.size, "TRAILER!!!", sizeof("TRAILER!!!"));
	assert_non_null(trailer);
	trailer[sizeof("TRAILER!!!") - 1] = 0xf1;
	assert_int_equal(is_early(archive.bytes, archive.size), 0);
}

static void test_a_nul_among_the_digits_is_no_header(void **state)
{
	struct archive archive = {};

	(void)state;
	fill_early(&archive);
	memcpy(archive.bytes + FIELD_FILE_SIZE, "00\0\0\0\0\0\0", 8);
	assert_int_equal(is_early(archive.bytes, archive.size), 0);
}

static void test_names_are_read_up_to_256_bytes(void **state)
{
	(void)state;
	for (size_t length = 254; length <= 257; length++) {
		struct archive archive = {};
		char name[300];

		memset(name, 'x', sizeof(name));
		memcpy(name, "kernel/", 7);
		name[length] = '\0'; /* which counts as one of them */
		archive_add(&archive, name, "content");
		archive_add(&archive, "TRAILER!!!", "");
		assert_int_equal(is_early(archive.bytes, archive.size), length < 256);
	}
}

static void test_wrong_sizes_are_no_header(void **state)
{
	static const struct {
		const char *row;
		uint32_t name_size, file_size;
	} rows[] = {
	    {"empty name", 0, 0},
	    {"name of 257", 257, 0},
	    {"name as large as can be", UINT32_MAX, 0},
	    {"file as large as can be", sizeof(MICROCODE), UINT32_MAX},
	    {"both", UINT32_MAX, UINT32_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct archive archive = {};

		archive_add_header(&archive, MICROCODE, rows[i].name_size, rows[i].file_size);
		archive_add(&archive, "TRAILER!!!", "");
		assert_row(rows[i].row, is_early(archive.bytes, archive.size) == 0);
	}
}

static void test_data_that_is_no_archive_is_not_early(void **state)
{
	uint8_t bytes[200] = {0x1f, 0x8b};
	struct archive archive = {};

	(void)state;
	assert_int_equal(is_early(bytes, sizeof(bytes)), 0);
	assert_int_equal(is_early(bytes, 0), 0);
	fill_early(&archive);
	memcpy(archive.bytes, "070707", 6);
	assert_int_equal(is_early(archive.bytes, archive.size), 0);
	memcpy(archive.bytes, "070702", 6);
	assert_int_equal(is_early(archive.bytes, archive.size), 1);
}

static void test_early_archives_come_first_and_the_rest_keeps_its_order(void **state)
{
	/* E: early, o: ordinary; what is expected as indexes. */
	static const struct {
		const char *given, *opened;
		bool moved;
	} rows[] = {
	    {"o", "0", false},      {"E", "0", false},       {"oo", "01", false},
	    {"Eo", "01", false},    {"oE", "10", true},      {"EoE", "021", true},
	    {"oEoE", "1302", true}, {"EEoo", "0123", false},
	};
	struct archive early = {}, ordinary = {};

	fill_early(&early);
	fill_ordinary(&ordinary);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		size_t count = strlen(rows[i].given);
		cleanup_initrds struct initrds initrds = {};
		struct error error = {};
		const char *paths[4];

		for (size_t j = 0; j < count; j++) {
			const struct archive *archive =
			    rows[i].given[j] == 'E' ? &early : &ordinary;
			char name[48];

			snprintf(name, sizeof(name), "%zu-%zu", i, j);
			paths[j] = folder_write(*state, name, archive->bytes, archive->size);
		}
		initrds_open(&initrds, paths, count, NULL, NULL, &error);
		assert_no_failure(&error);
		assert_row(rows[i].given, initrds.reordered == rows[i].moved);
		assert_row(rows[i].given, initrds.joined->file_count == count);
		for (size_t j = 0; j < count; j++)
			assert_string_equal(initrds.joined->files[j].path,
					    paths[rows[i].opened[j] - '0']);
	}
}

static void test_an_initrd_that_cannot_be_opened_is_named(void **state)
{
	const char *paths[] = {folder_text(*state, "a", "x"), folder_path(*state, "missing")};
	struct initrds initrds;
	struct error error = {};

	assert_int_equal(initrds_open(&initrds, paths, 2, NULL, NULL, &error), -ENOENT);
	assert_null(initrds.joined);
	assert_null(initrds.files);
	assert_failed(&error, ERROR_FILE, paths[1]);
}

/*
 * The files of a row of letters: o an ordinary archive, E an early one, b one with a valid
 * bootconfig, p the same with 3 bytes behind it, B a bootconfig alone, x one with a wrong checksum.
 */
static void fill_by_letter(struct archive *archive, char letter)
{
	if (letter == 'E')
		fill_early(archive);
	else if (letter != 'B')
		fill_ordinary(archive);
	if (strchr("bpBx", letter))
		archive_add_bootconfig(archive, "key = value\n", 12);
	if (letter == 'x')
		archive->bytes[archive->size - 13]++;
	if (letter == 'p')
		archive_add_bytes(archive, "###", 3);
}

enum { BOOTCONFIG_SIZE = 12 + 20 };

static void open_letters(struct folder *folder, const char *letters, struct initrds *initrds)
{
	const char *paths[8];
	struct error error = {};

	for (size_t i = 0; letters[i]; i++) {
		struct archive archive = {};
		char name[8];

		fill_by_letter(&archive, letters[i]);
		snprintf(name, sizeof(name), "%zu", i);
		paths[i] = folder_write(folder, name, archive.bytes, archive.size);
	}
	initrds_open(initrds, paths, strlen(letters), NULL, NULL, &error);
	assert_no_failure(&error);
}

/* How often the magic word is in what kexec_load would get, and whether it ends that. */
static size_t count_magic(struct blob *joined)
{
	const uint8_t *at, *end;
	size_t count = 0;

	assert_int_equal(blob_map(joined, NULL), 0);
	at = joined->address;
	end = at + joined->size;

	while ((at = memmem(at, (size_t)(end - at), "#BOOTCONFIG\n", 12))) {
		count++;
		at++;
	}
	return count;
}

static void test_the_bootconfig_of_the_last_file_that_has_one_comes_last(void **state)
{
	/* S: stays, M: moved, L: left out, -: none that is valid. */
	static const struct {
		const char *files, *places;
		size_t magic_words, slack;
	} rows[] = {
	    {"o", "-", 0, 0},     {"b", "S", 1, 0},       {"p", "S", 1, 3},
	    {"x", "-", 1, 0},     {"oo", "--", 0, 0},     {"bo", "M-", 1, 0},
	    {"po", "M-", 1, 0},   {"ob", "-S", 1, 0},     {"op", "-S", 1, 3},
	    {"bb", "LS", 1, 0},   {"bp", "LS", 1, 3},     {"boo", "M--", 1, 0},
	    {"obo", "-M-", 1, 0}, {"bpo", "LM-", 1, 0},   {"bbbb", "LLLS", 1, 0},
	    {"Bo", "M-", 1, 0},   {"oB", "-S", 1, 0},     {"BB", "LS", 1, 0},
	    {"xo", "--", 1, 0},   {"bx", "M-", 2, 0},     {"xb", "-S", 2, 0},
	    {"xbo", "-M-", 2, 0}, {"oBob", "-L-S", 1, 0},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_initrds struct initrds initrds = {};
		struct bootconfig found;

		open_letters(*state, rows[i].files, &initrds);
		for (size_t j = 0; j < initrds.count; j++) {
			const struct initrd *initrd = &initrds.files[j];
			char place = "SML"[initrd->bootconfig_place];

			if (initrd->bootconfig.state != BOOTCONFIG_VALID)
				place = '-';
			assert_row(rows[i].files, place == rows[i].places[j]);
		}
		assert_row(rows[i].files, count_magic(initrds.joined) == rows[i].magic_words);
		if (!strpbrk(rows[i].places, "SM"))
			continue;
		assert_int_equal(bootconfig_find(&found, initrds.joined, NULL), 0);
		assert_row(rows[i].files, found.state == BOOTCONFIG_VALID);
		assert_row(rows[i].files, found.end == initrds.joined->size - rows[i].slack);
		assert_row(rows[i].files, found.end - found.start == BOOTCONFIG_SIZE);
	}
}

/* What has no bootconfig at its end any more is behind it in the order of the load, not in time. */
static void test_an_early_archive_given_last_leaves_a_bootconfig_where_it_is(void **state)
{
	cleanup_initrds struct initrds initrds = {};

	open_letters(*state, "obE", &initrds);
	assert_true(initrds.reordered);
	assert_true(initrds.files[0].early);
	assert_int_equal(initrds.files[2].bootconfig.state, BOOTCONFIG_VALID);
	assert_int_equal(initrds.files[2].bootconfig_place, BOOTCONFIG_STAYS);
}

/* What kexec_file_load would get, in memory. */
static struct blob *copy_as_file(const struct initrds *initrds)
{
	cleanup_blob_whole struct blob_whole whole;
	struct blob *copy;
	struct stat status;

	assert_int_equal(blob_whole_open(&whole, initrds->joined, 4, NULL), 0);
	assert_int_equal(fstat(whole.fd, &status), 0);
	copy = blob_new_memory((uint64_t)status.st_size);
	assert_int_equal(pread(whole.fd, copy->memory, copy->size, 0), status.st_size);
	return copy;
}

/* By kexec_file_load, too, it must end exactly where the initrd ends. */
static void test_a_moved_bootconfig_ends_the_joined_file(void **state)
{
	cleanup_initrds struct initrds initrds = {};
	cleanup_blob struct blob *copy = NULL;
	struct bootconfig found;

	open_letters(*state, "poo", &initrds);
	copy = copy_as_file(&initrds);
	assert_int_equal(bootconfig_find(&found, copy, NULL), 0);
	assert_int_equal(found.state, BOOTCONFIG_VALID);
	assert_int_equal(found.end, copy->size);
	assert_memory_equal(copy->memory + found.start, "key = value\n", 12);
}

/* Nothing is left of the first file; the second is the whole. */
static void test_a_bootconfig_that_is_left_out_leaves_the_next_file(void **state)
{
	cleanup_initrds struct initrds initrds = {};
	cleanup_blob struct blob *copy = NULL;
	struct archive expected = {};

	fill_by_letter(&expected, 'b');
	open_letters(*state, "Bb", &initrds);
	copy = copy_as_file(&initrds);
	assert_int_equal(copy->size, expected.size);
	assert_memory_equal(copy->memory, expected.bytes, expected.size);
}

static void test_a_single_initrd_is_that_file(void **state)
{
	cleanup_initrds struct initrds initrds = {};

	open_letters(*state, "p", &initrds);
	assert_int_equal(initrds.joined->piece_count, 1);
	assert_int_equal(initrds.joined->size, initrds.joined->files[0].size);
}

/* Without its bootconfig a file may have nothing left, which is no reason for a warning. */
static void test_a_bootconfig_alone_is_no_unknown_content(void **state)
{
	cleanup_initrds struct initrds initrds = {};

	open_letters(*state, "Box", &initrds);
	assert_int_equal(initrds.files[0].content, INITRD_ARCHIVE);
	assert_int_equal(initrds.files[1].content, INITRD_ARCHIVE);
	assert_int_equal(initrds.files[2].bootconfig.state, BOOTCONFIG_WRONG_SUM);
}

static void test_two_thousand_initrds_are_joined(void **state)
{
	enum { COUNT = 2000 };
	cleanup_initrds struct initrds initrds = {};
	static const char *paths[COUNT];
	struct error error = {};
	struct archive archive = {};
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_max < COUNT + 64)
		skip();
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fill_ordinary(&archive);
	for (size_t i = 0; i < COUNT; i++)
		paths[i] = i % 500
			       ? paths[0]
			       : folder_write(*state, i ? "b" : "a", archive.bytes, archive.size);
	initrds_open(&initrds, paths, COUNT, NULL, NULL, &error);
	assert_no_failure(&error);
	assert_int_equal(initrds.joined->piece_count, COUNT);
	assert_int_equal(initrds.joined->size, (COUNT - 1) * 4096 + archive.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_microcode_archive_is_early),
	    cmocka_unit_test(test_the_marker_early_cpio_is_passed_over),
	    cmocka_unit_test(test_an_ordinary_archive_is_not_early),
	    cmocka_unit_test(test_an_archive_of_nothing_is_not_early),
	    cmocka_unit_test(test_an_early_archive_with_much_behind_it_is_not_early),
	    cmocka_unit_test(test_an_early_archive_with_a_small_initramfs_behind_it_is_not_early),
	    cmocka_unit_test(test_a_truncated_archive_is_never_early),
	    cmocka_unit_test(test_digits_that_are_not_hexadecimal_are_no_header),
	    cmocka_unit_test(test_a_name_without_its_nul_is_no_header),
	    cmocka_unit_test(test_a_nul_among_the_digits_is_no_header),
	    cmocka_unit_test(test_names_are_read_up_to_256_bytes),
	    cmocka_unit_test(test_wrong_sizes_are_no_header),
	    cmocka_unit_test(test_data_that_is_no_archive_is_not_early),
	    FOLDER_TEST(test_early_archives_come_first_and_the_rest_keeps_its_order),
	    FOLDER_TEST(test_an_initrd_that_cannot_be_opened_is_named),
	    FOLDER_TEST(test_the_bootconfig_of_the_last_file_that_has_one_comes_last),
	    FOLDER_TEST(test_an_early_archive_given_last_leaves_a_bootconfig_where_it_is),
	    FOLDER_TEST(test_a_moved_bootconfig_ends_the_joined_file),
	    FOLDER_TEST(test_a_bootconfig_that_is_left_out_leaves_the_next_file),
	    FOLDER_TEST(test_a_single_initrd_is_that_file),
	    FOLDER_TEST(test_a_bootconfig_alone_is_no_unknown_content),
	    FOLDER_TEST(test_two_thousand_initrds_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
