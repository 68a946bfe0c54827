/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/way-back.h"

#include <errno.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "record/record.h"
#include "test-support/crash-tree.h"
#include "test-support/fake-calls.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

#define CRASH_RECORD "run/kexec/crash.json"
#define OLD          "root=/dev/old"
#define NEW          "root=/dev/new"

/* What the kernel does with each loading call in turn: an errno, and whether it frees what it has
 * before. The last one is what it does from then on. */
struct answers {
	struct scene *scene;
	struct {
		int code;
		bool frees;
		void (*also)(struct scene *scene);
	} list[3];
	size_t next;
};
static struct answers answers;

/* Whose command line the last call of kexec_load had. */
static char loaded_words[64];

static void set_armed(struct scene *scene, bool armed)
{
	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", armed ? "1\n" : "0\n");
}

static void play_kernel(void *argument)
{
	struct answers *play = argument;
	size_t i = play->next;

	/* boot_params, and behind it the words; now, as the plan may be gone when the call is
	 * looked at. */
	if (fake_calls.segment_count)
		snprintf(loaded_words, sizeof(loaded_words), "%s",
			 (const char *)fake_calls.segments[1].buf + 4096);
	fake_calls.load_code = fake_calls.file_code = play->list[i].code;
	if (play->list[i].frees)
		set_armed(play->scene, false);
	if (!play->list[i].code)
		set_armed(play->scene, true);
	if (play->list[i].also)
		play->list[i].also(play->scene);
	if (i + 1 < ELEMENTS(play->list))
		play->next++;
}

static void unload_it(void *argument)
{
	struct answers *play = argument;

	set_armed(play->scene, false);
}

static int setup(void **state)
{
	struct scene *scene;

	scene_setup(state);
	scene = *state;
	crash_tree_add(&scene->tree);
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id",
			   "6b0f3f0e-6d8c-4d3f-9a53-0d7f6f4b7a11\n");
	scene->request.kind = PLAN_CRASH;
	scene->request.plain = false;
	scene->request.command_line = OLD;
	answers = (struct answers){.scene = scene};
	fake_calls.during_load = play_kernel;
	fake_calls.during_unload = unload_it;
	fake_calls.argument = &answers;
	return 0;
}

/* The same, and a crash kernel is armed by this program; its files are not those that are asked for
 * next. */
static int setup_armed(void **state)
{
	cleanup_result struct handover_result result = {};
	struct error error = {};
	uint8_t file[KERNEL_FILE_SIZE];
	struct scene *scene;

	setup(state);
	scene = *state;
	scene_load(scene, &result, &error);
	assert_no_failure(&error);
	kernel_file_fill(file);
	scene->request.kernel =
	    folder_write(&scene->tree.folder, "new/vmlinuz", file, sizeof(file));
	scene->request.command_line = NEW;
	fake_calls.load_count = 0;
	answers.next = 0;
	return 0;
}
#define UNARMED_TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)
#define ARMED_TEST(name)   cmocka_unit_test_setup_teardown(name, setup_armed, scene_teardown)

static bool record_has(struct scene *scene, const char *part)
{
	cleanup_free char *text = NULL;

	if (!folder_has(&scene->tree.folder, CRASH_RECORD))
		return false;
	text = folder_read(&scene->tree.folder, CRASH_RECORD);
	return strstr(text, part);
}

static void test_a_load_arms_and_is_recorded_on_its_own(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(fake_calls.load_count, 1);
	assert_int_equal(fake_calls.load_flags, KEXEC_ARCH_DEFAULT | KEXEC_ON_CRASH);
	assert_true(result.changed);
	assert_int_equal(record_state_of(PLAN_CRASH, &scene->tree.root), RECORD_CONFIRMED);
	assert_int_equal(record_state(&scene->tree.root), RECORD_NONE);
	assert_true(record_has(scene, "\"kind\": \"crash\""));
	assert_false(folder_has(&scene->tree.folder, "var/lib/kexec/loaded.json"));
}

static void test_the_flag_for_changes_is_set_where_the_kernel_makes_them(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	machine_tree_write(&scene->tree, "sys/kernel/crash_elfcorehdr_size", "917560\n");
	scene->request.hotplug = CRASH_HOTPLUG_WANTED;
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_int_equal(fake_calls.load_flags, KEXEC_ARCH_DEFAULT | KEXEC_ON_CRASH | 0x4);
}

