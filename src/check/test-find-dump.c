/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/find-dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

static const struct dump_wish wish = {"/var/crash", "6.12.0-test", 1000, 1120};

/* A file with vmcoreinfo at an offset. */
static void add_dump(struct machine_tree *tree, const char *name, const char *release,
		     unsigned int crash_time, size_t offset)
{
	cleanup_free char *content = calloc(1, offset + 256);
	int length;

	assert_non_null(content);
	length = snprintf(content + offset, 256,
			  "VMCOREINFO OSRELEASE=%s\nPAGESIZE=4096\nCRASHTIME=%u\nx", release,
			  crash_time);
	folder_write(&tree->folder, name, content, offset + (size_t)length);
}

static void find(struct dump_found *found, struct machine_tree *tree)
{
	struct error error = {};

	assert_int_equal(dump_find(found, &wish, &tree->root, &error), 0);
	assert_no_failure(&error);
}

static void test_a_dump_of_that_kernel_and_time_is_found_wherever_it_lies(void **state)
{
	static const char *const rows[] = {"vmcore", "202611230800/dump.1", "host/today/a/vmcore"};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct machine_tree *tree = *state;
		struct dump_found found;
		char name[80], path[96];

		snprintf(name, sizeof(name), "var/crash/%s", rows[i]);
		snprintf(path, sizeof(path), "/%s", name);
		add_dump(tree, name, "6.12.0-test", 1001, 4096 + 512);
		find(&found, tree);
		assert_string_equal(found.path, path);
		assert_int_equal(found.crash_time, 1001);
		assert_int_equal(found.others, 0);
		assert_true(found.size > 4096);
		folder_delete(&tree->folder, name);
	}
}

static void test_dumps_of_other_crashes_are_counted_only(void **state)
{
	struct machine_tree *tree = *state;
	struct dump_found found;

	add_dump(tree, "var/crash/older", "6.12.0-test", 999, 0);
	add_dump(tree, "var/crash/later", "6.12.0-test", 1121, 0);
	add_dump(tree, "var/crash/other", "6.12.0-tes", 1001, 0);
	add_dump(tree, "var/crash/vmcore-incomplete", "6.12.0-test", 1001, 0);
	machine_tree_write(tree, "var/crash/text", "OSRELEASE=6.12.0-test\nno time\n");
	machine_tree_write(tree, "var/crash/empty", "");
	find(&found, tree);
	assert_string_equal(found.path, "");
	assert_int_equal(found.others, 4);
}

static void test_of_several_the_earliest_is_taken(void **state)
{
	struct machine_tree *tree = *state;
	struct dump_found found;

	add_dump(tree, "var/crash/a", "6.12.0-test", 1005, 0);
	add_dump(tree, "var/crash/b", "6.12.0-test", 1002, 0);
	add_dump(tree, "var/crash/c", "6.12.0-test", 1007, 0);
	find(&found, tree);
	assert_string_equal(found.path, "/var/crash/b");
	assert_int_equal(found.others, 2);
}

static void test_links_and_too_deep_folders_are_left_alone(void **state)
{
	struct machine_tree *tree = *state;
	struct dump_found found;

	add_dump(tree, "elsewhere", "6.12.0-test", 1001, 0);
	machine_tree_write(tree, "var/crash/x", "");
	assert_int_equal(symlink("../../elsewhere", folder_path(&tree->folder, "var/crash/link")),
			 0);
	assert_int_equal(symlink("..", folder_path(&tree->folder, "var/crash/loop")), 0);
	add_dump(tree, "var/crash/1/2/3/4/5/vmcore", "6.12.0-test", 1001, 0);
	find(&found, tree);
	assert_string_equal(found.path, "");
}

static void test_vmcoreinfo_behind_the_head_is_not_looked_for(void **state)
{
	struct machine_tree *tree = *state;
	struct dump_found found;

	add_dump(tree, "var/crash/vmcore", "6.12.0-test", 1001, (4 << 20) + 1);
	find(&found, tree);
	assert_string_equal(found.path, "");
	assert_int_equal(found.others, 0);
}

static void test_a_folder_that_is_not_there_is_an_error(void **state)
{
	struct machine_tree *tree = *state;
	struct dump_found found;
	struct error error = {};

	assert_int_equal(dump_find(&found, &wish, &tree->root, &error), -ENOENT);
	assert_failed(&error, ERROR_FILE, "/var/crash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_a_dump_of_that_kernel_and_time_is_found_wherever_it_lies),
	    TREE_TEST(test_dumps_of_other_crashes_are_counted_only),
	    TREE_TEST(test_of_several_the_earliest_is_taken),
	    TREE_TEST(test_links_and_too_deep_folders_are_left_alone),
	    TREE_TEST(test_vmcoreinfo_behind_the_head_is_not_looked_for),
	    TREE_TEST(test_a_folder_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
