/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/facts.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "test-support/archive.h"
#include "test-support/crash-tree.h"
#include "test-support/fake-calls.h"
#include "test-support/kernel-file.h"
#include "test-support/machine-tree.h"
#include "test-support/scene.h"
#include "test-support/test.h"

static void clear(struct check_facts *facts)
{
	check_facts_fini(facts);
}
#define cleanup_facts __attribute__((cleanup(clear)))

static const char *write_initrd(struct scene *scene, const char *const *names, size_t count)
{
	struct archive archive = {};

	for (size_t i = 0; i < count; i++)
		archive_add(&archive, names[i], "x");
	archive_add(&archive, "TRAILER!!!", "");
	return folder_write(&scene->tree.folder, "crash-initrd", archive.bytes, archive.size);
}

static void test_a_kernel_and_initrds_that_are_named_are_examined(void **state)
{
	static const char *const names[] = {"init", "lib/modules/6.1/xfs.ko"};
	struct scene *scene = *state;
	const char *const initrds[] = {write_initrd(scene, names, 2)};
	const struct check_wish wish = {scene->request.kernel, initrds, 1, NULL};
	cleanup_facts struct check_facts facts;
	struct error error = {};

	assert_int_equal(check_facts_read(&facts, &wish, &scene->tree.root, &error), 0);
	assert_no_failure(&error);
	assert_true(facts.files.known);
	assert_true(facts.files.need.kernel > 0 && facts.files.need.boot > 0);
	assert_true(facts.files.need.packed > 300);
	/* Two files of a page, three entries. */
	assert_int_equal(facts.files.need.unpacked, 2 * 4096 + 3 * 1024);
	assert_true(facts.files.need.unpacked_known && facts.files.initrds_whole);
	assert_false(facts.files.need.unpacked_limited); /* root= */
	assert_false(facts.files.initrds_hide);
	assert_string_equal(facts.files.kernel, scene->request.kernel);
}

static void test_modules_are_looked_for_in_the_initrd_and_in_the_list_of_built_in_ones(void **state)
{
	static const char *const names[] = {"lib/modules/6.1/kernel/fs/xfs/xfs.ko.xz"};
	struct scene *scene = *state;
	const char *const initrds[] = {write_initrd(scene, names, 1)};
	const struct check_wish wish = {scene->request.kernel, initrds, 1, "/srv"};
	cleanup_facts struct check_facts facts, again;
	struct error error = {};
	char path[160];

	machine_tree_write(&scene->tree, "proc/self/mountinfo",
			   "22 1 8:1 / / rw - xfs /dev/sda1 rw\n");
	machine_tree_write(&scene->tree, "sys/class/block/x", "");
	machine_tree_write(&scene->tree, "sys/dev/block/x", "");
	assert_int_equal(symlink("../../class/block/sda1",
				 folder_path(&scene->tree.folder, "sys/dev/block/8:1")),
			 0);
	machine_tree_write(&scene->tree, "srv/x", "");
	assert_int_equal(check_facts_read(&facts, &wish, &scene->tree.root, &error), 0);
	assert_int_equal(facts.disk.module_count, 1);
	assert_int_equal(facts.files.modules[0], CHECK_MODULE_IN_INITRD);
	snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin", facts.files.release);
	machine_tree_write(&scene->tree, path, "kernel/fs/ext4/ext4.ko\nkernel/fs/xfs/xfs.ko\n");
	assert_int_equal(check_facts_read(&again, &wish, &scene->tree.root, &error), 0);
	assert_int_equal(again.files.modules[0], CHECK_MODULE_BUILT_IN);
}

static void test_an_image_inside_the_initrd_is_seen(void **state)
{
	static const char *const names[] = {"squashfs-root.img"};
	struct scene *scene = *state;
	const char *const initrds[] = {write_initrd(scene, names, 1)};
	const struct check_wish wish = {scene->request.kernel, initrds, 1, NULL};
	cleanup_facts struct check_facts facts;
	struct error error = {};

	assert_int_equal(check_facts_read(&facts, &wish, &scene->tree.root, &error), 0);
	assert_true(facts.files.initrds_hide);
}