static void test_by_file_the_kernel_is_told_that_it_is_for_a_panic(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	scene->request.method = METHOD_FILE_ONLY;
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_int_equal(fake_calls.file_flags, KEXEC_FILE_ON_CRASH);
	assert_string_equal(fake_calls.command_line, OLD);
}

static void test_what_the_kernel_dropped_is_loaded_again(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	answers.list[0].code = EINVAL;
	answers.list[0].frees = true;
	assert_int_equal(scene_load(scene, &result, &error), -EINVAL);
	assert_failed(&error, ERROR_REFUSED, "refused");
	assert_int_equal(error.count, 1);
	assert_int_equal(fake_calls.load_count, 2);
	assert_int_equal(strncmp(loaded_words, OLD, strlen(OLD)), 0);
	assert_true(result.restored);
	assert_false(result.disarmed);
	assert_false(result.changed);
	assert_int_equal(record_state_of(PLAN_CRASH, &scene->tree.root), RECORD_CONFIRMED);
	assert_true(record_has(scene, OLD));
}

static void test_what_the_kernel_kept_is_not_loaded_again(void **state)
{
	cleanup_result struct handover_result result = {};
	struct error error = {};

	answers.list[0].code = EPERM;
	assert_int_equal(scene_load(*state, &result, &error), -EPERM);
	assert_int_equal(fake_calls.load_count, 1);
	assert_false(result.restored);
	assert_false(result.disarmed);
	assert_true(record_has(*state, OLD));
}

static void test_where_the_way_back_fails_too_it_is_disarmed(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	answers.list[0].code = answers.list[1].code = ENOMEM;
	answers.list[0].frees = true;
	assert_int_equal(scene_load(scene, &result, &error), -ENOMEM);
	assert_int_equal(error.count, 2);
	assert_true(result.disarmed);
	assert_true(result.changed);
	assert_false(result.restored);
	assert_int_equal(record_state_of(PLAN_CRASH, &scene->tree.root), RECORD_NONE);
}

static void change_the_initrd(struct scene *scene)
{
	folder_text(&scene->tree.folder, "initrd.img", "070701 another one, and longer");
}

static void delete_the_initrd(struct scene *scene)
{
	machine_tree_delete(&scene->tree, "initrd.img");
	scene->request.initrd_count = 0;
}

static void delete_the_record(struct scene *scene)
{
	machine_tree_delete(&scene->tree, CRASH_RECORD);
}

static void interrupt(struct scene *scene)
{
	folder_text(&scene->tree.folder, "run/kexec/crash-loading.json", "{}");
}

static void reboot_it(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id",
			   "00000000-6d8c-4d3f-9a53-0d7f6f4b7a11\n");
}

static void hide_whether_it_is_armed(struct scene *scene)
{
	delete_the_record(scene);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "hello\n");
}

static void shrink_the_reservation(struct scene *scene)
{
	crash_tree_reserve(&scene->tree, 0x45000); /* without an initrd it is enough */
	scene->request.initrd_count = 0;
}

static void allow_one_load(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/kexec_load_limit_panic", "1\n");
}

static void test_without_a_way_back_nothing_is_called(void **state)
{
	static const struct {
		const char *row;
		void (*spoil)(struct scene *scene);
		const char *words;
	} rows[] = {
	    {"changed", change_the_initrd, "this file has changed"},
	    {"gone", delete_the_initrd, "this file is gone"},
	    {"another tool", delete_the_record, "another tool loaded it"},
	    {"interrupted", interrupt, "a load was interrupted"},
	    {"another boot", reboot_it, "of another boot"},
	    {"unknown", hide_whether_it_is_armed, "another tool loaded it"},
	    {"no room", shrink_the_reservation, "the segments leave"},
	    {"one load left", allow_one_load, "one more load only"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_result struct handover_result result = {}, allowed = {};
		struct error error = {}, none = {};
		struct scene *scene;

		if (i > 0) {
			scene_teardown(state);
			setup_armed(state);
		}
		scene = *state;
		rows[i].spoil(scene);
		assert_row(rows[i].row, scene_load(scene, &result, &error) < 0);
		assert_failed(&error, ERROR_RISKY, rows[i].words);
		assert_row(rows[i].row, fake_calls.load_count == 0);
		assert_false(result.disarmed);
		scene->request.allow_disarm = true;
		scene_load(scene, &allowed, &none);
		assert_no_failure(&none);
		assert_row(rows[i].row, fake_calls.load_count == 1);
	}
}

static void test_a_limit_of_two_loads_leaves_a_way_back(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	machine_tree_write(&scene->tree, "proc/sys/kernel/kexec_load_limit_panic", "2\n");
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_int_equal(fake_calls.load_count, 1);
}

static void test_a_limit_of_no_loads_is_told_before_the_kernel_is_asked(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	machine_tree_write(&scene->tree, "proc/sys/kernel/kexec_load_limit_panic", "0\n");
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_FORBIDDEN, "kexec_load_limit_panic is 0");
	assert_int_equal(fake_calls.load_count, 0);
}

