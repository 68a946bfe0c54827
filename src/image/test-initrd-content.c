/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-content.h"

#include <string.h>

#include "base/blob.h"
#include "test-support/archive.h"
#include "test-support/test.h"

struct found {
	enum initrd_content content;
	const char *filesystem;
};

/* The first `size` of the bytes, in a blob of exactly that size. */
static struct found find(const void *bytes, size_t size)
{
	cleanup_blob struct blob *blob = blob_new_memory(size);
	struct error error = {};
	struct found found = {};

	memcpy(blob->memory, bytes, size);
	assert_int_equal(initrd_content_find(&found.content, &found.filesystem, blob, size, &error),
			 0);
	assert_no_failure(&error);
	return found;
}

static void test_what_the_unpacker_takes_is_an_archive(void **state)
{
	static const struct {
		const char *row, *bytes;
		size_t size;
	} rows[] = {
	    {"newc", "070701", 6},    {"newc with checksums", "070702", 6},
	    {"gzip", "\x1f\x8b", 2},  {"old gzip", "\x1f\x9e", 2},
	    {"bzip2", "BZh9", 4},     {"lzma", "\x5d\0\0", 3},
	    {"xz", "\xfd\x37zXZ", 5}, {"lzo", "\x89LZO", 4},
	    {"lz4", "\x02!L\x18", 4}, {"zstd", "\x28\xb5\x2f\xfd", 4},
	    {"nothing", "", 0},       {"a zero", "", 1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct found found = find(rows[i].bytes, rows[i].size);

		assert_row(rows[i].row, found.content == INITRD_ARCHIVE);
		assert_row(rows[i].row, found.filesystem == NULL);
	}
}

static void test_filesystems_are_known_by_their_magic(void **state)
{
	static const struct {
		const char *name, *magic;
		size_t offset, size;
	} rows[] = {
	    {"squashfs", "hsqs", 0, 4},
	    {"cramfs", "\x45\x3d\xcd\x28", 0, 4},
	    {"cramfs", "\x45\x3d\xcd\x28", 512, 4},
	    {"romfs", "-rom1fs-", 0, 8},
	    {"ext", "\x53\xef", 1080, 2},
	    {"minix", "\x7f\x13", 1040, 2},
	    {"minix", "\x8f\x13", 1040, 2},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		size_t size = rows[i].offset + rows[i].size;
		uint8_t image[4096] = {};
		struct found found;

		memcpy(image + rows[i].offset, rows[i].magic, rows[i].size);
		found = find(image, sizeof(image));
		assert_row(rows[i].name, found.content == INITRD_FILESYSTEM);
		assert_string_equal(found.filesystem, rows[i].name);
		assert_row(rows[i].name, find(image, size).content == INITRD_FILESYSTEM);
		assert_row(rows[i].name, find(image, size - 1).content != INITRD_FILESYSTEM);
	}
}

/* The kernel knows erofs, but not as an initrd. */
static void test_erofs_is_no_content_for_an_initrd(void **state)
{
	uint8_t image[4096] = {};

	(void)state;
	memcpy(image + 1024, "\xe2\xe1\xf5\xe0", 4);
	assert_int_equal(find(image, sizeof(image)).content, INITRD_UNKNOWN);
}

/* What a boot loader's blocks leave before the superblock does not count. */
static void test_a_filesystem_may_have_a_boot_sector(void **state)
{
	uint8_t image[2048];

	(void)state;
	memset(image, 0xeb, sizeof(image));
	memcpy(image + 1080, "\x53\xef", 2);
	assert_string_equal(find(image, sizeof(image)).filesystem, "ext");
}

static void test_an_archive_with_a_filesystems_magic_inside_is_an_archive(void **state)
{
	uint8_t image[2048] = "070701";

	(void)state;
	memcpy(image + 1080, "\x53\xef", 2);
	assert_int_equal(find(image, sizeof(image)).content, INITRD_ARCHIVE);
	memcpy(image, "\x1f\x8b\x08\0\0\0", 6);
	assert_int_equal(find(image, sizeof(image)).content, INITRD_ARCHIVE);
}

/* The unpacker skips zeros, and wants a cpio header on a multiple of 4. */
static void test_an_archive_may_stand_behind_zeros(void **state)
{
	static const size_t zeros[] = {1, 2, 3, 4, 8, 512, 4092, 4094, 4095, 4096, 4097, 9000};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(zeros); i++) {
		struct archive cpio = {}, gzip = {}, junk = {};

		archive_add_zeros(&cpio, zeros[i]);
		archive_add_bytes(&cpio, "070701", 6);
		assert_int_equal(find(cpio.bytes, cpio.size).content,
				 zeros[i] % 4 ? INITRD_UNKNOWN : INITRD_ARCHIVE);
		archive_add_zeros(&gzip, zeros[i]);
		assert_int_equal(find(gzip.bytes, gzip.size).content, INITRD_ARCHIVE);
		archive_add_bytes(&gzip, "\x1f\x8b", 2);
		assert_int_equal(find(gzip.bytes, gzip.size).content, INITRD_ARCHIVE);
		archive_add_zeros(&junk, zeros[i]);
		archive_add_bytes(&junk, "junk", 4);
		assert_int_equal(find(junk.bytes, junk.size).content, INITRD_UNKNOWN);
	}
}