static void test_without_a_name_the_configured_files_count(void **state)
{
	struct scene *scene = *state;
	cleanup_facts struct check_facts none, facts, broken;
	struct error error = {};
	char text[256];

	assert_int_equal(check_facts_read(&none, &(struct check_wish){}, &scene->tree.root, &error),
			 0);
	assert_false(none.files.known);
	assert_int_equal(none.files.failure.count, 0);
	snprintf(text, sizeof(text), "KERNEL=%s\n", scene->request.kernel);
	machine_tree_write(&scene->tree, "etc/kexec/crash.conf", text);
	assert_int_equal(
	    check_facts_read(&facts, &(struct check_wish){}, &scene->tree.root, &error), 0);
	assert_true(facts.files.known);
	assert_string_equal(facts.files.initrd, "");
	machine_tree_write(&scene->tree, "etc/kexec/crash.conf", "KERNEL=/no/such\n");
	assert_int_equal(
	    check_facts_read(&broken, &(struct check_wish){}, &scene->tree.root, &error), 0);
	assert_no_failure(&error);
	assert_false(broken.files.known);
	assert_failed(&broken.files.failure, ERROR_FILE, "/no/such");
}

static void set_armed(void *argument)
{
	struct scene *scene = argument;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "1\n");
}

static void test_what_is_armed_counts_before_what_is_configured(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	cleanup_facts struct check_facts facts, changed, gone;
	struct error error = {};
	FILE *initrd;

	crash_tree_add(&scene->tree);
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", "first\n");
	machine_tree_write(&scene->tree, "etc/kexec/crash.conf", "KERNEL=/no/such\n");
	scene->request.kind = PLAN_CRASH;
	scene->request.plain = false;
	scene->request.command_line = "quiet";
	fake_calls.during_load = set_armed;
	fake_calls.argument = scene;
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_int_equal(
	    check_facts_read(&facts, &(struct check_wish){}, &scene->tree.root, &error), 0);
	assert_no_failure(&error);
	assert_true(facts.files.armed && facts.files.known);
	assert_string_equal(facts.files.initrd, scene->request.initrds[0]);
	assert_true(facts.files.need.unpacked_limited); /* no root= */
	assert_string_equal(facts.files.changed, "");
	initrd = fopen(scene->request.initrds[0], "a");
	assert_non_null(initrd);
	assert_int_equal(fwrite("\0\0\0\0", 1, 4, initrd), 4);
	assert_int_equal(fclose(initrd), 0);
	assert_int_equal(
	    check_facts_read(&changed, &(struct check_wish){}, &scene->tree.root, &error), 0);
	assert_true(changed.files.known);
	assert_string_equal(changed.files.changed, scene->request.initrds[0]);
	machine_tree_delete(&scene->tree, "vmlinuz");
	assert_int_equal(check_facts_read(&gone, &(struct check_wish){}, &scene->tree.root, &error),
			 0);
	assert_true(gone.files.armed && !gone.files.known);
	assert_failed(&gone.files.failure, ERROR_FILE, "vmlinuz");
}

static void test_a_named_file_that_cannot_be_read_is_an_error(void **state)
{
	struct scene *scene = *state;
	static const char *const missing[] = {"/no/such/initrd"};
	const struct check_wish rows[] = {
	    {"/no/such/kernel", NULL, 0, NULL},
	    {scene->request.kernel, missing, 1, NULL},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_facts struct check_facts facts;
		struct error error = {};

		assert_int_equal(check_facts_read(&facts, &rows[i], &scene->tree.root, &error),
				 -ENOENT);
		assert_failed(&error, ERROR_FILE, "/no/such");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_a_kernel_and_initrds_that_are_named_are_examined),
	    SCENE_TEST(test_modules_are_looked_for_in_the_initrd_and_in_the_list_of_built_in_ones),
	    SCENE_TEST(test_an_image_inside_the_initrd_is_seen),
	    SCENE_TEST(test_without_a_name_the_configured_files_count),
	    SCENE_TEST(test_what_is_armed_counts_before_what_is_configured),
	    SCENE_TEST(test_a_named_file_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
