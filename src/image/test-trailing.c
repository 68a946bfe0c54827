/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trailing.h"

#include <errno.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "test-support/test.h"

enum { FILE_MAX = 512, SIGNATURE = 24, TREE = 40, MODULE = 12, MARKER = 28 };

/* A file under construction: what follows begins at `start`. */
struct file {
	uint8_t bytes[FILE_MAX];
	size_t start, size;
};

/* Its kernel, so to say, fills a few bytes. */
static struct file file_of(size_t start)
{
	struct file file = {.start = start, .size = start};

	memset(file.bytes, 'k', start);
	return file;
}

static void add(struct file *file, const void *bytes, size_t size)
{
	assert_true(file->size + size <= FILE_MAX);
	memcpy(file->bytes + file->size, bytes, size);
	file->size += size;
}

static void add_zeros(struct file *file, size_t count)
{
	static const uint8_t zeros[FILE_MAX];

	add(file, zeros, count);
}

static void add_certificate(struct file *file, uint32_t length, uint16_t revision, uint16_t type)
{
	uint8_t certificate[SIGNATURE];

	memset(certificate, 0x30, sizeof(certificate));
	store_le(certificate, 4, length);
	store_le(certificate + 4, 2, revision);
	store_le(certificate + 6, 2, type);
	add(file, certificate, sizeof(certificate));
}

static void add_tree(struct file *file, uint8_t size)
{
	uint8_t tree[TREE] = {0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, size};

	memset(tree + 8, 0x11, sizeof(tree) - 8);
	add(file, tree, sizeof(tree));
}

static void add_module_signature(struct file *file, uint8_t size, uint8_t claimed)
{
	uint8_t end[MODULE + MARKER] = {0, 0, 2, [11] = claimed};
	uint8_t signature[64];

	memcpy(end + MODULE, "~Module signature appended~\n", MARKER);
	memset(signature, 0x30, sizeof(signature));
	add(file, signature, size);
	add(file, end, sizeof(end));
}

static int explain(const struct file *file, char *text, struct error *error)
{
	cleanup_blob struct blob *blob = blob_new_memory(file->size);

	assert_non_null(blob);
	memcpy(blob->memory, file->bytes, file->size);
	*error = (struct error){};
	return trailing_explain(blob, file->start, "the kernel", text, error);
}

static void check_text(const struct file *file, const char *expected)
{
	char text[TRAILING_TEXT_SIZE] = "before";
	struct error error;

	assert_int_equal(explain(file, text, &error), 0);
	assert_no_failure(&error);
	assert_string_equal(text, expected);
}

static void check_refused(const struct file *file, const char *words)
{
	char text[TRAILING_TEXT_SIZE];
	struct error error;

	assert_int_equal(explain(file, text, &error), -EINVAL);
	assert_failed(&error, ERROR_IMAGE, words);
}

static void test_nothing_needs_no_words(void **state)
{
	struct file file = file_of(16);

	(void)state;
	check_text(&file, "");
}

static void test_padding_is_counted(void **state)
{
	struct file file = file_of(13);

	(void)state;
	add_zeros(&file, 1);
	check_text(&file, "behind the kernel: NUL padding (1 bytes)");
	add_zeros(&file, 400);
	check_text(&file, "behind the kernel: NUL padding (401 bytes)");
}

static void test_padding_of_more_than_a_chunk_is_counted(void **state)
{
	cleanup_blob struct blob *blob = blob_new_memory(100000);
	char text[TRAILING_TEXT_SIZE];
	struct error error = {};

	(void)state;
	assert_non_null(blob);
	assert_int_equal(trailing_explain(blob, 7, "x", text, &error), 0);
	assert_string_equal(text, "behind x: NUL padding (99993 bytes)");
	blob->memory[99999] = 1;
	assert_true(trailing_explain(blob, 7, "x", text, &error) < 0);
	assert_failed(&error, ERROR_IMAGE, "at offset 99999, there are 1 bytes");
}

