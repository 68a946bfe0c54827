/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/locked-memory.h"
#include "test-support/marker.h"
#include "test-support/test.h"

static void test_a_secret_is_locked_and_left_out_of_dumps_and_children(void **state)
{
	char *secret = secret_new(10000);

	(void)state;
	assert_non_null(secret);
	assert_int_equal(secret[9999], 0);
	assert_true(is_protected(secret));
	assert_true(is_protected(secret + 9999));
	memset(secret, 'x', 10000);
	secret_wipe(secret, 10000);
	assert_int_equal(secret[0] | secret[9999], 0);
	secret_free(secret, 10000);
	secret_free(NULL, 5);
}

static void test_a_file_is_read_to_its_end(void **state)
{
	/* Around what is read at once from a pipe, 64 KiB. */
	static const size_t sizes[] = {0, 1, 4096, 65535, 65536, 65537, 300000};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		cleanup_folder struct folder folder;
		cleanup_secret struct secret secret = {};
		cleanup_free uint8_t *bytes = malloc(sizes[i] + 1);
		struct error error = {};

		folder_make(&folder);
		for (size_t j = 0; j < sizes[i]; j++)
			bytes[j] = (uint8_t)(j * 7 + j / 256);
		secret_read(&secret, folder_write(&folder, "key", bytes, sizes[i]), 300000, &error);
		assert_no_failure(&error);
		assert_int_equal(secret.size, sizes[i]);
		assert_memory_equal(secret.bytes, bytes, sizes[i]);
		assert_true(is_protected(secret.bytes));
	}
}

/* A child writes in small parts; the name leads to the pipe as the shell's <(...) does. */
static void test_a_pipe_is_read_to_its_end(void **state)
{
	cleanup_secret struct secret secret = {};
	struct error error = {};
	char name[32];
	int ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 20000; i++)
			if (write(ends[1], "abcdefg", 7) != 7)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	secret_read(&secret, name, 1 << 20, &error);
	assert_no_failure(&error);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(secret.size, 140000);
	for (size_t i = 0; i < secret.size; i++)
		assert_int_equal(secret.bytes[i], "abcdefg"[i % 7]);
}

static void test_what_cannot_be_read_is_named(void **state)
{
	cleanup_folder struct folder folder;
	const char *two, *missing;
	struct {
		const char *path;
		size_t limit;
		enum error_kind kind;
		const char *part;
	} rows[4];

	(void)state;
	folder_make(&folder);
	two = folder_text(&folder, "two", "22");
	missing = folder_path(&folder, "missing");
	memcpy(rows,
	       &(typeof(rows)){{missing, 9, ERROR_FILE, missing},
			       {folder.path, 9, ERROR_FILE, folder.path},
			       {two, 1, ERROR_TOO_LONG, "the limit of such a file"},
			       {"/dev/zero", 1 << 20, ERROR_TOO_LONG, "1 MiB"}},
	       sizeof(rows));
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct secret secret;
		struct error error = {};

		assert_true(secret_read(&secret, rows[i].path, rows[i].limit, &error) < 0);
		assert_failed(&error, rows[i].kind, rows[i].part);
		assert_string_equal(error.failures[0].subject, rows[i].path);
		assert_null(secret.bytes);
	}
}

static void test_reading_leaves_no_copy(void **state)
{
	cleanup_folder struct folder folder;
	struct marker marker;

	(void)state;
	folder_make(&folder);
	marker_make(&marker);
	marker_write(&marker, folder_path(&folder, "key"), 300000);
	for (size_t limit = 200000; limit <= 300000; limit += 100000) {
		struct secret secret;
		int r = secret_read(&secret, folder_path(&folder, "key"), limit, NULL);

		assert_int_equal(r == 0, limit == 300000);
		assert_int_equal(marker_scan(&marker), r == 0 ? 1 : 0);
		secret_fini(&secret);
		assert_int_equal(marker_scan(&marker), 0);
	}
}

static void test_without_the_right_to_lock_there_is_no_secret(void **state)
{
	struct secret secret;
	struct error error = {};

	(void)state;
	limit_locked_memory(4096);
	assert_null(secret_new(100000));
	assert_int_equal(errno, ENOMEM);
	assert_true(secret_read(&secret, "/dev/zero", 100000, &error) < 0);
	assert_failed(&error, ERROR_NO_ROOM, "RLIMIT_MEMLOCK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_secret_is_locked_and_left_out_of_dumps_and_children),
	    cmocka_unit_test(test_a_file_is_read_to_its_end),
	    cmocka_unit_test(test_a_pipe_is_read_to_its_end),
	    cmocka_unit_test(test_what_cannot_be_read_is_named),
	    cmocka_unit_test(test_reading_leaves_no_copy),
	    cmocka_unit_test(test_without_the_right_to_lock_there_is_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
