/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "test-support/archive.h"
#include "test-support/folder.h"
#include "test-support/gzip.h"
#include "test-support/test.h"

#define PLENTY UINT64_C(0x1000000)

struct seen {
	char names[256];
	uint64_t bytes;
	int fail_with;
};

static int note(void *context, const struct newc_walk_entry *entry)
{
	struct seen *seen = context;
	size_t used = strlen(seen->names);

	snprintf(seen->names + used, sizeof(seen->names) - used, "%s ", entry->name);
	if (S_ISREG(entry->mode))
		seen->bytes += entry->size;
	return seen->fail_with;
}

static int list(struct initrd_list *made, struct seen *seen, const char *const *paths, size_t count,
		uint64_t limit, struct error *error)
{
	const struct newc_visitor visitor = {note, seen};

	return initrd_list(made, paths, count, limit, &visitor, error);
}

static const char *write_plain(struct folder *folder, const char *name, const char *member)
{
	struct archive archive = {};

	archive_add(&archive, member, "12345");
	archive_add(&archive, "TRAILER!!!", "");
	return folder_write(folder, name, archive.bytes, archive.size);
}

static const char *write_packed(struct folder *folder, const char *name, const char *member)
{
	struct archive content = {};
	uint8_t packed[sizeof(content.bytes) + GZIP_OVERHEAD];

	archive_add(&content, member, "1234567");
	archive_add(&content, "TRAILER!!!", "");
	return folder_write(folder, name, packed, gzip_wrap(packed, content.bytes, content.size));
}

static void test_all_files_of_all_initrds_are_visited(void **state)
{
	struct folder *folder = *state;
	const char *const paths[] = {write_plain(folder, "a", "lib/one"),
				     write_packed(folder, "b", "lib/two")};
	struct initrd_list made;
	struct seen seen = {};
	struct error error = {};

	if (!gzip_is_built())
		skip();
	assert_int_equal(list(&made, &seen, paths, 2, PLENTY, &error), 0);
	assert_true(made.whole);
	assert_string_equal(seen.names, "lib/one TRAILER!!! lib/two TRAILER!!! ");
	assert_int_equal(seen.bytes, 5 + 7);
	assert_true(made.packed > 500);
}

static void test_what_cannot_be_unpacked_is_told(void **state)
{
	struct folder *folder = *state;
	const char *const packed[] = {write_packed(folder, "b", "lib/two")};
	const char *const text[] = {folder_text(folder, "c", "no archive\n")};
	struct initrd_list made;
	struct seen seen = {};
	struct error error = {};

	assert_int_equal(list(&made, &seen, packed, 1, 10, &error), 0);
	assert_false(made.whole);
	assert_int_equal(list(&made, &seen, text, 1, PLENTY, &error), 0);
	assert_false(made.whole);
	assert_string_equal(seen.names, "");
}

static void test_a_file_that_is_not_there_and_a_visitor_that_fails_end_it(void **state)
{
	struct folder *folder = *state;
	const char *const missing[] = {folder_path(folder, "missing")};
	const char *const plain[] = {write_plain(folder, "a", "lib/one")};
	struct seen seen = {.fail_with = -EIO};
	struct initrd_list made;
	struct error error = {};

	assert_int_equal(list(&made, &seen, missing, 1, PLENTY, &error), -ENOENT);
	assert_failed(&error, ERROR_FILE, "missing");
	assert_int_equal(list(&made, &seen, plain, 1, PLENTY, &error), -EIO);
	assert_false(made.whole);
	assert_string_equal(seen.names, "lib/one ");
}

static void test_no_initrd_is_an_empty_list(void **state)
{
	struct initrd_list made;
	struct seen seen = {};
	struct error error = {};

	(void)state;
	assert_int_equal(list(&made, &seen, NULL, 0, PLENTY, &error), 0);
	assert_int_equal(made.packed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_all_files_of_all_initrds_are_visited),
	    FOLDER_TEST(test_what_cannot_be_unpacked_is_told),
	    FOLDER_TEST(test_a_file_that_is_not_there_and_a_visitor_that_fails_end_it),
	    FOLDER_TEST(test_no_initrd_is_an_empty_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
