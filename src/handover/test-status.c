/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "handover/lock.h"
#include "record/next-boot.h"
#include "test-support/crash-tree.h"
#include "test-support/fake-calls.h"
#include "test-support/scene.h"

#define cleanup_status cleanup_with(status_fini)

static void read_status(struct scene *scene, struct status *status)
{
	struct error error = {};

	assert_int_equal(status_read(status, &scene->tree.root, &error), 0);
	assert_no_failure(&error);
}

static void load(struct scene *scene)
{
	cleanup_result struct handover_result result = {};

	assert_int_equal(scene_load(scene, &result, NULL), 0);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
}

static void start_boot(struct scene *scene, const char *boot_id)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", boot_id);
}

static void nothing(struct scene *scene)
{
	(void)scene;
}

static void unloaded(struct scene *scene)
{
	load(scene);
	assert_int_equal(handover_unload(PLAN_NORMAL, &scene->tree.root, &load_calls_fake,
					 METHOD_ANY, NULL, NULL, NULL),
			 0);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
}

static void unloaded_by_another_tool(struct scene *scene)
{
	load(scene);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
}

static void loaded_by_another_tool(struct scene *scene)
{
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
}

static void interrupted(struct scene *scene)
{
	load(scene);
	machine_tree_write(&scene->tree, "run/kexec/loading.json", "{}");
}

static void of_another_boot(struct scene *scene)
{
	load(scene);
	start_boot(scene, "another\n");
}

static void broken(struct scene *scene)
{
	load(scene);
	machine_tree_write(&scene->tree, "run/kexec/loaded.json", "{");
}

/* For root too, who may look everywhere. */
static void make_unreadable(struct scene *scene, const char *name)
{
	const char *path = folder_path(&scene->tree.folder, name);

	assert_int_equal(symlink(path, path), 0);
}

static void a_hidden_folder(struct scene *scene)
{
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	folder_text(&scene->tree.folder, "run/x", "");
	make_unreadable(scene, "run/kexec");
}

static void a_hidden_lock(struct scene *scene)
{
	interrupted(scene);
	folder_delete(&scene->tree.folder, "run/kexec/lock");
	make_unreadable(scene, "run/kexec/lock");
}

static void the_kernel_says_nothing(struct scene *scene)
{
	load(scene);
	machine_tree_delete(&scene->tree, "sys/kernel/kexec_loaded");
}

static void neither_says_anything(struct scene *scene)
{
	machine_tree_delete(&scene->tree, "sys/kernel/kexec_loaded");
}

