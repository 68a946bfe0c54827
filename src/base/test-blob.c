/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "test-support/folder.h"
#include "test-support/join-files.h"
#include "test-support/test.h"

static void test_memory_is_zeroed_and_named_memory(void **state)
{
	cleanup_blob struct blob *blob = blob_new_memory(100), *empty = blob_new_memory(0);
	uint8_t bytes[100], zeros[100] = {};

	(void)state;
	assert_string_equal(blob_name(blob), "memory");
	assert_int_equal(blob_read(blob, 0, bytes, 100, NULL), 0);
	assert_memory_equal(bytes, zeros, 100);
	assert_ptr_equal(blob->address, blob->memory);
	assert_null(empty->address);
	assert_int_equal(blob_unchanged(blob, NULL), 0);
}

static void test_joined_files_start_on_page_boundaries(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct folder *folder = *state;
	cleanup_blob struct blob *blob = NULL;
	char *second = malloc(page);
	const char *paths[3];

	memset(second, 'b', page);
	paths[0] = folder_text(folder, "a", "first");
	paths[1] = folder_write(folder, "b", second, page);
	paths[2] = folder_text(folder, "c", "third");
	free(second);
	blob = join_files(paths, 3);
	assert_int_equal(blob->file_count, 3);
	assert_int_equal(blob->pieces[1].offset, page);
	assert_int_equal(blob->pieces[2].offset, 2 * page);
	assert_int_equal(blob->size, 2 * page + 5);
	assert_int_equal(blob->mapped_size, 3 * page);
	assert_string_equal(blob_name(blob), paths[0]);
	assert_null(blob->address);
	assert_int_equal(blob_map(blob, NULL), 0);
	assert_memory_equal(blob->address, "first", 6);
	assert_memory_equal(blob->address + page - 1, "\0bb", 3);
	assert_memory_equal(blob->address + 2 * page, "third", 6);
}

static void test_reading_crosses_files_and_sees_gaps_as_zeros(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct folder *folder = *state;
	cleanup_blob struct blob *blob = NULL;
	uint8_t *bytes = malloc(page + 5);
	const char *paths[2];

	paths[0] = folder_text(folder, "a", "first");
	paths[1] = folder_text(folder, "b", "second");
	blob = join_files(paths, 2);
	memset(bytes, 0xee, page + 5);
	assert_int_equal(blob_read(blob, 3, bytes, page + 2, NULL), 0);
	assert_memory_equal(bytes, "st\0", 3);
	for (uint64_t i = 2; i < page - 3; i++)
		assert_int_equal(bytes[i], 0);
	assert_memory_equal(bytes + page - 3, "secon\xee", 6);
	memset(bytes, 0xee, 4);
	assert_int_equal(blob_read(blob, 100, bytes, 3, NULL), 0);
	assert_memory_equal(bytes, "\0\0\0\xee", 4);
	free(bytes);
}

static void test_reading_outside_is_our_own_bug_and_touches_nothing(void **state)
{
	cleanup_blob struct blob *blob = blob_new_memory(10);
	struct error error = {};
	uint8_t byte = 7;

	(void)state;
	assert_int_equal(blob_read(blob, 10, &byte, 1, &error), -EINVAL);
	assert_failed(&error, ERROR_INTERNAL, "memory");
	assert_int_equal(blob_read(blob, UINT64_MAX, &byte, 1, &error), -EINVAL);
	assert_int_equal(blob_read(blob, 1, &byte, SIZE_MAX, &error), -EINVAL);
	assert_int_equal(blob_read(blob, 10, &byte, 0, &error), 0);
	assert_int_equal(byte, 7);
}