static void test_what_cannot_be_planned_does_not_ask_for_a_way_back(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	machine_tree_delete(&scene->tree, CRASH_RECORD);
	scene->request.kernel = "/no/such/kernel";
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_FILE, "/no/such/kernel");
}

static void change_the_new_kernel(struct scene *scene)
{
	folder_text(&scene->tree.folder, "new/vmlinuz", "half a file");
}

static void test_a_file_that_changes_meanwhile_does_not_disarm(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	answers.list[0].frees = true;
	answers.list[0].also = change_the_new_kernel;
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_CHANGED, "new/vmlinuz");
	assert_int_equal(fake_calls.load_count, 2);
	assert_true(result.restored);
	assert_false(result.changed);
	assert_true(record_has(scene, OLD));
}

static void say_that_nothing_is_loaded(struct scene *scene)
{
	set_armed(scene, false);
}

static void test_the_kernels_own_word_has_the_end(void **state)
{
	cleanup_result struct handover_result result = {};
	struct scene *scene = *state;
	struct error error = {};

	answers.list[0].also = say_that_nothing_is_loaded;
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_REFUSED, "says that no crash kernel is loaded");
	assert_null(result.plan);
	assert_int_equal(record_state_of(PLAN_CRASH, &scene->tree.root), RECORD_NONE);
}

static void test_an_unload_is_of_the_crash_image_alone(void **state)
{
	struct scene *scene = *state;
	struct error error = {};
	bool was_loaded;

	assert_int_equal(handover_unload(PLAN_CRASH, &scene->tree.root, &load_calls_fake,
					 METHOD_ANY, NULL, &was_loaded, &error),
			 0);
	assert_no_failure(&error);
	assert_true(was_loaded);
	assert_int_equal(fake_calls.unload_file_count, 1);
	assert_int_equal(record_state_of(PLAN_CRASH, &scene->tree.root), RECORD_NONE);
}

static void test_what_is_armed_already_is_not_armed_again(void **state)
{
	cleanup_result struct handover_result same = {}, more = {}, other = {};
	struct scene *scene = *state;
	struct error error = {};

	scene->request.if_changed = true;
	scene->request.kernel = folder_path(&scene->tree.folder, "vmlinuz");
	scene->request.command_line = OLD;
	assert_int_equal(scene_load(scene, &same, &error), 0);
	assert_int_equal(fake_calls.load_count, 0);
	crash_tree_add_cpu(&scene->tree, 9);
	assert_int_equal(scene_load(scene, &more, &error), 0);
	assert_int_equal(fake_calls.load_count, 1);
	scene->request.command_line = NEW;
	assert_int_equal(scene_load(scene, &other, &error), 0);
	assert_int_equal(fake_calls.load_count, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    UNARMED_TEST(test_a_load_arms_and_is_recorded_on_its_own),
	    UNARMED_TEST(test_the_flag_for_changes_is_set_where_the_kernel_makes_them),
	    UNARMED_TEST(test_by_file_the_kernel_is_told_that_it_is_for_a_panic),
	    ARMED_TEST(test_what_the_kernel_dropped_is_loaded_again),
	    ARMED_TEST(test_what_the_kernel_kept_is_not_loaded_again),
	    ARMED_TEST(test_where_the_way_back_fails_too_it_is_disarmed),
	    ARMED_TEST(test_without_a_way_back_nothing_is_called),
	    ARMED_TEST(test_a_limit_of_two_loads_leaves_a_way_back),
	    ARMED_TEST(test_a_limit_of_no_loads_is_told_before_the_kernel_is_asked),
	    ARMED_TEST(test_what_cannot_be_planned_does_not_ask_for_a_way_back),
	    ARMED_TEST(test_a_file_that_changes_meanwhile_does_not_disarm),
	    UNARMED_TEST(test_the_kernels_own_word_has_the_end),
	    ARMED_TEST(test_an_unload_is_of_the_crash_image_alone),
	    ARMED_TEST(test_what_is_armed_already_is_not_armed_again),
	};

	return cmocka_run_group_tests_name("handover/way-back", tests, NULL, NULL);
}
