/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "plan/digest.h"
#include "test-support/folder.h"
#include "test-support/test.h"

#define CONTENT "0123456789"

/* The file as a record has it. */
static struct json_object *json_of(const char *path)
{
	cleanup_blob struct blob *blob = NULL;
	struct json_object *object;
	uint64_t digest;

	assert_int_equal(blob_open(&blob, path, NULL), 0);
	assert_int_equal(digest_file(&blob->files[0], &digest, NULL), 0);
	object = record_file_to_json(&blob->files[0], digest);
	assert_non_null(object);
	return object;
}

static void take(struct record_file *file, const char *path)
{
	cleanup_json struct json_object *object = json_of(path);

	assert_int_equal(record_file_read(file, object), 0);
	assert_string_equal(file->path, path);
	assert_int_equal(file->size, sizeof(CONTENT) - 1);
}

static void rewrite(struct folder *folder)
{
	folder_text(folder, "file", "9876543210");
}

static void shorten(struct folder *folder)
{
	folder_text(folder, "file", "01");
}

static void touch(struct folder *folder)
{
	static const struct timespec times[] = {{1000000000, 1}, {1000000000, 1}};

	assert_int_equal(utimensat(AT_FDCWD, folder_path(folder, "file"), times, 0), 0);
}

/* As a package's upgrade to the same version. */
static void replace_by_the_same(struct folder *folder)
{
	folder_text(folder, "new", CONTENT);
	assert_int_equal(rename(folder_path(folder, "new"), folder_path(folder, "file")), 0);
}

/* Size, inode and the time of change are as before; only the inode's own time tells. */
static void rewrite_in_secret(struct folder *folder)
{
	const char *path = folder_path(folder, "file");
	struct timespec times[2];
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	times[0] = status.st_atim;
	times[1] = status.st_mtim;
	rewrite(folder);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void delete (struct folder *folder)
{
	folder_delete(folder, "file");
}

static void become_a_folder(struct folder *folder)
{
	folder_delete(folder, "file");
	assert_int_equal(mkdir(folder_path(folder, "file"), 0700), 0);
}

static void loop(struct folder *folder)
{
	folder_delete(folder, "file");
	assert_int_equal(symlink("file", folder_path(folder, "file")), 0);
}

static void do_nothing(struct folder *folder)
{
	(void)folder;
}

static void test_a_file_is_known_again_by_its_status_or_else_its_digest(void **state)
{
	static const struct {
		const char *row;
		void (*change)(struct folder *folder);
		enum file_state expected;
	} rows[] = {
	    {"nothing", do_nothing, FILE_UNCHANGED},
	    {"touched", touch, FILE_UNCHANGED},
	    {"replaced by the same", replace_by_the_same, FILE_UNCHANGED},
	    {"rewritten", rewrite, FILE_CHANGED},
	    {"rewritten, its time put back", rewrite_in_secret, FILE_CHANGED},
	    {"shortened", shorten, FILE_CHANGED},
	    {"deleted", delete, FILE_GONE},
	    {"a folder", become_a_folder, FILE_CHANGED},
	    {"a link to itself", loop, FILE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_with(record_file_fini) struct record_file file = {};
		cleanup_folder struct folder folder;

		folder_make(&folder);
		take(&file, folder_text(&folder, "file", CONTENT));
		rows[i].change(&folder);
		assert_row(rows[i].row, record_file_state(&file) == rows[i].expected);
	}
}

static void test_a_path_is_made_absolute_and_no_link_is_followed(void **state)
{
	cleanup_free char *before = getcwd(NULL, 0), *relative = NULL, *absolute = NULL;
	cleanup_folder struct folder folder;
	char expected[128];

	(void)state;
	folder_make(&folder);
	folder_text(&folder, "file", CONTENT);
	assert_int_equal(symlink("file", folder_path(&folder, "link")), 0);
	assert_int_equal(chdir(folder.path), 0);
	relative = record_path("link");
	absolute = record_path("/boot/vmlinuz");
	assert_int_equal(chdir(before), 0);
	snprintf(expected, sizeof(expected), "%s/link", folder.path);
	assert_string_equal(relative, expected);
	assert_string_equal(absolute, "/boot/vmlinuz");
}

static void test_what_is_no_file_of_a_record_is_refused(void **state)
{
	static const struct {
		const char *key, *value; /* NULL: the key is removed */
	} rows[] = {
	    {"path", NULL},
	    {"path", "\"\""},
	    {"path", "\"a\\u0000b\""},
	    {"path", "1"},
	    {"size", "-1"},
	    {"size", "\"1\""},
	    {"mtime", NULL},
	    {"ctime", "\"0123456789012345678901234567890123456789\""},
	    {"device", "\"0123456789012345678901234\""},
	    {"inode", "1"},
	    {"inode", "\"0x\""},
	    {"xxh3", "\"0x11111111111111111\""},
	    {"xxh3", "\"-0x1\""},
	    {"xxh3", "\"0x1 \""},
	};
	cleanup_folder struct folder folder;
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_text(&folder, "file", CONTENT);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_with(record_file_fini) struct record_file file = {};
		cleanup_json struct json_object *object = json_of(path);

		json_object_object_del(object, rows[i].key);
		if (rows[i].value)
			assert_true(json_put(object, rows[i].key,
					     json_parse(rows[i].value, strlen(rows[i].value), 4)));
		assert_row(rows[i].key, record_file_read(&file, object) == -EBADMSG);
	}
}

/* In JSON it has another name, by which it cannot be found. */
static void test_a_file_whose_name_is_not_utf8_is_not_called_gone(void **state)
{
	cleanup_with(record_file_fini) struct record_file file = {};
	cleanup_json struct json_object *object = NULL;
	cleanup_folder struct folder folder;

	(void)state;
	folder_make(&folder);
	object = json_of(folder_text(&folder, "a\xff", CONTENT));
	assert_int_equal(record_file_read(&file, object), 0);
	assert_int_equal(record_file_state(&file), FILE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_file_is_known_again_by_its_status_or_else_its_digest),
	    cmocka_unit_test(test_a_path_is_made_absolute_and_no_link_is_followed),
	    cmocka_unit_test(test_a_file_whose_name_is_not_utf8_is_not_called_gone),
	    cmocka_unit_test(test_what_is_no_file_of_a_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
