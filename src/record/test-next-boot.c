/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/next-boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "plan/plan.h"
#include "record/compose.h"
#include "record/read.h"
#include "test-support/scene.h"

#define LOADED   "run/kexec/loaded.json"
#define NEXT     "var/lib/kexec/loaded.json"
#define PREVIOUS "run/kexec/previous.json"

static void start_boot(struct scene *scene, const char *boot_id)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", boot_id);
}

/* What a boot records under a name; told apart by the program's version. */
static void write_record(struct scene *scene, const char *name, const char *version)
{
	const struct record_request request = {.kernel = scene->request.kernel,
					       .program_version = version};
	cleanup_plan struct plan *plan = scene_plan(scene);
	cleanup_json struct json_object *json =
	    record_compose(plan, &request, &scene->tree.root, NULL);

	assert_non_null(json);
	machine_tree_write(&scene->tree, name, json_object_to_json_string(json));
}

/* Whether there is one, which then is of this version. */
static bool read_previous(struct scene *scene, const char *version)
{
	cleanup_with(record_fini) struct record record = {};

	if (record_read_previous(&record, &scene->tree.root) < 0)
		return false;
	if (version)
		assert_string_equal(record.program_version, version);
	return true;
}

static void test_a_copy_is_for_the_next_boot_until_nothing_is_loaded(void **state)
{
	cleanup_free char *loaded = NULL, *next = NULL;
	struct scene *scene = *state;
	struct error error = {};
	struct stat status;

	machine_tree_write(&scene->tree, "var/lib/x", "");
	start_boot(scene, "first\n");
	write_record(scene, LOADED, "1");
	assert_int_equal(record_hand_on(&scene->tree.root, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(stat(folder_path(&scene->tree.folder, NEXT), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	loaded = folder_read(&scene->tree.folder, LOADED);
	next = folder_read(&scene->tree.folder, NEXT);
	assert_string_equal(loaded, next);
	assert_false(folder_has(&scene->tree.folder, NEXT ".new"));
	/* It is no memory of this boot's own start. */
	assert_false(read_previous(scene, NULL));
	machine_tree_delete(&scene->tree, LOADED);
	assert_int_equal(record_hand_on(&scene->tree.root, &error), 0);
	assert_false(folder_has(&scene->tree.folder, NEXT));
	assert_int_equal(record_hand_on(&scene->tree.root, &error), 0);
	assert_no_failure(&error);
}

static void test_the_next_boot_remembers_what_started_it(void **state)
{
	struct scene *scene = *state;
	const struct root *root = &scene->tree.root;

	start_boot(scene, "first\n");
	write_record(scene, NEXT, "1");
	start_boot(scene, "second\n");
	assert_true(read_previous(scene, "1"));
	/* Also when it loads something itself, twice, and takes it back. */
	write_record(scene, LOADED, "2");
	for (int i = 0; i < 2; i++) {
		record_keep_previous(root);
		assert_int_equal(record_hand_on(root, NULL), 0);
		assert_true(read_previous(scene, "1"));
	}
	machine_tree_delete(&scene->tree, LOADED);
	record_keep_previous(root);
	assert_int_equal(record_hand_on(root, NULL), 0);
	assert_false(folder_has(&scene->tree.folder, NEXT));
	assert_true(read_previous(scene, "1"));
	/* A third boot, to which /run came along: it has forgotten neither, and believes the later.
	 */
	write_record(scene, NEXT, "2");
	start_boot(scene, "third\n");
	assert_true(read_previous(scene, "2"));
}

static void test_what_is_no_record_or_of_no_boot_is_not_believed(void **state)
{
	struct scene *scene = *state;

	start_boot(scene, "first\n");
	machine_tree_write(&scene->tree, "run/kexec/lock", "");
	machine_tree_write(&scene->tree, NEXT, "{}");
	record_keep_previous(&scene->tree.root);
	assert_true(folder_has(&scene->tree.folder, PREVIOUS));
	assert_int_equal(record_hand_on(&scene->tree.root, NULL), 0);
	record_keep_previous(&scene->tree.root);
	assert_false(read_previous(scene, NULL));
	/* One that does not say of which boot it is could be of this one. */
	machine_tree_delete(&scene->tree, PREVIOUS);
	start_boot(scene, "\n");
	write_record(scene, NEXT, "1");
	assert_false(read_previous(scene, NULL));
	start_boot(scene, "second\n");
	assert_false(read_previous(scene, NULL));
	record_keep_previous(&scene->tree.root);
	assert_int_equal(record_hand_on(&scene->tree.root, NULL), 0);
	assert_false(read_previous(scene, NULL));
	machine_tree_delete(&scene->tree, "proc/sys/kernel/random/boot_id");
	assert_false(read_previous(scene, NULL));
}

static void test_without_var_there_is_no_copy_and_it_is_said(void **state)
{
	struct scene *scene = *state;
	struct error error = {};

	start_boot(scene, "first\n");
	write_record(scene, LOADED, "1");
	assert_int_equal(record_hand_on(&scene->tree.root, &error), -ENOENT);
	assert_failed(&error, ERROR_FILE, "/" NEXT);
	/* A folder in the way of the new file. */
	machine_tree_write(&scene->tree, NEXT ".new/x", "");
	assert_int_equal(record_hand_on(&scene->tree.root, NULL), -EISDIR);
	assert_false(folder_has(&scene->tree.folder, NEXT));
}

static void test_a_link_in_the_way_is_not_followed(void **state)
{
	struct scene *scene = *state;
	struct folder *folder = &scene->tree.folder;
	cleanup_free char *text = NULL;

	start_boot(scene, "first\n");
	write_record(scene, LOADED, "1");
	machine_tree_write(&scene->tree, "victim", "untouched");
	machine_tree_write(&scene->tree, "var/lib/kexec/x", "");
	assert_int_equal(symlink(folder_path(folder, "victim"), folder_path(folder, NEXT ".new")),
			 0);
	assert_int_equal(record_hand_on(&scene->tree.root, NULL), -ELOOP);
	text = folder_read(folder, "victim");
	assert_string_equal(text, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_a_copy_is_for_the_next_boot_until_nothing_is_loaded),
	    SCENE_TEST(test_the_next_boot_remembers_what_started_it),
	    SCENE_TEST(test_what_is_no_record_or_of_no_boot_is_not_believed),
	    SCENE_TEST(test_without_var_there_is_no_copy_and_it_is_said),
	    SCENE_TEST(test_a_link_in_the_way_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