static void test_record_and_kernel_are_judged_together(void **state)
{
	static const struct {
		const char *name;
		void (*prepare)(struct scene *scene);
		enum status_record expected;
	} rows[] = {
	    {"none", nothing, STATUS_RECORD_NONE},
	    {"confirmed", load, STATUS_RECORD_CONFIRMED},
	    {"none", unloaded, STATUS_RECORD_NONE},
	    {"stale", unloaded_by_another_tool, STATUS_RECORD_STALE},
	    {"missing", loaded_by_another_tool, STATUS_RECORD_MISSING},
	    {"interrupted", interrupted, STATUS_RECORD_INTERRUPTED},
	    {"other-boot", of_another_boot, STATUS_RECORD_OTHER_BOOT},
	    {"unreadable", broken, STATUS_RECORD_UNREADABLE},
	    {"unreadable", a_hidden_folder, STATUS_RECORD_UNREADABLE},
	    {"unconfirmed", a_hidden_lock, STATUS_RECORD_UNCONFIRMED},
	    {"unknown", the_kernel_says_nothing, STATUS_RECORD_UNKNOWN},
	    {"unknown", neither_says_anything, STATUS_RECORD_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_status struct status status = {};
		struct scene *scene;

		assert_int_equal(scene_setup((void **)&scene), 0);
		start_boot(scene, "first\n");
		rows[i].prepare(scene);
		read_status(scene, &status);
		assert_row(rows[i].name, status.record_state == rows[i].expected);
		assert_string_equal(status_record_name(status.record_state), rows[i].name);
		assert_row(rows[i].name, (status.record.file_count > 0) ==
					     (rows[i].expected == STATUS_RECORD_CONFIRMED));
		scene_teardown((void **)&scene);
	}
}

static struct status seen;

static void look(void *argument)
{
	status_fini(&seen);
	read_status(argument, &seen);
}

static void test_a_load_that_is_under_way_is_told_from_an_interrupted_one(void **state)
{
	struct scene *scene = *state;

	fake_calls.during_load = look;
	fake_calls.argument = scene;
	load(scene);
	assert_int_equal(seen.record_state, STATUS_RECORD_UNDER_WAY);
	look(scene);
	assert_int_equal(seen.record_state, STATUS_RECORD_OTHER_BOOT); /* no boot_id here */
	status_fini(&seen);
}

/* One who is not root sees the record's files and may not open the lock. */
static void test_who_may_not_see_the_lock_is_told_of_both(void **state)
{
	cleanup_status struct status status = {};
	struct scene *scene = *state;

	load(scene);
	machine_tree_write(&scene->tree, "run/kexec/loading.json", "");
	folder_delete(&scene->tree.folder, "run/kexec/lock");
	read_status(scene, &status);
	assert_int_equal(status.record_state, STATUS_RECORD_INTERRUPTED);
	status_fini(&status);
	/* Root may open everything, but no link. */
	assert_int_equal(symlink("x", folder_path(&scene->tree.folder, "run/kexec/lock")), 0);
	read_status(scene, &status);
	assert_int_equal(status.record_state, STATUS_RECORD_UNCONFIRMED);
}

static void test_each_file_is_compared(void **state)
{
	cleanup_status struct status status = {};
	struct scene *scene = *state;

	start_boot(scene, "first\n");
	scene->initrds[1] = folder_text(&scene->tree.folder, "second.img", "070701 more");
	scene->request.initrd_count = 2;
	load(scene);
	machine_tree_write(&scene->tree, "initrd.img", "070701 other bytes!");
	machine_tree_delete(&scene->tree, "second.img");
	read_status(scene, &status);
	assert_int_equal(status.record.file_count, 3);
	assert_int_equal(status.file_states[0], FILE_UNCHANGED);
	assert_int_equal(status.file_states[1], FILE_CHANGED);
	assert_int_equal(status.file_states[2], FILE_GONE);
	assert_string_equal(status.record.files[1].path, scene->initrds[0]);
}

static void test_the_crash_image_is_told_beside_the_normal_one(void **state)
{
	cleanup_status struct status status = {};
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "1\n");
	read_status(scene, &status);
	assert_int_equal(status.crash_fact, FACT_KNOWN);
	assert_true(status.crash_loaded);
	assert_false(status.loaded);
	status_fini(&status);
	machine_tree_delete(&scene->tree, "sys/kernel/kexec_crash_loaded");
	read_status(scene, &status);
	assert_int_equal(status.crash_fact, FACT_ABSENT);
	status_fini(&status);
	/* Where the old names are gone. */
	machine_tree_write(&scene->tree, "sys/kernel/kexec/crash_loaded", "1\n");
	read_status(scene, &status);
	assert_true(status.crash_loaded);
}

static void set_armed(void *argument)
{
	struct scene *scene = argument;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "1\n");
}

/* As the kernel has it when a load for a panic has succeeded. */
static void arm(struct scene *scene)
{
	cleanup_result struct handover_result result = {};
	struct error error = {};

	crash_tree_add(&scene->tree);
	start_boot(scene, "first\n");
	scene->request.kind = PLAN_CRASH;
	scene->request.plain = false;
	scene->request.command_line = "console=ttyS0";
	fake_calls.during_load = set_armed;
	fake_calls.argument = scene;
	scene_load(scene, &result, &error);
	assert_no_failure(&error);
}

