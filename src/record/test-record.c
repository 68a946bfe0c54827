/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "record/compose.h"
#include "test-support/machine-tree.h"
#include "test-support/sample-plan.h"
#include "test-support/test.h"

#define FILE_NAME    "run/kexec/loaded.json"
#define PENDING_NAME "run/kexec/loading.json"

static const char *text_field(struct json_object *object, const char *key)
{
	struct json_object *value;

	assert_row(key, json_object_object_get_ex(object, key, &value));
	return json_object_get_string(value);
}

/* What a load begins with; what record_begin() says. */
static int begin(struct record_change *change, const struct root *root, const struct plan *plan,
		 struct error *error)
{
	static const char *const initrds[] = {"/boot/initrd-test"};
	const struct record_request request = {
	    .kernel = "/boot/vmlinuz-test", .initrds = initrds, .initrd_count = 1};
	cleanup_json struct json_object *record =
	    plan ? record_compose(plan, &request, root, NULL) : NULL;

	assert_int_equal(record != NULL, plan != NULL);
	return record_begin(change, PLAN_NORMAL, root, record, error);
}

/* A load that succeeds, as the record sees it; what record_begin() and record_confirm() said. */
static int record_load(struct machine_tree *tree, const struct plan *plan, struct error *error)
{
	struct record_change change;
	int begun = begin(&change, &tree->root, plan, error);
	int confirmed = record_confirm(&change, &tree->root, error);

	return begun < 0 ? begun : confirmed;
}

static struct plan *plan_of(const char *kernel)
{
	struct plan *plan = sample_plan();

	free(plan->kernel_path);
	plan->kernel_path = strdup(kernel);
	return plan;
}

static void assert_kernel(struct machine_tree *tree, const char *name, const char *kernel)
{
	cleanup_free char *text = folder_read(&tree->folder, name);
	cleanup_json struct json_object *json = json_tokener_parse(text);

	assert_non_null(json);
	assert_string_equal(text_field(json, "kernel"), kernel);
}

/* Each file, NULL for one that must not be there, and the state that they make together. */
static void assert_record(struct machine_tree *tree, const char *loaded, const char *pending,
			  enum record_state state)
{
	assert_int_equal(folder_has(&tree->folder, FILE_NAME), loaded != NULL);
	assert_int_equal(folder_has(&tree->folder, PENDING_NAME), pending != NULL);
	if (loaded)
		assert_kernel(tree, FILE_NAME, loaded);
	if (pending)
		assert_kernel(tree, PENDING_NAME, pending);
	assert_int_equal(record_state(&tree->root), state);
	assert_false(folder_has(&tree->folder, PENDING_NAME ".new"));
}