/* A hostile file can be sparse, and of any size. */
static void test_no_more_than_a_gib_is_looked_at(void **state)
{
	const uint64_t sizes[] = {UINT64_C(1) << 30, (UINT64_C(1) << 30) + 1, UINT64_C(1) << 42};

	(void)state;
	alarm(30); /* instead of the test's whole time limit */
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		cleanup_blob struct blob *blob = NULL;
		char text[TRAILING_TEXT_SIZE];
		struct error error = {};
		int fd = blob_memory_file("sparse");
		uint64_t end;

		assert_true(fd >= 0 && ftruncate(fd, (off_t)(5 + sizes[i])) == 0);
		assert_int_equal(blob_from_memory_file(&blob, fd, "sparse", &error), 0);
		assert_int_equal(trailing_skip_zeros(blob, 5, &end, &error), 0);
		assert_true(end == (i == 0 ? blob->size : 5));
		trailing_explain(blob, 5, "x", text, &error);
		if (i == 0)
			assert_string_equal(text, "behind x: NUL padding (1073741824 bytes)");
		else
			assert_failed(&error, ERROR_IMAGE, "behind x, at offset 5, there are");
	}
	alarm(0);
}

static void test_signatures_of_every_known_kind_are_explained(void **state)
{
	static const uint16_t revisions[] = {0x0100, 0x0200};
	static const uint16_t types[] = {1, 2, 3, 4, 0xef0, 0xef1};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(revisions) * ELEMENTS(types); i++) {
		struct file file = file_of(16);

		add_certificate(&file, SIGNATURE, revisions[i % 2], types[i / 2]);
		check_text(&file, "behind the kernel: a PE signature (24 bytes)");
	}
}

static void test_several_signatures_with_their_padding_are_explained(void **state)
{
	struct file file = file_of(16);

	(void)state;
	add_certificate(&file, SIGNATURE - 3, 0x0200, 2);
	memset(file.bytes + file.size - 3, 0, 3);
	add_certificate(&file, SIGNATURE, 0x0200, 2);
	check_text(&file, "behind the kernel: NUL padding (3 bytes), a PE signature (45 bytes)");
}

/* A length of 0x100 begins with a NUL, which is no padding. */
static void test_a_signature_whose_length_begins_with_zeros_is_explained(void **state)
{
	struct file file = file_of(16);

	(void)state;
	add_zeros(&file, 8);
	add_certificate(&file, 0x100, 0x0200, 2);
	while (file.size < 16 + 8 + 0x100)
		add(&file, "x", 1);
	check_text(&file, "behind the kernel: NUL padding (8 bytes), a PE signature (256 bytes)");
	file.start = 24;
	check_text(&file, "behind the kernel: a PE signature (256 bytes)");
}

static void test_signatures_that_are_wrong_are_refused(void **state)
{
	static const struct {
		uint32_t length;
		uint16_t revision, type;
		size_t start;
	} rows[] = {
	    {SIGNATURE + 1, 0x0200, 2, 16}, /* longer than the file */
	    {UINT32_MAX, 0x0200, 2, 16},
	    {8, 0x0200, 2, 16},
	    {7, 0x0200, 2, 16},
	    {SIGNATURE, 0x0300, 2, 16},
	    {SIGNATURE, 0, 2, 16},
	    {SIGNATURE, 0x0200, 5, 16},
	    {SIGNATURE, 0x0200, 0, 16},
	    {SIGNATURE, 0x0200, 2, 17}, /* not aligned */
	    {SIGNATURE, 0x0200, 2, 20},
	    {SIGNATURE - 1, 0x0200, 2, 16}, /* one byte behind it */
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct file file = file_of(rows[i].start);

		add_certificate(&file, rows[i].length, rows[i].revision, rows[i].type);
		check_refused(&file, "bytes that do not belong to it");
	}
}