static void test_what_is_armed_and_its_memory_are_told(void **state)
{
	cleanup_status struct status status = {};
	struct scene *scene = *state;

	arm(scene);
	read_status(scene, &status);
	assert_int_equal(status.crash.record_state, STATUS_RECORD_CONFIRMED);
	assert_int_equal(status.record_state, STATUS_RECORD_NONE);
	assert_int_equal(status.crash.record.kind, PLAN_CRASH);
	assert_int_equal(status.crash.record.file_count, 2);
	assert_int_equal(status.crash.file_states[1], FILE_UNCHANGED);
	assert_int_equal(status.crash.reserved, CRASH_TREE_END - CRASH_TREE_START);
	assert_int_equal(status.crash.reserved_low, CRASH_TREE_LOW_END - CRASH_TREE_LOW_START);
	assert_true(status_crash_used(&status) > 0);
	assert_int_equal(status_crash_used(&status), status.crash.record.segments_size);
	status_fini(&status);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "0\n");
	read_status(scene, &status);
	assert_int_equal(status.crash.record_state, STATUS_RECORD_STALE);
	assert_int_equal(status_crash_used(&status), 0);
}

/* The record of the first boot, and the second with its kernel's version and command line. */
static void start_second_boot(struct scene *scene)
{
	machine_tree_write(&scene->tree, "var/lib/x", "");
	start_boot(scene, "first\n");
	machine_tree_write(&scene->tree, "proc/sys/kernel/osrelease", "6.1.0-first\n");
	scene->request.method = METHOD_FILE_ONLY; /* there is no stamp then */
	load(scene);
	machine_tree_delete(&scene->tree, "run/kexec/loaded.json");
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
	start_boot(scene, "second\n");
	machine_tree_write(&scene->tree, "proc/sys/kernel/osrelease", "6.12.0-test\n");
	machine_tree_write(&scene->tree, "proc/cmdline", "root=/dev/vda1\n");
	machine_tree_write(&scene->tree, "proc/sys/kernel/bootloader_type", "208\n");
}

static void test_a_kernel_that_kexec_started_knows_from_where(void **state)
{
	cleanup_status struct status status = {};
	struct scene *scene = *state;

	start_second_boot(scene);
	read_status(scene, &status);
	assert_int_equal(status.start, STATUS_START_KEXEC);
	assert_string_equal(status_start_name(status.start), "kexec");
	assert_int_equal(status.loader_type, 208);
	assert_int_equal(status.stamp_fact, FACT_ABSENT);
	assert_true(status.previous_known);
	assert_string_equal(status.previous.running_version, "6.1.0-first");
	/* Still, once it has loaded something itself. */
	status_fini(&status);
	load(scene);
	read_status(scene, &status);
	assert_true(status.previous_known);
	assert_string_equal(status.previous.running_version, "6.1.0-first");
	assert_int_equal(status.record_state, STATUS_RECORD_CONFIRMED);
}

static void other_release(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/osrelease", "6.12.1-test\n");
}

static void other_command_line(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/cmdline", "root=/dev/vda1 quiet\n");
}

static void by_grub(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/bootloader_type", "114\n");
}

static void leave_stamp(struct scene *scene)
{
	static const struct purgatory_stamp made = {PURGATORY_STAMP_MAGIC, 100, 250, 5};

	machine_tree_write(&scene->tree, "sys/kernel/boot_params/setup_data/0/type",
			   "0x4b455843\n");
	folder_write(&scene->tree.folder, "sys/kernel/boot_params/setup_data/0/data", &made,
		     sizeof(made));
}

static void no_type(struct scene *scene)
{
	machine_tree_delete(&scene->tree, "proc/sys/kernel/bootloader_type");
}

