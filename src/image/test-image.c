/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>

#include "test-support/folder.h"
#include "test-support/gzip.h"
#include "test-support/kernel-file.h"
#include "test-support/test.h"

static void test_a_kernel_is_opened_with_its_kind_and_version(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct error error = {};
	struct image image;

	kernel_file_fill(file);
	assert_int_equal(
	    image_open(&image, folder_write(*state, "k", file, sizeof(file)), UINT64_MAX, &error),
	    0);
	assert_no_failure(&error);
	assert_string_equal(image_kind_name(image.kind), "bzImage");
	assert_string_equal(image.bzimage.version, KERNEL_FILE_VERSION);
	assert_int_equal(image.file->size, sizeof(file));
	image_close(&image);
	assert_null(image.file);
	assert_null(image_kind_name(IMAGE_UNKNOWN));
}

static void test_a_truncated_file_is_refused_by_name(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];

	kernel_file_fill(file);
	for (size_t size = 1; size <= BZIMAGE_HEAD_SIZE + 64; size += 13) {
		const char *path = folder_write(*state, "vmlinuz", file, size);
		struct error error = {};
		struct image image;

		assert_int_equal(image_open(&image, path, UINT64_MAX, &error), -EINVAL);
		assert_failed(&error, ERROR_IMAGE, path);
		assert_null(image.file);
	}
}

static void test_a_file_that_is_no_kernel_is_said_to_be_what_it_looks_like(void **state)
{
	static const struct {
		const char *content, *words;
	} rows[] = {
	    {"070701", "initrd?"},
	    {"linux /vmlinuz\n", "text"},
	    {"\x27\x05\x19\x56", "uImage"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *path = folder_text(*state, "file", rows[i].content);
		struct error error = {};
		struct image image;

		assert_int_equal(image_open(&image, path, UINT64_MAX, &error), -EINVAL);
		assert_failed(&error, ERROR_IMAGE, rows[i].words);
		assert_string_equal(error.failures[0].subject, path);
	}
}

static void test_a_missing_file_is_no_image_error(void **state)
{
	const char *path = folder_path(*state, "missing");
	struct error error = {};
	struct image image;

	assert_int_equal(image_open(&image, path, UINT64_MAX, &error), -ENOENT);
	assert_failed(&error, ERROR_FILE, path);
}

static void test_a_version_text_is_shown_only_as_printable_characters(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct image image;

	kernel_file_fill(file);
	memcpy(file + 0x500, "6.1\033[31m\xff#", 11);
	assert_int_equal(
	    image_open(&image, folder_write(*state, "k", file, sizeof(file)), UINT64_MAX, NULL), 0);
	assert_string_equal(image.bzimage.version, "6.1?[31m?#");
	image_close(&image);
}

static void test_a_version_that_fills_its_place_is_cut(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct image image;

	kernel_file_fill(file);
	memset(file + 0x500, 'v', 200);
	assert_int_equal(
	    image_open(&image, folder_write(*state, "k", file, sizeof(file)), UINT64_MAX, NULL), 0);
	assert_int_equal(strlen(image.bzimage.version), sizeof(image.bzimage.version) - 1);
	image_close(&image);
}

static void test_a_version_outside_the_setup_code_is_left_empty(void **state)
{
	static const uint16_t offsets[] = {0, KERNEL_FILE_OFFSET - 512, 0xffff};

	for (size_t i = 0; i < ELEMENTS(offsets); i++) {
		uint8_t file[KERNEL_FILE_SIZE];
		struct image image;

		kernel_file_fill(file);
		store_le(file + HEADER_KERNEL_VERSION, 2, offsets[i]);
		assert_int_equal(image_open(&image, folder_write(*state, "k", file, sizeof(file)),
					    UINT64_MAX, NULL),
				 0);
		assert_string_equal(image.bzimage.version, "");
		image_close(&image);
	}
}

static void test_a_wrapped_kernel_is_unwrapped_and_the_file_kept(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE], wrapped[KERNEL_FILE_SIZE + GZIP_OVERHEAD];
	struct error error = {};
	struct image image;
	const char *path;

	if (!gzip_is_built())
		skip();
	kernel_file_fill(file);
	path = folder_write(*state, "k.gz", wrapped, gzip_wrap(wrapped, file, sizeof(file)));
	image_open(&image, path, UINT64_MAX, &error);
	assert_no_failure(&error);
	assert_string_equal(image.bzimage.version, KERNEL_FILE_VERSION);
	assert_int_equal(image.file->size, sizeof(file));
	assert_int_equal(blob_map(image.file, &error), 0);
	assert_memory_equal(image.file->address, file, sizeof(file));
	assert_string_equal(blob_name(image.wrapped), path);
	assert_int_equal(image.wrapped->size, sizeof(wrapped));
	assert_string_equal(image.unwrapped.layers, "gzip");
	image_close(&image);
	assert_null(image.wrapped);

	assert_true(image_open(&image, path, sizeof(file) - 1, &error) < 0);
	assert_failed(&error, ERROR_TOO_LONG, path);
	assert_null(image.file);
}