static void test_a_signature_that_is_cut_is_refused(void **state)
{
	(void)state;
	for (size_t cut = 1; cut < SIGNATURE; cut++) {
		struct file file = file_of(16);

		add_certificate(&file, SIGNATURE, 0x0200, 2);
		file.size -= cut;
		check_refused(&file, "at offset 16");
	}
}

static void test_a_device_tree_is_explained_at_any_offset(void **state)
{
	(void)state;
	for (size_t start = 16; start < 24; start++) {
		struct file file = file_of(start);

		add_zeros(&file, 2);
		add_tree(&file, TREE);
		check_text(&file,
			   "behind the kernel: NUL padding (2 bytes), a device tree (40 bytes)");
	}
}

static void test_device_trees_that_are_wrong_are_refused(void **state)
{
	static const uint8_t sizes[] = {0, TREE - 1, TREE + 1, 255};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		struct file file = file_of(16);

		add_tree(&file, sizes[i]);
		check_refused(&file, "they look like a device tree");
	}
	for (size_t size = 1; size < TREE; size++) {
		struct file file = file_of(16);

		add_tree(&file, TREE);
		file.size = 16 + size;
		check_refused(&file, "at offset 16");
	}
}

static void test_an_appended_signature_is_explained_at_the_end_only(void **state)
{
	struct file file = file_of(16), wrong = file_of(16), early = file_of(16);

	(void)state;
	add_zeros(&file, 3);
	add_module_signature(&file, 60, 60);
	check_text(&file, "behind the kernel: NUL padding (3 bytes), an appended signature "
			  "(100 bytes)");
	add_module_signature(&wrong, 60, 59);
	check_refused(&wrong, "at offset 16, there are 100 bytes");
	add_module_signature(&early, 60, 60);
	add_zeros(&early, 8);
	check_refused(&early, "at offset 16");
}

static void test_everything_together_in_any_order(void **state)
{
	struct file file = file_of(16);

	(void)state;
	add_tree(&file, TREE);
	add_zeros(&file, 16);
	add_certificate(&file, SIGNATURE, 0x0200, 2);
	add_tree(&file, TREE);
	add_certificate(&file, SIGNATURE, 0x0100, 1);
	add_module_signature(&file, 10, 10);
	check_text(&file, "behind the kernel: NUL padding (16 bytes), a PE signature (48 bytes), "
			  "a device tree (80 bytes), an appended signature (50 bytes)");
}

static void test_what_is_not_known_is_described(void **state)
{
	static const struct {
		const char *bytes, *words;
	} rows[] = {
	    {"070701", "a cpio archive (an initrd?)"},
	    {"#!/bin/sh\n", "text"},
	    {"\x1f\x8b\x08", "gzip-compressed data"},
	    {"\x01\x02", "data of no known format"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct file file = file_of(11);

		add_zeros(&file, 10);
		add(&file, rows[i].bytes, strlen(rows[i].bytes));
		check_refused(&file, rows[i].words);
		check_refused(&file, "behind the kernel, at offset 21, there are");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_needs_no_words),
	    cmocka_unit_test(test_padding_is_counted),
	    cmocka_unit_test(test_padding_of_more_than_a_chunk_is_counted),
	    cmocka_unit_test(test_no_more_than_a_gib_is_looked_at),
	    cmocka_unit_test(test_signatures_of_every_known_kind_are_explained),
	    cmocka_unit_test(test_several_signatures_with_their_padding_are_explained),
	    cmocka_unit_test(test_a_signature_whose_length_begins_with_zeros_is_explained),
	    cmocka_unit_test(test_signatures_that_are_wrong_are_refused),
	    cmocka_unit_test(test_a_signature_that_is_cut_is_refused),
	    cmocka_unit_test(test_a_device_tree_is_explained_at_any_offset),
	    cmocka_unit_test(test_device_trees_that_are_wrong_are_refused),
	    cmocka_unit_test(test_an_appended_signature_is_explained_at_the_end_only),
	    cmocka_unit_test(test_everything_together_in_any_order),
	    cmocka_unit_test(test_what_is_not_known_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