static void test_a_record_that_does_not_fit_this_kernel_is_not_believed(void **state)
{
	static const struct {
		const char *row;
		void (*change)(struct scene *scene);
		enum status_start expected;
	} rows[] = {
	    {"other release", other_release, STATUS_START_KEXEC},
	    {"other command line", other_command_line, STATUS_START_KEXEC},
	    {"a stamp, which that load did not leave", leave_stamp, STATUS_START_KEXEC},
	    {"GRUB", by_grub, STATUS_START_LOADER},
	    {"unknown", no_type, STATUS_START_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_status struct status status = {};
		struct scene *scene;

		assert_int_equal(scene_setup((void **)&scene), 0);
		start_second_boot(scene);
		rows[i].change(scene);
		read_status(scene, &status);
		assert_row(rows[i].row, status.start == rows[i].expected);
		assert_row(rows[i].row, !status.previous_known);
		scene_teardown((void **)&scene);
	}
}

static void test_purgatorys_stamp_is_proof_enough(void **state)
{
	cleanup_status struct status status = {};
	struct scene *scene = *state;

	leave_stamp(scene);
	read_status(scene, &status);
	assert_int_equal(status.start, STATUS_START_KEXEC);
	assert_int_equal(status.stamp.checked, 5);
	assert_false(status.previous_known);
}

static void test_what_a_reboot_does_depends_on_the_init_system(void **state)
{
	static const struct {
		const char *row, *loaded; /* NULL: the kernel does not tell */
		bool systemd;
		const char *file;
		bool logind;
		enum status_reboot expected;
		const char *name;
	} rows[] = {
	    {"nothing is loaded", "0\n", true, "usr/lib/systemd/libsystemd-shared-258.so", true,
	     STATUS_REBOOT_FIRMWARE, "firmware"},
	    {"a new systemd", "1\n", true, "usr/lib/systemd/libsystemd-shared-255.so", true,
	     STATUS_REBOOT_JUMPS, "jumps"},
	    {"without logind", "1\n", true, "usr/lib/systemd/libsystemd-shared-255.so", false,
	     STATUS_REBOOT_UNKNOWN, NULL},
	    {"an old systemd", "1\n", true, "usr/lib/systemd/libsystemd-shared-254.so", true,
	     STATUS_REBOOT_FIRMWARE, "firmware"},
	    {"some systemd", "1\n", true, NULL, true, STATUS_REBOOT_UNKNOWN, NULL},
	    {"no systemd", "1\n", false, NULL, false, STATUS_REBOOT_FIRMWARE, "firmware"},
	    {"a script", "1\n", false, "etc/init.d/kexec", false, STATUS_REBOOT_UNKNOWN, NULL},
	    {"unknown", NULL, true, "usr/lib/systemd/libsystemd-shared-258.so", true,
	     STATUS_REBOOT_UNKNOWN, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_status struct status status = {};
		struct scene *scene;

		assert_int_equal(scene_setup((void **)&scene), 0);
		if (rows[i].loaded)
			machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", rows[i].loaded);
		else
			machine_tree_delete(&scene->tree, "sys/kernel/kexec_loaded");
		if (rows[i].systemd)
			machine_tree_write(&scene->tree, "run/systemd/system/x", "");
		if (rows[i].logind)
			machine_tree_write(&scene->tree, "run/systemd/seats/seat0", "");
		if (rows[i].file)
			machine_tree_write(&scene->tree, rows[i].file, "");
		read_status(scene, &status);
		assert_row(rows[i].row, status.reboot == rows[i].expected);
		assert_row(rows[i].row, rows[i].name ? strcmp(status_reboot_name(status.reboot),
							      rows[i].name) == 0
						     : !status_reboot_name(status.reboot));
		scene_teardown((void **)&scene);
	}
}

static void test_what_a_reboot_does_is_unknown_in_a_container(void **state)
{
	struct scene *scene = *state;
	struct folder *folder = &scene->tree.folder;
	cleanup_status struct status status = {};

	folder_text(folder, "proc/self/ns/x", "");
	assert_int_equal(symlink("pid:[4026532201]", folder_path(folder, "proc/self/ns/pid")), 0);
	read_status(scene, &status);
	assert_int_equal(status.reboot, STATUS_REBOOT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_record_and_kernel_are_judged_together),
	    SCENE_TEST(test_a_load_that_is_under_way_is_told_from_an_interrupted_one),
	    SCENE_TEST(test_who_may_not_see_the_lock_is_told_of_both),
	    SCENE_TEST(test_each_file_is_compared),
	    SCENE_TEST(test_the_crash_image_is_told_beside_the_normal_one),
	    SCENE_TEST(test_what_is_armed_and_its_memory_are_told),
	    SCENE_TEST(test_a_kernel_that_kexec_started_knows_from_where),
	    cmocka_unit_test(test_a_record_that_does_not_fit_this_kernel_is_not_believed),
	    SCENE_TEST(test_purgatorys_stamp_is_proof_enough),
	    cmocka_unit_test(test_what_a_reboot_does_depends_on_the_init_system),
	    SCENE_TEST(test_what_a_reboot_does_is_unknown_in_a_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
