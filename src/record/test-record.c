/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/record.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/machine-tree.h"
#include "test-support/sample-plan.h"
#include "test-support/test.h"

#define FILE_NAME "run/kexec/loaded.json"

static const char *text_field(struct json_object *object, const char *key)
{
	struct json_object *value;

	assert_row(key, json_object_object_get_ex(object, key, &value));
	return json_object_get_string(value);
}

static void test_a_record_is_json_that_only_its_owner_reads(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;
	cleanup_free char *text = NULL;
	struct json_object *json;
	struct error error = {};
	struct stat status;

	assert_int_equal(record_write(&tree->root, plan, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(stat(folder_path(&tree->folder, FILE_NAME), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_false(folder_has(&tree->folder, FILE_NAME ".new"));
	text = folder_read(&tree->folder, FILE_NAME);
	json = json_tokener_parse(text);
	assert_non_null(json);
	assert_string_equal(text_field(json, "schema"), "kexec-record");
	assert_string_equal(text_field(json, "kernel"), plan->kernel_path);
	assert_string_equal(text_field(json, "command_line"), plan->command_line);
	assert_int_equal(strtol(text_field(json, "loaded_by_uid"), NULL, 10), getuid());
	assert_int_equal(strtol(text_field(json, "loaded_by_pid"), NULL, 10), getpid());
	assert_in_range(strtol(text_field(json, "loaded_at"), NULL, 10), time(NULL) - 60,
			time(NULL));
	json_object_put(json);
}

static void test_a_new_record_replaces_the_old_one(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;
	cleanup_free char *text = NULL;

	machine_tree_write(tree, FILE_NAME, "the old one, which is broken");
	machine_tree_write(tree, FILE_NAME ".new", "left over by an interrupted write");
	assert_int_equal(record_write(&tree->root, plan, NULL), 0);
	text = folder_read(&tree->folder, FILE_NAME);
	assert_lacks(text, "broken");
	assert_lacks(text, "left over");
	assert_contains(text, "kexec-record");
}

static void test_a_record_that_cannot_be_written_is_an_error_and_leaves_the_old_one(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;
	cleanup_free char *text = NULL;
	struct error error = {};

	machine_tree_write(tree, FILE_NAME, "old");
	/* A folder in the way of the new file: it cannot be opened for writing, not even by root.
	 */
	machine_tree_write(tree, FILE_NAME ".new/x", "");
	assert_int_equal(record_write(&tree->root, plan, &error), -EISDIR);
	assert_failed(&error, ERROR_FILE, "/" FILE_NAME);
	text = folder_read(&tree->folder, FILE_NAME);
	assert_string_equal(text, "old");
}

static void test_a_symbolic_link_in_the_way_is_not_followed(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;
	cleanup_free char *text = NULL;
	struct error error = {};

	machine_tree_write(tree, "victim", "untouched");
	machine_tree_write(tree, FILE_NAME, "old");
	assert_int_equal(symlink(folder_path(&tree->folder, "victim"),
				 folder_path(&tree->folder, FILE_NAME ".new")),
			 0);
	assert_int_equal(record_write(&tree->root, plan, &error), -ELOOP);
	text = folder_read(&tree->folder, "victim");
	assert_string_equal(text, "untouched");
}

static void test_without_run_there_is_no_record(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;
	struct error error = {};

	machine_tree_delete(tree, "run/motd");
	machine_tree_delete(tree, "run");
	assert_int_equal(record_write(&tree->root, plan, &error), -ENOENT);
	assert_failed(&error, ERROR_FILE, FILE_NAME);
	assert_int_equal(record_remove(&tree->root, NULL), 0);
}

static void test_removing_removes_and_none_is_no_error(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;

	assert_int_equal(record_write(&tree->root, plan, NULL), 0);
	assert_int_equal(record_remove(&tree->root, NULL), 0);
	assert_false(folder_has(&tree->folder, FILE_NAME));
	assert_int_equal(record_remove(&tree->root, NULL), 0);
}

static void test_a_record_that_cannot_be_removed_is_an_error(void **state)
{
	struct machine_tree *tree = *state;
	struct error error = {};

	machine_tree_write(tree, FILE_NAME "/x", "");
	assert_int_equal(record_remove(&tree->root, &error), -EISDIR);
	assert_failed(&error, ERROR_FILE, FILE_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_a_record_is_json_that_only_its_owner_reads),
	    TREE_TEST(test_a_new_record_replaces_the_old_one),
	    TREE_TEST(test_a_record_that_cannot_be_written_is_an_error_and_leaves_the_old_one),
	    TREE_TEST(test_a_symbolic_link_in_the_way_is_not_followed),
	    TREE_TEST(test_without_run_there_is_no_record),
	    TREE_TEST(test_removing_removes_and_none_is_no_error),
	    TREE_TEST(test_a_record_that_cannot_be_removed_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
