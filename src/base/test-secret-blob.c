/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blobs of secrets: what is made of them is as protected as they are, and nothing is left. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/locked-memory.h"
#include "test-support/marker.h"
#include "test-support/test.h"

enum { SECRET_SIZE = 5000, SECRET_AT = 2000 };

static int setup(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	folder_make(folder);
	*state = folder;
	return 0;
}

static int teardown(void **state)
{
	folder_remove(*state);
	free(*state);
	return 0;
}

#define SECRET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A secret blob with the marker in it, read straight from a file. */
static struct blob *secret_blob(struct folder *folder, struct marker *marker)
{
	const char *path = folder_path(folder, "secret");
	struct blob *blob = blob_new_secret(SECRET_SIZE);
	cleanup_close int fd = -1;

	marker_make(marker);
	marker_write(marker, path, SECRET_SIZE);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_non_null(blob);
	assert_int_equal(read(fd, blob->memory, SECRET_SIZE), SECRET_SIZE);
	assert_int_equal(marker_scan(marker), 1);
	return blob;
}

/* A file, the secret, and a part of the file again. */
static struct blob *join(struct folder *folder, struct blob *secret)
{
	static const struct blob_part parts[] = {{0, 0, 9}, {1, 0, SECRET_SIZE}, {0, 3, 4}};
	const char *path = folder_text(folder, "file", "some text");
	struct blob *sources[2] = {NULL, secret}, *blob = NULL;
	struct error error = {};

	assert_int_equal(blob_open(&sources[0], path, &error), 0);
	blob_join(&blob, sources, 2, parts, ELEMENTS(parts), &error);
	assert_no_failure(&error);
	return blob;
}

static void test_what_is_joined_is_copied_only_where_it_is_mapped(void **state)
{
	struct marker marker;
	struct blob *blob = join(*state, secret_blob(*state, &marker));

	assert_int_equal(marker_scan(&marker), 1);
	assert_int_equal(blob_map(blob, NULL), 0);
	assert_int_equal(marker_scan(&marker), 2);
	assert_int_equal(marker_count(&marker, blob->address, blob->size), 1);
	assert_true(is_protected(blob->address + 4096));
	assert_true(is_protected(blob->address + 2 * 4096));
	assert_false(is_protected(blob->address));
	blob_unmap(blob);
	assert_int_equal(marker_scan(&marker), 1);
	blob_free(blob);
	assert_int_equal(marker_scan(&marker), 0);
}

static void test_a_blob_that_is_wiped_keeps_its_shape(void **state)
{
	struct marker marker;
	struct blob *blob = secret_blob(*state, &marker);

	blob_wipe(blob);
	assert_int_equal(marker_scan(&marker), 0);
	assert_int_equal(blob->size, SECRET_SIZE);
	blob_free(blob);
	blob = join(*state, secret_blob(*state, &marker));
	assert_int_equal(blob_map(blob, NULL), 0);
	blob_wipe(blob);
	assert_int_equal(marker_scan(&marker), 0);
	assert_int_equal(blob->size, 3 * 4096 + 4);
	assert_memory_equal(blob->address, "some text", 9);
	assert_memory_equal(blob->address + 3 * 4096, "e te", 4);
	blob_free(blob);
}

static void test_a_secret_in_a_file_is_locked_and_wiped_when_it_is_closed(void **state)
{
	for (int joined = 0; joined <= 1; joined++) {
		struct marker marker;
		cleanup_blob struct blob *blob = secret_blob(*state, &marker);
		size_t start = joined ? 12 : 0, size = start + SECRET_SIZE + (joined ? 4 : 0);
		cleanup_close int fd = -1;
		struct blob_whole whole;
		struct error error = {};
		uint8_t *content;

		if (joined)
			blob = join(*state, blob);
		assert_int_equal(blob_whole_open(&whole, blob, 4, &error), 0);
		assert_no_failure(&error);
		assert_true(is_protected(whole.locked));
		assert_int_equal(whole.locked_size, start + SECRET_SIZE);
		assert_int_equal(marker_scan(&marker), 2);
		fd = dup(whole.fd);
		assert_int_equal(lseek(fd, 0, SEEK_END), size);
		content = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
		assert_true(content != MAP_FAILED);
		assert_int_equal(marker_count(&marker, content, size), 1);
		assert_int_equal(
		    marker_count(&marker, content + start + (SECRET_SIZE - 32) / 2, 32), 1);
		if (joined) {
			assert_memory_equal(content, "some text\0\0", 12);
			assert_memory_equal(content + start + SECRET_SIZE, "e te", 4);
		}
		blob_whole_close(&whole);
		assert_int_equal(whole.fd, -1);
		assert_int_equal(marker_count(&marker, content, size), 0);
		munmap(content, size);
		assert_int_equal(marker_scan(&marker), 1);
	}
}

static void test_two_secrets_in_a_file_are_our_own_bug(void **state)
{
	static const struct blob_part parts[] = {{0, 0, 1000}, {0, 1000, SECRET_SIZE - 1000}};
	struct marker marker;
	struct blob *source = secret_blob(*state, &marker), *blob = NULL;
	struct blob_whole whole;
	struct error error = {};

	assert_int_equal(blob_join(&blob, &source, 1, parts, 2, &error), 0);
	assert_true(blob_whole_open(&whole, blob, 4, &error) < 0);
	assert_failed(&error, ERROR_INTERNAL, "more than one");
	assert_int_equal(whole.fd, -1);
	assert_null(whole.locked);
	blob_free(blob);
	assert_int_equal(marker_scan(&marker), 0);
}

/* The last test: what it gives away does not come back. */
static void test_what_cannot_be_locked_is_not_copied(void **state)
{
	static const struct blob_part parts[] = {{0, 0, 9}, {1, 0, SECRET_SIZE}};
	const char *path = folder_text(*state, "file", "some text");
	struct marker marker;
	struct blob *sources[2] = {NULL, secret_blob(*state, &marker)}, *blob = NULL;
	struct blob_whole whole;
	struct error error = {};

	assert_int_equal(blob_open(&sources[0], path, NULL), 0);
	assert_int_equal(blob_join(&blob, sources, 2, parts, 2, NULL), 0);
	limit_locked_memory(3 * 4096);
	assert_true(blob_map(blob, &error) < 0);
	assert_failed(&error, ERROR_NO_ROOM, "RLIMIT_MEMLOCK");
	assert_null(blob->address);
	error = (struct error){};
	assert_true(blob_whole_open(&whole, blob, 4, &error) < 0);
	assert_failed(&error, ERROR_NO_ROOM, "RLIMIT_MEMLOCK");
	assert_int_equal(whole.fd, -1);
	assert_int_equal(marker_scan(&marker), 1);
	blob_free(blob);
	assert_null(blob_new_secret(4 * 4096));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(marker_scan(&marker), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SECRET_TEST(test_what_is_joined_is_copied_only_where_it_is_mapped),
	    SECRET_TEST(test_a_blob_that_is_wiped_keeps_its_shape),
	    SECRET_TEST(test_a_secret_in_a_file_is_locked_and_wiped_when_it_is_closed),
	    SECRET_TEST(test_two_secrets_in_a_file_are_our_own_bug),
	    SECRET_TEST(test_what_cannot_be_locked_is_not_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