static void test_a_file_truncated_after_opening_is_an_error_and_not_a_crash(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "0123456789");
	cleanup_blob struct blob *blob = open_file(path);
	struct error error = {};
	char bytes[10];

	assert_int_equal(truncate(path, 4), 0);
	assert_int_equal(blob_read(blob, 0, bytes, 4, NULL), 0);
	assert_int_equal(blob_read(blob, 0, bytes, 10, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

static void test_what_cannot_be_loaded_is_named_with_the_reason(void **state)
{
	struct folder *folder = *state;
	const char *pipe = folder_path(folder, "pipe"), *sub = folder_path(folder, "sub");
	const struct {
		const char *path, *reason;
		int result;
	} rows[] = {
	    {folder_path(folder, "missing"), "opened", -ENOENT},
	    {folder_text(folder, "empty", ""), "empty", -EINVAL},
	    {sub, "a directory", -EINVAL},
	    {pipe, "a pipe", -EINVAL},
	    {"/dev/null", "a device", -EINVAL},
	};

	assert_int_equal(mkdir(sub, 0755), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct blob *blob = NULL;
		struct error error = {};

		assert_row(rows[i].reason,
			   blob_open(&blob, rows[i].path, &error) == rows[i].result);
		assert_null(blob);
		assert_failed(&error, ERROR_FILE, rows[i].reason);
		assert_string_equal(error.failures[0].subject, rows[i].path);
	}
}

static void test_an_untouched_file_is_unchanged(void **state)
{
	struct folder *folder = *state;
	cleanup_blob struct blob *blob = open_file(folder_text(folder, "a", "text"));
	struct error error = {};

	assert_int_equal(blob_unchanged(blob, &error), 0);
	assert_no_failure(&error);
}

static void test_a_touched_file_counts_as_changed(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "text");
	cleanup_blob struct blob *blob = open_file(path);
	struct error error = {};
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 12345, .tv_nsec = 1}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_int_equal(blob_unchanged(blob, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

static void test_a_file_that_grew_counts_as_changed(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "text");
	cleanup_blob struct blob *blob = open_file(path);
	struct stat before;

	assert_int_equal(stat(path, &before), 0);
	folder_text(folder, "a", "text and more");
	/* The time put back, so that it is the size that tells. */
	assert_int_equal(
	    utimensat(AT_FDCWD, path, (struct timespec[]){before.st_atim, before.st_mtim}, 0), 0);
	assert_int_equal(blob_unchanged(blob, NULL), -EINVAL);
}

static bool same_moment(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The time that nobody can set back; the clock behind it may tick only every few milliseconds. */
static void test_a_file_whose_time_was_put_back_counts_as_changed(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "text");
	cleanup_blob struct blob *blob = open_file(path);
	struct stat before, now;
	struct error error = {};

	assert_int_equal(stat(path, &before), 0);
	do {
		folder_text(folder, "a", "TEXT");
		assert_int_equal(utimensat(AT_FDCWD, path,
					   (struct timespec[]){before.st_atim, before.st_mtim}, 0),
				 0);
		assert_int_equal(stat(path, &now), 0);
	} while (same_moment(now.st_ctim, before.st_ctim));
	assert_true(same_moment(now.st_mtim, before.st_mtim));
	assert_int_equal(blob_unchanged(blob, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

static void test_the_second_of_several_files_is_watched_too(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "x"), folder_text(folder, "b", "y")};
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};

	blob = join_files(paths, 2);
	folder_text(folder, "b", "longer");
	assert_int_equal(blob_unchanged(blob, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, paths[1]);
}

/* So that the times of what comes after are others. */
static void wait_for_clock(void)
{
	assert_int_equal(nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL), 0);
}

/* A package upgrade renames a new file over the old one: what we hold is still the old, whole. */
static void test_a_file_replaced_by_renaming_leaves_ours_as_it_was(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "old text");
	cleanup_blob struct blob *blob = open_file(path);
	char bytes[8];

	wait_for_clock();
	assert_int_equal(rename(folder_text(folder, "new", "new"), path), 0);
	assert_int_equal(blob_unchanged(blob, NULL), 0);
	assert_int_equal(blob_read(blob, 0, bytes, sizeof(bytes), NULL), 0);
	assert_memory_equal(bytes, "old text", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory_is_zeroed_and_named_memory),
	    FOLDER_TEST(test_joined_files_start_on_page_boundaries),
	    FOLDER_TEST(test_reading_crosses_files_and_sees_gaps_as_zeros),
	    cmocka_unit_test(test_reading_outside_is_our_own_bug_and_touches_nothing),
	    FOLDER_TEST(test_a_file_truncated_after_opening_is_an_error_and_not_a_crash),
	    FOLDER_TEST(test_what_cannot_be_loaded_is_named_with_the_reason),
	    FOLDER_TEST(test_an_untouched_file_is_unchanged),
	    FOLDER_TEST(test_a_touched_file_counts_as_changed),
	    FOLDER_TEST(test_a_file_that_grew_counts_as_changed),
	    FOLDER_TEST(test_a_file_whose_time_was_put_back_counts_as_changed),
	    FOLDER_TEST(test_the_second_of_several_files_is_watched_too),
	    FOLDER_TEST(test_a_file_replaced_by_renaming_leaves_ours_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
