/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blobs as files, and files of memory as blobs. */
#include "base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-support/folder.h"
#include "test-support/join-files.h"
#include "test-support/test.h"

static char *read_all(int fd, size_t *size)
{
	char *content = calloc(1, 4096);
	ssize_t n;

	assert_non_null(content);
	n = pread(fd, content, 4096, 0);
	assert_true(n >= 0);
	*size = (size_t)n;
	return content;
}

static void test_one_file_as_a_file_is_that_file(void **state)
{
	cleanup_blob struct blob *blob = open_file(folder_text(*state, "a", "text"));
	struct error error = {};
	int fd = open_whole(blob, 4096, &error);
	struct stat status;

	assert_no_failure(&error);
	assert_true(fd >= 0);
	assert_int_not_equal(fd, blob->files[0].fd);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_ino, blob->files[0].status.st_ino);
	assert_int_equal(status.st_dev, blob->files[0].status.st_dev);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	/* A descriptor of its own. */
	assert_int_equal(close(fd), 0);
	assert_int_equal(blob_unchanged(blob, &error), 0);
}

static void test_files_as_one_file_start_on_multiples_of_the_alignment(void **state)
{
	static const struct {
		size_t alignment;
		const char *content;
		size_t size;
	} rows[] = {
	    {1, "firstsecond!!third", 18},
	    {4, "first\0\0\0second!!third", 21},
	    {8, "first\0\0\0second!!third", 21},
	    {16, "first\0\0\0\0\0\0\0\0\0\0\0second!!\0\0\0\0\0\0\0\0third", 37},
	};
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "first"),
			       folder_text(folder, "b", "second!!"),
			       folder_text(folder, "c", "third")};
	cleanup_blob struct blob *blob = NULL;

	blob = join_files(paths, ELEMENTS(paths));
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = {};
		int fd = open_whole(blob, rows[i].alignment, &error);
		char *content;
		size_t size;

		assert_no_failure(&error);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		content = read_all(fd, &size);
		assert_int_equal(size, rows[i].size);
		assert_memory_equal(content, rows[i].content, size);
		free(content);
		close(fd);
	}
}

static void test_a_file_that_became_shorter_is_not_joined(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "first"),
			       folder_text(folder, "b", "second")};
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};

	blob = join_files(paths, 2);
	assert_int_equal(truncate(paths[1], 2), 0);
	assert_true(open_whole(blob, 4, &error) < 0);
	assert_failed(&error, ERROR_CHANGED, paths[1]);
}

/* What grew meanwhile is cut off where it ended: blob_unchanged() tells of it. */
static void test_a_file_that_grew_is_joined_as_it_was(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "one"), folder_text(folder, "b", "two")};
	cleanup_blob struct blob *blob = NULL;
	char *content;
	size_t size;
	int fd;

	blob = join_files(paths, 2);
	folder_text(folder, "a", "one and more");
	fd = open_whole(blob, 4, NULL);
	content = read_all(fd, &size);
	assert_int_equal(size, 7);
	assert_memory_equal(content, "one\0two", 7);
	free(content);
	close(fd);
}

static void test_a_file_that_was_closed_cannot_be_had_as_one(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "one"), folder_text(folder, "b", "two")};

	for (size_t count = 1; count <= 2; count++) {
		cleanup_blob struct blob *blob = NULL;
		struct error error = {};

		blob = join_files(paths, count);
		/* The last: the memory file must not get its number. */
		assert_int_equal(close(blob->files[count - 1].fd), 0);
		blob->files[count - 1].fd = -1;
		assert_int_equal(open_whole(blob, 4, &error), -EBADF);
		assert_int_equal(error.count, 1);
		assert_string_equal(error.failures[0].subject, paths[count - 1]);
	}
}

static void test_a_memory_file_becomes_a_sealed_blob(void **state)
{
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};
	uint8_t bytes[5];
	int fd = blob_memory_file("x");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "seven b", 7), 7);
	assert_int_equal(blob_from_memory_file(&blob, fd, "/boot/k: inside x", &error), 0);
	assert_no_failure(&error);
	assert_string_equal(blob_name(blob), "/boot/k: inside x");
	assert_int_equal(blob->size, 7);
	assert_int_equal(blob_map(blob, &error), 0);
	assert_memory_equal(blob->address, "seven b\0", 8);
	assert_int_equal(blob_read(blob, 2, bytes, 5, &error), 0);
	assert_memory_equal(bytes, "ven b", 5);
	assert_int_equal(blob_unchanged(blob, &error), 0);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 8), -1);
	assert_int_equal(ftruncate(fd, 6), -1);
}

static void test_a_file_that_cannot_be_sealed_is_no_memory_file(void **state)
{
	struct blob *blob = NULL;
	struct error error = {};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_true(blob_from_memory_file(&blob, fd, "null", &error) < 0);
	assert_failed(&error, ERROR_FILE, "cannot be sealed");
	assert_null(blob);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* it was taken over */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_one_file_as_a_file_is_that_file),
	    FOLDER_TEST(test_files_as_one_file_start_on_multiples_of_the_alignment),
	    FOLDER_TEST(test_a_file_that_became_shorter_is_not_joined),
	    FOLDER_TEST(test_a_file_that_grew_is_joined_as_it_was),
	    FOLDER_TEST(test_a_file_that_was_closed_cannot_be_had_as_one),
	    cmocka_unit_test(test_a_memory_file_becomes_a_sealed_blob),
	    cmocka_unit_test(test_a_file_that_cannot_be_sealed_is_no_memory_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
