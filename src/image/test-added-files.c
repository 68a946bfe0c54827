/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/added-files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/test.h"

static void test_a_path_is_absolute_and_plain(void **state)
{
	static const struct {
		const char *path, *problem;
	} rows[] = {
	    {"/a", NULL},
	    {"/etc/keys/root.key", NULL},
	    {"/...", NULL},
	    {"/..a/.b/a..", NULL},
	    {"/with blank\tand\377", NULL},
	    {"/TRAILER!!!/a", NULL},
	    {"", "not absolute"},
	    {"a", "not absolute"},
	    {"./a", "not absolute"},
	    {"/", "empty"},
	    {"//a", "empty"},
	    {"/a//b", "empty"},
	    {"/a/", "empty"},
	    {"/..", "\"..\""},
	    {"/.", "\".\""},
	    {"/a/../b", "\"..\""},
	    {"/a/./b", "\".\""},
	    {"/a/..", "\"..\""},
	    {"/TRAILER!!!", "ends with this name"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *problem = added_path_problem(rows[i].path);

		assert_row(rows[i].path, !problem == !rows[i].problem);
		if (problem)
			assert_contains(problem, rows[i].problem);
	}
}

static void test_a_path_has_the_kernels_limits(void **state)
{
	char path[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 200 ? 'a' : '/';
	path[4095] = '\0';
	assert_null(added_path_problem(path));
	path[4095] = 'a';
	path[4096] = '\0';
	assert_contains(added_path_problem(path), "it is too long");
	memset(path, 'a', sizeof(path));
	memcpy(path, "/b/", 3);
	path[3 + 255] = '\0';
	assert_null(added_path_problem(path));
	path[3 + 255] = 'a';
	path[3 + 256] = '\0';
	assert_contains(added_path_problem(path), "a part of it is too long");
}

static void test_paths_collide_when_they_are_the_same_or_one_is_a_folder(void **state)
{
	(void)state;
	assert_true(added_paths_collide("/a", "/a"));
	assert_true(added_paths_collide("/a", "/a/b"));
	assert_true(added_paths_collide("/a", "/a/b/c"));
	assert_false(added_paths_collide("/a/b", "/a"));
	assert_false(added_paths_collide("/a", "/ab"));
	assert_false(added_paths_collide("/a/b", "/a/c"));
}

static void test_what_is_mounted_over_hides_a_path(void **state)
{
	(void)state;
	assert_string_equal(added_path_hidden_below("/run/a/b"), "run");
	assert_string_equal(added_path_hidden_below("/dev/a"), "dev");
	assert_null(added_path_hidden_below("/running/a"));
	assert_null(added_path_hidden_below("/ru/a"));
	assert_null(added_path_hidden_below("/etc/run/a"));
}

/* What cpio(1) lists of the archive: "MODE PATH" a line. */
static char *list(struct folder *folder, const struct blob *archive)
{
	char command[256];

	folder_write(folder, "archive", archive->address, archive->size);
	snprintf(command, sizeof(command),
		 "cd '%s' && cpio --quiet -itvn <archive | awk '{print $1, $3, $4, $5, $NF}' >list",
		 folder->path);
	assert_int_equal(system(command), 0);
	return folder_read(folder, "list");
}

#define CONTENT .content = (const uint8_t *)"12345", .size = 5

static const struct added_file files[] = {
    {"/etc/keys/a", 0600, CONTENT}, {"/.extra/credentials/b.cred", 0400, CONTENT},
    {"/root/c", 0600, CONTENT},     {"/etc/keys/d", 0600, .size = 0},
    {"/lib/e/f", 0600, CONTENT},    {"/tmp/g", 0600, CONTENT},
    {"/usr/sbin/h", 0600, CONTENT},
};

/* Folders once, before what is in them, with the modes that they have everywhere. */
#define LIST(lib, sbin)                                                                            \
	"drwxr-xr-x 0 0 0 etc\n"                                                                   \
	"drwxr-xr-x 0 0 0 etc/keys\n"                                                              \
	"-rw------- 0 0 5 etc/keys/a\n"                                                            \
	"dr-xr-xr-x 0 0 0 .extra\n"                                                                \
	"dr-x------ 0 0 0 .extra/credentials\n"                                                    \
	"-r-------- 0 0 5 .extra/credentials/b.cred\n"                                             \
	"drwx------ 0 0 0 root\n"                                                                  \
	"-rw------- 0 0 5 root/c\n"                                                                \
	"-rw------- 0 0 0 etc/keys/d\n" lib "drwxr-xr-x 0 0 0 lib/e\n"                             \
	"-rw------- 0 0 5 lib/e/f\n"                                                               \
	"drwxrwxrwt 0 0 0 tmp\n"                                                                   \
	"-rw------- 0 0 5 tmp/g\n"                                                                 \
	"drwxr-xr-x 0 0 0 usr\n" sbin "-rw------- 0 0 5 usr/sbin/h\n"

/* A folder in place of a link such as /lib would take away all that is behind the link. */
static void test_folders_that_are_often_links_are_left_to_the_initrds(void **state)
{
	cleanup_folder struct folder folder;

	(void)state;
	folder_make(&folder);
	for (int alone = 0; alone <= 1; alone++) {
		cleanup_blob struct blob *archive = NULL;
		cleanup_free char *text = NULL;
		struct error error = {};

		assert_int_equal(added_files_pack(&archive, files, ELEMENTS(files), alone, &error),
				 0);
		assert_no_failure(&error);
		assert_true(archive->secret);
		text = list(&folder, archive);
		assert_string_equal(
		    text, alone ? LIST("drwxr-xr-x 0 0 0 lib\n", "drwxr-xr-x 0 0 0 usr/sbin\n")
				: LIST("", ""));
	}
}

static void test_what_no_archive_can_hold_is_refused(void **state)
{
	const struct added_file large[] = {
	    {"/a", 0600, NULL, (size_t)UINT32_MAX + 1},
	    {"/b", 0600, NULL, UINT32_MAX},
	};
	struct blob *archive = NULL;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(large); i++) {
		struct error error = {};

		assert_true(added_files_pack(&archive, &large[i], 1, true, &error) < 0);
		assert_failed(&error, ERROR_TOO_LONG, "too large for an archive");
		assert_null(archive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_path_is_absolute_and_plain),
	    cmocka_unit_test(test_a_path_has_the_kernels_limits),
	    cmocka_unit_test(test_paths_collide_when_they_are_the_same_or_one_is_a_folder),
	    cmocka_unit_test(test_what_is_mounted_over_hides_a_path),
	    cmocka_unit_test(test_folders_that_are_often_links_are_left_to_the_initrds),
	    cmocka_unit_test(test_what_no_archive_can_hold_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
