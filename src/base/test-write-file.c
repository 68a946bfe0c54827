/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/write-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
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

static void test_the_new_file_has_the_mode_of_the_old(void **state)
{
	cleanup_folder struct folder folder = {};
	const char *path;
	struct stat status;

	(void)state;
	folder_make(&folder);
	path = folder_text(&folder, "file", "old");
	assert_int_equal(chmod(path, 0646), 0);
	assert_int_equal(write_file(path, "new", 3, NULL), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0646);
	assert_content(&folder, "file", "new");
}

/* Who has the old file open, or another link to it, never sees a half-written one. */
static void test_the_old_file_itself_is_not_touched(void **state)
{
	cleanup_folder struct folder folder = {};
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_text(&folder, "file", "old");
	assert_int_equal(link(path, folder_path(&folder, "other")), 0);
	assert_int_equal(write_file(path, "new", 3, NULL), 0);
	assert_content(&folder, "file", "new");
	assert_content(&folder, "other", "old");
}

static size_t count_names(const char *path)
{
	DIR *folder = opendir(path);
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count - 2;
}

static void test_a_write_that_fails_half_way_leaves_the_old_file_and_no_other(void **state)
{
	cleanup_folder struct folder folder = {};
	struct error error = {};
	struct rlimit before, small;
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_text(&folder, "file", "old");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){5, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_file(path, "longer", 6, &error), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_failed(&error, ERROR_FILE, path);
	assert_content(&folder, "file", "old");
	assert_int_equal(count_names(folder.path), 1);
}

/* As `--svg=/dev/stdout >file`, with a plan behind the picture. */
static void test_a_descriptor_of_our_own_is_written_to_where_it_is(void **state)
{
	cleanup_folder struct folder folder = {};
	char number[32], process[64];
	const char *path, *links[4];
	int fd;

	(void)state;
	folder_make(&folder);
	path = folder_path(&folder, "file");
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	snprintf(number, sizeof(number), "/dev/fd/%d", fd);
	snprintf(process, sizeof(process), "/proc/self/fd/%d", fd);
	links[0] = number;
	links[1] = process;
	links[2] = folder_path(&folder, "link");
	links[3] = folder_path(&folder, "link-to-link");
	assert_int_equal(symlink(number, links[2]), 0);
	assert_int_equal(symlink("link", links[3]), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(write_file(links[i], "picture ", 8, NULL), 0);
		assert_int_equal(write(fd, "plan ", 5), 5);
	}
	close(fd);
	assert_content(&folder, "file", "picture plan picture plan picture plan picture plan ");
	assert_int_equal(count_names(folder.path), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_file_is_new_or_another_one_in_its_place),
	    cmocka_unit_test(test_a_link_stays_and_what_it_names_is_replaced),
	    cmocka_unit_test(test_a_pipe_is_written_to),
	    cmocka_unit_test(test_a_failure_names_the_file_and_leaves_what_was_there),
	    cmocka_unit_test(test_the_new_file_has_the_mode_of_the_old),
	    cmocka_unit_test(test_the_old_file_itself_is_not_touched),
	    cmocka_unit_test(test_a_write_that_fails_half_way_leaves_the_old_file_and_no_other),
	    cmocka_unit_test(test_a_descriptor_of_our_own_is_written_to_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
