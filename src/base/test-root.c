/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/test.h"

struct tree {
	struct folder folder;
	struct root root;
};

static int make_tree(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	assert_non_null(tree);
	folder_make(&tree->folder);
	assert_int_equal(root_open(&tree->root, tree->folder.path, NULL), 0);
	*state = tree;
	return 0;
}

static int remove_tree(void **state)
{
	struct tree *tree = *state;

	root_close(&tree->root);
	folder_remove(&tree->folder);
	free(tree);
	return 0;
}

static void test_a_root_that_is_no_folder_is_named(void **state)
{
	struct tree *tree = *state;
	const char *file = folder_text(&tree->folder, "file", "x");
	struct error error = {}, missing = {};
	struct root root;

	assert_int_equal(root_open(&root, file, &error), -ENOTDIR);
	assert_failed(&error, ERROR_FILE, file);
	root_close(&root);
	assert_int_equal(root_open(&root, "/nowhere/at/all", &missing), -ENOENT);
	assert_failed(&missing, ERROR_FILE, "/nowhere/at/all");
}

static void test_paths_are_taken_below_the_root(void **state)
{
	cleanup_free char *content = NULL;
	struct tree *tree = *state;
	size_t size;

	folder_text(&tree->folder, "proc/version", "ours");
	assert_int_equal(root_read(&tree->root, "/proc/version", 100, &content, &size), 0);
	assert_string_equal(content, "ours");
	assert_int_equal(size, 4);
}

static void test_a_file_may_have_the_limit_but_no_byte_more(void **state)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 10000};
	static const char bytes[10000];
	struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		cleanup_free char *content = NULL, *over = NULL;
		size_t size = 77;

		folder_write(&tree->folder, "file", bytes, sizes[i]);
		assert_int_equal(root_read(&tree->root, "/file", sizes[i], &content, &size), 0);
		assert_int_equal(size, sizes[i]);
		assert_int_equal(content[size], '\0');
		if (sizes[i] > 0)
			assert_int_equal(
			    root_read(&tree->root, "/file", sizes[i] - 1, &over, &size), -EFBIG);
	}
}

static void test_of_a_long_file_the_start_can_be_read(void **state)
{
	static const struct {
		size_t limit, size;
	} rows[] = {{3, 3}, {5, 5}, {6, 5}, {100, 5}, {0, 0}};
	struct tree *tree = *state;
	char *content = NULL;
	size_t size;

	folder_text(&tree->folder, "file", "hello");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *start = NULL;

		assert_int_equal(
		    root_read_start(&tree->root, "/file", rows[i].limit, &start, &size), 0);
		assert_int_equal(size, rows[i].size);
		assert_int_equal(strncmp(start, "hello", size), 0);
		assert_int_equal(start[size], '\0');
	}
	assert_int_equal(root_read_start(&tree->root, "/missing", 9, &content, &size), -ENOENT);
}

static void test_missing_and_unreadable_are_told_apart(void **state)
{
	struct tree *tree = *state;
	char line[8];
	uint64_t number;
	char *content = NULL;
	size_t size;

	folder_text(&tree->folder, "folder/file", "x");
	assert_int_equal(root_read(&tree->root, "/missing", 9, &content, &size), -ENOENT);
	assert_int_equal(root_read(&tree->root, "/folder", 9, &content, &size), -EISDIR);
	assert_null(content);
	assert_int_equal(root_read_line(&tree->root, "/missing", line, sizeof(line)), FACT_ABSENT);
	assert_int_equal(root_read_line(&tree->root, "/folder", line, sizeof(line)),
			 FACT_UNREADABLE);
	assert_int_equal(root_read_number(&tree->root, "/missing", 10, &number), FACT_ABSENT);
	assert_int_equal(root_read_number(&tree->root, "/folder", 10, &number), FACT_UNREADABLE);
}

static void test_a_line_ends_at_the_newline_and_must_fit(void **state)
{
	struct tree *tree = *state;
	char line[6] = "";

	folder_text(&tree->folder, "line", "hello\nsecond\n");
	assert_int_equal(root_read_line(&tree->root, "/line", line, sizeof(line)), FACT_KNOWN);
	assert_string_equal(line, "hello");
	folder_text(&tree->folder, "line", "hello!\n");
	assert_int_equal(root_read_line(&tree->root, "/line", line, sizeof(line)), FACT_UNREADABLE);
	folder_text(&tree->folder, "line", "");
	assert_int_equal(root_read_line(&tree->root, "/line", line, sizeof(line)), FACT_KNOWN);
	assert_string_equal(line, "");
}