static void test_all_else_is_unknown(void **state)
{
	static const struct {
		const char *row, *bytes;
		size_t size;
	} rows[] = {
	    {"text", "#!/bin/sh\n", 10},         {"old cpio", "070707", 6},
	    {"binary cpio", "\xc7\x71", 2},      {"half a magic", "\x1f", 1},
	    {"half a header", "07070", 5},       {"lz4 frame", "\x04\x22\x4d\x18", 4},
	    {"xz without its first", "7zXZ", 4},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_row(rows[i].row,
			   find(rows[i].bytes, rows[i].size).content == INITRD_UNKNOWN);
		assert_row(rows[i].row, find(rows[i].bytes, rows[i].size).filesystem == NULL);
	}
}

static void test_only_the_first_bytes_count(void **state)
{
	cleanup_blob struct blob *blob = blob_new_memory(5000);
	enum initrd_content content;
	const char *filesystem;

	(void)state;
	memcpy(blob->memory + 1080, "\x53\xef", 2);
	memcpy(blob->memory + 4998, "xx", 2);
	for (size_t size = 0; size <= 1081; size++) {
		assert_int_equal(initrd_content_find(&content, &filesystem, blob, size, NULL), 0);
		assert_int_equal(content, size <= 1080 ? INITRD_ARCHIVE : INITRD_UNKNOWN);
	}
	assert_int_equal(initrd_content_find(&content, &filesystem, blob, 1082, NULL), 0);
	assert_int_equal(content, INITRD_FILESYSTEM);
}

static void test_compressed_data_is_found_behind_whole_archives_and_zeros(void **state)
{
	static const struct {
		const char *row, *bytes;
		bool archive, zeros, compressed;
	} rows[] = {
	    {"at the start", "\x28\xb5\x2f\xfd", false, false, true},
	    {"behind zeros", "\x28\xb5\x2f\xfd", false, true, true},
	    {"behind an archive", "\x28\xb5\x2f\xfd", true, false, true},
	    {"behind both", "\x28\xb5\x2f\xfd", true, true, true},
	    {"an archive", "", true, true, false},
	    {"something else", "text", true, true, false},
	    {"nothing", "", false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_blob struct blob *blob = NULL;
		struct archive archive = {};

		if (rows[i].archive) {
			archive_add(&archive, "kernel/x86/microcode/x.bin", "x");
			archive_add(&archive, "TRAILER!!!", "");
		}
		archive_add_zeros(&archive, rows[i].zeros ? 512 : 0);
		archive_add_bytes(&archive, rows[i].bytes, strlen(rows[i].bytes));
		blob = blob_new_memory(archive.size);
		memcpy(blob->memory, archive.bytes, archive.size);
		assert_row(rows[i].row, initrd_has_compressed(blob, NULL) == rows[i].compressed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_the_unpacker_takes_is_an_archive),
	    cmocka_unit_test(test_filesystems_are_known_by_their_magic),
	    cmocka_unit_test(test_erofs_is_no_content_for_an_initrd),
	    cmocka_unit_test(test_a_filesystem_may_have_a_boot_sector),
	    cmocka_unit_test(test_an_archive_with_a_filesystems_magic_inside_is_an_archive),
	    cmocka_unit_test(test_an_archive_may_stand_behind_zeros),
	    cmocka_unit_test(test_all_else_is_unknown),
	    cmocka_unit_test(test_only_the_first_bytes_count),
	    cmocka_unit_test(test_compressed_data_is_found_behind_whole_archives_and_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