static void test_an_error_inside_a_wrapped_file_names_the_file_and_the_layer(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE], wrapped[KERNEL_FILE_SIZE + GZIP_OVERHEAD];
	struct error text = {}, truncated = {};
	struct image image;
	const char *path;

	if (!gzip_is_built())
		skip();
	kernel_file_fill(file);
	path = folder_write(*state, "t", wrapped, gzip_wrap(wrapped, (uint8_t *)"words", 5));
	assert_int_equal(image_open(&image, path, UINT64_MAX, &text), -EINVAL);
	assert_failed(&text, ERROR_IMAGE, "it looks like text");
	assert_failed(&text, ERROR_IMAGE, path);
	assert_failed(&text, ERROR_IMAGE, "t: inside gzip");
	path = folder_write(*state, "k", wrapped, gzip_wrap(wrapped, file, sizeof(file) - 1));
	assert_int_equal(image_open(&image, path, UINT64_MAX, &truncated), -EINVAL);
	assert_failed(&truncated, ERROR_IMAGE, "k: inside gzip");
	assert_failed(&truncated, ERROR_IMAGE, "the file is truncated");
	assert_null(image.file);
}

static void test_what_follows_the_kernel_is_explained_or_refused(void **state)
{
	static const uint8_t signature[16] = {16, 0, 0, 0, 0, 2, 2, 0, 0x30};
	uint8_t file[KERNEL_FILE_SIZE + 64] = {};
	struct error error = {};
	struct image image;
	const char *path;

	kernel_file_fill(file);
	memcpy(file + KERNEL_FILE_SIZE, signature, sizeof(signature));
	path = folder_write(*state, "k", file, KERNEL_FILE_SIZE + 32);
	image_open(&image, path, UINT64_MAX, &error);
	assert_no_failure(&error);
	assert_string_equal(image.trailing, "behind the kernel: NUL padding (16 bytes), a PE "
					    "signature (16 bytes)");
	image_close(&image);
	memcpy(file + KERNEL_FILE_SIZE + 16, "070701", 6);
	path = folder_write(*state, "k", file, KERNEL_FILE_SIZE + 32);
	assert_int_equal(image_open(&image, path, UINT64_MAX, &error), -EINVAL);
	assert_failed(&error, ERROR_IMAGE, path);
	assert_failed(&error, ERROR_IMAGE, "behind the kernel, at offset 8208, there are 16 bytes");
	assert_failed(&error, ERROR_IMAGE, "cpio");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_a_kernel_is_opened_with_its_kind_and_version),
	    FOLDER_TEST(test_a_truncated_file_is_refused_by_name),
	    FOLDER_TEST(test_a_file_that_is_no_kernel_is_said_to_be_what_it_looks_like),
	    FOLDER_TEST(test_a_missing_file_is_no_image_error),
	    FOLDER_TEST(test_a_version_text_is_shown_only_as_printable_characters),
	    FOLDER_TEST(test_a_version_that_fills_its_place_is_cut),
	    FOLDER_TEST(test_a_wrapped_kernel_is_unwrapped_and_the_file_kept),
	    FOLDER_TEST(test_an_error_inside_a_wrapped_file_names_the_file_and_the_layer),
	    FOLDER_TEST(test_what_follows_the_kernel_is_explained_or_refused),
	    FOLDER_TEST(test_a_version_outside_the_setup_code_is_left_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
