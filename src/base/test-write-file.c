/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/test.h"

static void assert_content(struct folder *folder, const char *name, const char *expected)
{
	cleanup_free char *content = folder_read(folder, name);

	assert_string_equal(content, expected);
}

static void test_a_file_is_new_or_another_one_in_its_place(void **state)
{
	cleanup_folder struct folder folder = {};
	const char *path;
	struct stat status;
	mode_t mask = umask(022);

	(void)state;
	folder_make(&folder);
	path = folder_path(&folder, "file");
	assert_int_equal(write_file(path, "first and long", 14, NULL), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);
	assert_content(&folder, "file", "first and long");
	assert_int_equal(write_file(path, "second", 6, NULL), 0);
	assert_content(&folder, "file", "second");
	assert_int_equal(write_file(path, "", 0, NULL), 0);
	assert_content(&folder, "file", "");
	umask(mask);
}

static void test_a_link_stays_and_what_it_names_is_replaced(void **state)
{
	cleanup_folder struct folder folder = {};
	struct stat status;
	const char *link;

	(void)state;
	folder_make(&folder);
	folder_text(&folder, "below/file", "old");
	link = folder_path(&folder, "link");
	assert_int_equal(symlink("below/file", link), 0);
	assert_int_equal(write_file(link, "new", 3, NULL), 0);
	assert_int_equal(lstat(link, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_content(&folder, "below/file", "new");
}

static void test_a_pipe_is_written_to(void **state)
{
	cleanup_folder struct folder folder = {};
	char bytes[8] = "";
	const char *path;
	struct stat status;
	int fd;

	(void)state;
	folder_make(&folder);
	path = folder_path(&folder, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(write_file(path, "words", 5, NULL), 0);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 5);
	assert_string_equal(bytes, "words");
	close(fd);
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISFIFO(status.st_mode));
}

static void test_a_failure_names_the_file_and_leaves_what_was_there(void **state)
{
	cleanup_folder struct folder folder = {};
	struct error missing = {}, full = {}, is_folder = {};
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_path(&folder, "no/where");
	assert_int_equal(write_file(path, "x", 1, &missing), -ENOENT);
	assert_failed(&missing, ERROR_FILE, path);
	assert_int_equal(write_file("/dev/full", "x", 1, &full), -ENOSPC);
	assert_failed(&full, ERROR_FILE, "/dev/full");
	folder_text(&folder, "folder/file", "mine");
	assert_true(write_file(folder_path(&folder, "folder"), "x", 1, &is_folder) < 0);
	assert_failed(&is_folder, ERROR_FILE, "folder");
	assert_content(&folder, "folder/file", "mine");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_file_is_new_or_another_one_in_its_place),
	    cmocka_unit_test(test_a_link_stays_and_what_it_names_is_replaced),
	    cmocka_unit_test(test_a_pipe_is_written_to),
	    cmocka_unit_test(test_a_failure_names_the_file_and_leaves_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