static void test_text_that_is_no_number_is_unreadable(void **state)
{
	static const struct {
		const char *text;
		int base;
		bool known;
		uint64_t number;
	} rows[] = {
	    {"1\n", 10, true, 1},
	    {"0", 10, true, 0},
	    {"0x3f8\n", 0, true, 0x3f8},
	    {"0xffffffffffffffff\n", 16, true, UINT64_MAX},
	    {"18446744073709551615", 10, true, UINT64_MAX},
	    {"18446744073709551616", 10, false, 0},
	    {"0x10000000000000000", 16, false, 0},
	    {"", 10, false, 0},
	    {"\n", 10, false, 0},
	    {"yes", 10, false, 0},
	    {"12 ", 10, false, 0},
	    {"12x", 10, false, 0},
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint64_t number = 4711;
		enum fact fact;

		folder_text(&tree->folder, "number", rows[i].text);
		fact = root_read_number(&tree->root, "/number", rows[i].base, &number);
		assert_row(rows[i].text, (fact == FACT_KNOWN) == rows[i].known);
		assert_row(rows[i].text, fact != FACT_ABSENT);
		assert_row(rows[i].text, number == (rows[i].known ? rows[i].number : 4711));
	}
}

/* strtoull() takes a sign, and makes a large number of it. */
static void test_a_number_below_zero_is_unreadable(void **state)
{
	struct tree *tree = *state;
	uint64_t number = 4711;

	folder_text(&tree->folder, "number", "-1\n");
	assert_int_equal(root_read_number(&tree->root, "/number", 10, &number), FACT_UNREADABLE);
	assert_int_equal(number, 4711);
}

static void test_files_are_made_renamed_and_removed_below_the_root(void **state)
{
	struct tree *tree = *state;
	struct stat status;
	int fd;

	assert_int_equal(root_make_folder(&tree->root, "/run"), 0);
	assert_int_equal(root_make_folder(&tree->root, "/run"), 0);
	assert_int_equal(root_make_folder(&tree->root, "/none/run"), -ENOENT);
	fd = root_open_file(&tree->root, "/run/a", O_WRONLY | O_CREAT);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 077, 0);
	close(fd);
	assert_int_equal(root_rename(&tree->root, "/run/a", "/run/b"), 0);
	assert_true(folder_has(&tree->folder, "run/b"));
	assert_int_equal(root_rename(&tree->root, "/run/a", "/run/b"), -ENOENT);
	assert_int_equal(root_remove(&tree->root, "/run/b"), 0);
	assert_int_equal(root_remove(&tree->root, "/run/b"), 0);
	assert_false(folder_has(&tree->folder, "run/b"));
	assert_int_equal(root_open_file(&tree->root, "/run/b", O_RDONLY), -ENOENT);
}

static int answer_open_file(void *context, const char *path, int flags)
{
	(void)path;
	(void)flags;
	++*(unsigned int *)context;
	return -ENOENT;
}

/* A recording, or a root through which a machine is recorded. */
static void test_a_root_for_reading_is_not_written_to(void **state)
{
	static const struct root_reader reader = {.open_file = answer_open_file};
	static const int flags[] = {O_WRONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC};
	struct tree *tree = *state;
	unsigned int asked = 0;
	const struct root roots[] = {
	    {.fd = tree->root.fd, .contained = true},
	    {.fd = tree->root.fd, .reader = &reader, .context = &asked},
	};

	folder_text(&tree->folder, "file", "x");
	for (size_t i = 0; i < ELEMENTS(roots); i++) {
		assert_int_equal(root_make_folder(&roots[i], "/folder"), -EROFS);
		assert_int_equal(root_rename(&roots[i], "/file", "/other"), -EROFS);
		assert_int_equal(root_remove(&roots[i], "/file"), -EROFS);
		for (size_t j = 0; j < ELEMENTS(flags); j++)
			assert_int_equal(root_open_file(&roots[i], "/file", flags[j]), -EROFS);
	}
	assert_int_equal(asked, 0);
	assert_true(folder_has(&tree->folder, "file"));
	assert_false(folder_has(&tree->folder, "folder"));
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_a_root_that_is_no_folder_is_named),
	    TREE_TEST(test_paths_are_taken_below_the_root),
	    TREE_TEST(test_a_file_may_have_the_limit_but_no_byte_more),
	    TREE_TEST(test_of_a_long_file_the_start_can_be_read),
	    TREE_TEST(test_missing_and_unreadable_are_told_apart),
	    TREE_TEST(test_a_line_ends_at_the_newline_and_must_fit),
	    TREE_TEST(test_text_that_is_no_number_is_unreadable),
	    TREE_TEST(test_a_number_below_zero_is_unreadable),
	    TREE_TEST(test_files_are_made_renamed_and_removed_below_the_root),
	    TREE_TEST(test_a_root_for_reading_is_not_written_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