static void test_a_record_is_json_that_only_its_owner_reads(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;
	cleanup_free char *text = NULL;
	cleanup_json struct json_object *json = NULL;
	struct error error = {};
	struct stat status;

	assert_int_equal(record_state(&tree->root), RECORD_NONE);
	assert_int_equal(record_load(tree, plan, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(stat(folder_path(&tree->folder, FILE_NAME), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_record(tree, plan->kernel_path, NULL, RECORD_CONFIRMED);
	text = folder_read(&tree->folder, FILE_NAME);
	json = json_tokener_parse(text);
	assert_non_null(json);
	assert_string_equal(text_field(json, "schema"), "kexec-record");
	assert_string_equal(text_field(json, "command_line"), plan->command_line);
	assert_int_equal(strtol(text_field(json, "loaded_by_uid"), NULL, 10), getuid());
	assert_int_equal(strtol(text_field(json, "loaded_by_pid"), NULL, 10), getpid());
	assert_in_range(strtol(text_field(json, "loaded_at"), NULL, 10), time(NULL) - 60,
			time(NULL));
}

static void test_a_new_record_replaces_the_old_one(void **state)
{
	cleanup_plan struct plan *old = plan_of("old"), *new = plan_of("new");
	struct machine_tree *tree = *state;
	struct record_change change;

	machine_tree_write(tree, PENDING_NAME ".new", "left over by an interrupted write");
	assert_int_equal(record_load(tree, old, NULL), 0);
	assert_int_equal(begin(&change, &tree->root, new, NULL), 0);
	assert_record(tree, "old", "new", RECORD_UNCONFIRMED);
	assert_int_equal(record_confirm(&change, &tree->root, NULL), 0);
	assert_record(tree, "new", NULL, RECORD_CONFIRMED);
}

static void test_a_refused_load_or_unload_leaves_the_old_record(void **state)
{
	cleanup_plan struct plan *old = plan_of("old"), *new = plan_of("new");
	struct machine_tree *tree = *state;
	struct record_change change;

	assert_int_equal(begin(&change, &tree->root, new, NULL), 0);
	assert_int_equal(record_cancel(&change, &tree->root, NULL), 0);
	assert_record(tree, NULL, NULL, RECORD_NONE);
	assert_int_equal(record_load(tree, old, NULL), 0);
	assert_int_equal(begin(&change, &tree->root, new, NULL), 0);
	assert_int_equal(record_cancel(&change, &tree->root, NULL), 0);
	assert_record(tree, "old", NULL, RECORD_CONFIRMED);
	assert_int_equal(begin(&change, &tree->root, NULL, NULL), 0);
	assert_record(tree, NULL, "old", RECORD_UNCONFIRMED);
	assert_int_equal(record_cancel(&change, &tree->root, NULL), 0);
	assert_record(tree, "old", NULL, RECORD_CONFIRMED);
}

/* After a crash there are two records, or only the one; whatever comes next, none is believed. */
static void test_what_an_interrupted_change_left_is_cleaned_up(void **state)
{
	static const struct {
		const char *row, *loaded, *pending;
	} rows[] = {{"a load over another", "old", "interrupted"},
		    {"a first load, or an unload", NULL, "interrupted"}};
	cleanup_plan struct plan *old = plan_of("old"), *interrupted = plan_of("interrupted"),
				 *new = plan_of("new");
	struct machine_tree *tree = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (int end = 0; end < 4; end++) {
			struct record_change change;

			if (rows[i].loaded)
				assert_int_equal(record_load(tree, old, NULL), 0);
			begin(&change, &tree->root, interrupted, NULL);
			assert_record(tree, rows[i].loaded, "interrupted", RECORD_UNCONFIRMED);
			switch (end) {
			case 0:
				assert_int_equal(record_load(tree, new, NULL), 0);
				assert_record(tree, "new", NULL, RECORD_CONFIRMED);
				break;
			case 1: /* refused: it cannot be the old record that holds again */
				assert_int_equal(begin(&change, &tree->root, new, NULL), 0);
				assert_record(tree, NULL, "new", RECORD_UNCONFIRMED);
				assert_int_equal(record_cancel(&change, &tree->root, NULL), 0);
				assert_record(tree, NULL, NULL, RECORD_NONE);
				break;
			case 2:
				assert_int_equal(begin(&change, &tree->root, NULL, NULL), 0);
				assert_int_equal(record_remove(PLAN_NORMAL, &tree->root, NULL), 0);
				assert_record(tree, NULL, NULL, RECORD_NONE);
				break;
			case 3: /* an unload that is refused changes nothing */
				assert_int_equal(begin(&change, &tree->root, NULL, NULL), 0);
				assert_int_equal(record_cancel(&change, &tree->root, NULL), 0);
				assert_record(tree, rows[i].loaded, "interrupted",
					      RECORD_UNCONFIRMED);
				break;
			}
			assert_int_equal(record_remove(PLAN_NORMAL, &tree->root, NULL), 0);
		}
}

/* A folder in the way of the new file: it cannot be opened for writing, not even by root. */
static void test_a_record_that_cannot_be_written_outlives_no_load(void **state)
{
	cleanup_plan struct plan *old = plan_of("old"), *new = plan_of("new");
	struct machine_tree *tree = *state;
	struct record_change change;
	struct error error = {}, more = {};

	assert_int_equal(record_load(tree, old, NULL), 0);
	machine_tree_write(tree, PENDING_NAME ".new/x", "");
	assert_int_equal(begin(&change, &tree->root, new, &error), -EISDIR);
	assert_failed(&error, ERROR_FILE, "/" FILE_NAME);
	assert_int_equal(record_state(&tree->root), RECORD_UNCONFIRMED);
	assert_kernel(tree, PENDING_NAME, "old");
	/* Refused: the old one holds again. */
	assert_int_equal(record_cancel(&change, &tree->root, &more), 0);
	assert_int_equal(record_state(&tree->root), RECORD_CONFIRMED);
	assert_kernel(tree, FILE_NAME, "old");
	/* Loaded: there is no record then. */
	assert_int_equal(begin(&change, &tree->root, new, NULL), -EISDIR);
	machine_tree_delete(tree, PENDING_NAME ".new/x");
	machine_tree_delete(tree, PENDING_NAME ".new");
	assert_int_equal(record_confirm(&change, &tree->root, &more), 0);
	assert_no_failure(&more);
	assert_record(tree, NULL, NULL, RECORD_NONE);
}

static void test_a_symbolic_link_in_the_way_is_not_followed(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;
	cleanup_free char *text = NULL;
	struct record_change change;
	struct error error = {};

	machine_tree_write(tree, "victim", "untouched");
	machine_tree_write(tree, FILE_NAME, "old");
	assert_int_equal(symlink(folder_path(&tree->folder, "victim"),
				 folder_path(&tree->folder, PENDING_NAME ".new")),
			 0);
	assert_int_equal(begin(&change, &tree->root, plan, &error), -ELOOP);
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
	assert_int_equal(record_load(tree, plan, &error), -ENOENT);
	assert_int_equal(error.count, 1);
	assert_failed(&error, ERROR_FILE, FILE_NAME);
	assert_int_equal(record_remove(PLAN_NORMAL, &tree->root, NULL), 0);
	assert_int_equal(record_state(&tree->root), RECORD_NONE);
}

static void test_removing_removes_all_and_none_is_no_error(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct machine_tree *tree = *state;

	assert_int_equal(record_load(tree, plan, NULL), 0);
	machine_tree_write(tree, PENDING_NAME, "{}");
	machine_tree_write(tree, PENDING_NAME ".new", "{");
	assert_int_equal(record_remove(PLAN_NORMAL, &tree->root, NULL), 0);
	assert_record(tree, NULL, NULL, RECORD_NONE);
	assert_int_equal(record_remove(PLAN_NORMAL, &tree->root, NULL), 0);
}

static void test_a_record_that_cannot_be_removed_is_an_error(void **state)
{
	struct machine_tree *tree = *state;
	struct error error = {};

	machine_tree_write(tree, FILE_NAME "/x", "");
	assert_int_equal(record_remove(PLAN_NORMAL, &tree->root, &error), -EISDIR);
	assert_failed(&error, ERROR_FILE, FILE_NAME);
}

static void test_both_images_have_records_of_their_own(void **state)
{
	struct machine_tree *tree = *state;
	const struct root *root = &tree->root;

	folder_text(&tree->folder, "run/kexec/crash.json", "{}");
	assert_int_equal(record_state_of(PLAN_CRASH, root), RECORD_CONFIRMED);
	assert_int_equal(record_state(root), RECORD_NONE);
	folder_text(&tree->folder, "run/kexec/loading.json", "{}");
	assert_int_equal(record_state_of(PLAN_CRASH, root), RECORD_CONFIRMED);
	assert_int_equal(record_state_of(PLAN_NORMAL, root), RECORD_UNCONFIRMED);
	assert_int_equal(record_remove(PLAN_CRASH, root, NULL), 0);
	assert_false(folder_has(&tree->folder, "run/kexec/crash.json"));
	assert_true(folder_has(&tree->folder, "run/kexec/loading.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_both_images_have_records_of_their_own),
	    TREE_TEST(test_a_record_is_json_that_only_its_owner_reads),
	    TREE_TEST(test_a_new_record_replaces_the_old_one),
	    TREE_TEST(test_a_refused_load_or_unload_leaves_the_old_record),
	    TREE_TEST(test_what_an_interrupted_change_left_is_cleaned_up),
	    TREE_TEST(test_a_record_that_cannot_be_written_outlives_no_load),
	    TREE_TEST(test_a_symbolic_link_in_the_way_is_not_followed),
	    TREE_TEST(test_without_run_there_is_no_record),
	    TREE_TEST(test_removing_removes_all_and_none_is_no_error),
	    TREE_TEST(test_a_record_that_cannot_be_removed_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
