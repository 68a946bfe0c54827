/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that change while they are loaded, and failures of our own between two attempts. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "handover/handover.h"
#include "record/record.h"
#include "test-support/fake-calls.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

static unsigned int planned_count;

static void count_planned(const struct plan *plan)
{
	(void)plan;
	planned_count++;
}

static void restore_kernel(struct scene *scene)
{
	uint8_t file[KERNEL_FILE_SIZE];

	kernel_file_fill(file);
	folder_write(&scene->tree.folder, "vmlinuz", file, sizeof(file));
}

static void change_kernel(void *argument)
{
	folder_text(argument, "vmlinuz", "changed");
}

static void test_what_was_unloaded_after_a_change_is_no_longer_recorded(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {}, second = {};
	struct error error = {};

	assert_int_equal(scene_load(scene, &result, NULL), 0);
	fake_calls.during_load = change_kernel;
	fake_calls.argument = &scene->tree.folder;
	assert_true(scene_load(scene, &second, &error) < 0);
	assert_failed(&error, ERROR_CHANGED, "vmlinuz");
	assert_int_equal(fake_calls.unload_file_count, 1);
	assert_int_equal(fake_calls.load_count, 2); /* a change is no reason for another method */
	assert_false(folder_has(&scene->tree.folder, SCENE_RECORD));
}

/* The kernel dropped what the record describes when it took the plan, whatever it says now. */
static void test_a_change_removes_the_record_whatever_is_said_to_be_loaded(void **state)
{
	static const char *const loaded[] = {"0\n", "1\n", "?\n"};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(loaded); i++) {
		cleanup_result struct handover_result result = {}, second = {};
		struct error error = {};

		restore_kernel(scene);
		fake_calls_reset(NULL);
		assert_int_equal(scene_load(scene, &result, NULL), 0);
		machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", loaded[i]);
		fake_calls.during_load = change_kernel;
		fake_calls.argument = &scene->tree.folder;
		assert_true(scene_load(scene, &second, &error) < 0);
		assert_failed(&error, ERROR_CHANGED, "vmlinuz");
		assert_int_equal(error.count, 1);
		assert_row(loaded[i], second.changed == (*loaded[i] != '0'));
		assert_false(folder_has(&scene->tree.folder, SCENE_RECORD));
	}
}

static void test_a_change_whose_unload_is_refused_leaves_no_record_and_is_the_end(void **state)
{
	static const enum method_wish wishes[] = {METHOD_ANY, METHOD_FILE_ONLY,
						  METHOD_SEGMENTS_ONLY, METHOD_FILE_THEN_SEGMENTS};
	static const int codes[] = {EBUSY, EINVAL, EACCES, ENOSYS};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(wishes); i++)
		for (size_t j = 0; j < ELEMENTS(codes); j++) {
			cleanup_result struct handover_result result = {}, second = {};
			struct error error = {};

			restore_kernel(scene);
			fake_calls_reset(NULL);
			scene->request.method = wishes[i];
			assert_int_equal(scene_load(scene, &result, NULL), 0);
			machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
			fake_calls_reset(NULL);
			fake_calls.during_load = change_kernel;
			fake_calls.argument = &scene->tree.folder;
			fake_calls.unload_file_code = fake_calls.unload_load_code = codes[j];
			assert_true(scene_load(scene, &second, &error) < 0);
			assert_null(second.plan);
			assert_int_equal(error.count, 2);
			assert_int_equal(error.failures[0].kind, ERROR_CHANGED);
			assert_string_equal(error.failures[1].step, "unload");
			assert_int_equal(error.failures[1].code, codes[j]);
			assert_int_equal(fake_calls.load_count + fake_calls.file_count, 1);
			assert_false(folder_has(&scene->tree.folder, SCENE_RECORD));
		}
}

/* A record that cannot be removed is told behind the change. */
static void test_after_a_change_a_record_that_stays_is_told_of(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	scene_block_record(scene);
	fake_calls.during_load = change_kernel;
	fake_calls.argument = &scene->tree.folder;
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_int_equal(error.count, 2);
	assert_int_equal(error.failures[0].kind, ERROR_CHANGED);
	assert_string_equal(error.failures[1].step, "remove record");
}

/* The kernel did not take it, so what the record describes is still loaded. */
static void test_a_change_during_a_refused_call_keeps_the_record_and_is_the_end(void **state)
{
	static const int codes[] = {EINVAL, ENOEXEC, ENOSYS};
	struct scene *scene = *state;

	scene->request.method = METHOD_FILE_THEN_SEGMENTS;
	for (size_t i = 0; i < ELEMENTS(codes); i++) {
		cleanup_result struct handover_result result = {}, second = {};
		struct error error = {};

		restore_kernel(scene);
		fake_calls_reset(NULL);
		assert_int_equal(scene_load(scene, &result, NULL), 0);
		fake_calls_reset(NULL);
		fake_calls.file_code = codes[i];
		fake_calls.during_load = change_kernel;
		fake_calls.argument = &scene->tree.folder;
		assert_true(scene_load(scene, &second, &error) < 0);
		assert_int_equal(error.count, 2);
		assert_int_equal(error.failures[0].code, codes[i]);
		assert_int_equal(error.failures[1].kind, ERROR_CHANGED);
		assert_int_equal(fake_calls_count(), 1);
		assert_true(folder_has(&scene->tree.folder, SCENE_RECORD));
	}
}

static struct rlimit limit_before;

static void allow_no_descriptor(const struct plan *plan)
{
	struct rlimit none = {0, limit_before.rlim_max};

	planned_count++;
	assert_true(plan->sealed);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
}

static void close_kernel_file(const struct plan *plan)
{
	planned_count++;
	assert_int_equal(close(plan->kernel->files[0].fd), 0);
}

static void allow_no_bytes(const struct plan *plan)
{
	struct rlimit none = {0, limit_before.rlim_max};

	planned_count++;
	assert_true(plan->sealed);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
}

static void truncate_kernel_file(const struct plan *plan)
{
	planned_count++;
	assert_int_equal(truncate(plan->kernel->files[0].path, 7), 0);
}

/* F_DUPFD's own EINVAL among them, on which -a would fall back if it were the kernel's. */
static void test_a_local_failure_is_not_taken_for_the_kernels_refusal(void **state)
{
	static const struct {
		const char *row;
		void (*planned)(const struct plan *plan);
		int limit;
		size_t initrds;
		int result;
		const char *step;
	} rows[] = {
	    {"dup", allow_no_descriptor, RLIMIT_NOFILE, 1, -EINVAL, "join files"},
	    {"memfd_create", allow_no_descriptor, RLIMIT_NOFILE, 2, -EMFILE, "join files"},
	    {"sendfile", allow_no_bytes, RLIMIT_FSIZE, 2, -EFBIG, "join files"},
	    {"fstat", close_kernel_file, RLIMIT_NOFILE, 1, -EBADF, "examine"},
	    {"changed before", truncate_kernel_file, RLIMIT_NOFILE, 1, -EINVAL, "load"},
	};
	struct scene *scene = *state;

	signal(SIGXFSZ, SIG_IGN);
	scene->request.method = METHOD_FILE_THEN_SEGMENTS;
	scene->initrds[1] = folder_text(&scene->tree.folder, "second.img", "more bytes");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_result struct handover_result result = {}, second = {};
		struct error error = {};
		int r;

		fake_calls_reset(NULL);
		scene->request.planned = NULL;
		scene->request.initrd_count = rows[i].initrds;
		assert_int_equal(scene_load(scene, &result, NULL), 0);
		fake_calls_reset(NULL);
		planned_count = 0;
		scene->request.planned = rows[i].planned;
		assert_int_equal(getrlimit(rows[i].limit, &limit_before), 0);
		r = scene_load(scene, &second, &error);
		assert_int_equal(setrlimit(rows[i].limit, &limit_before), 0);
		assert_row(rows[i].row, r == rows[i].result);
		assert_row(rows[i].row, error.count == 1);
		assert_row(rows[i].row, strcmp(error.failures[0].step, rows[i].step) == 0);
		/* No second plan is made, no call at all, and what is loaded stays recorded. */
		assert_row(rows[i].row, planned_count == 1);
		assert_row(rows[i].row, fake_calls_count() == 0);
		assert_row(rows[i].row, second.plan == NULL && !second.fell_back);
		assert_row(rows[i].row, folder_has(&scene->tree.folder, SCENE_RECORD));
	}
}

/* Its -EINVAL is not the kernel's EINVAL, on which -a falls back. */
static void test_a_change_is_no_reason_for_another_method_with_a_either(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	scene->request.method = METHOD_FILE_THEN_SEGMENTS;
	fake_calls.during_load = change_kernel;
	fake_calls.argument = &scene->tree.folder;
	planned_count = 0;
	scene->request.planned = count_planned;
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_null(result.plan);
	assert_failed(&error, ERROR_CHANGED, "vmlinuz");
	assert_int_equal(error.count, 1);
	assert_int_equal(planned_count, 1);
	assert_int_equal(fake_calls.load_count, 0);
}

static void change_kernel_of_second_call(void *argument)
{
	if (fake_calls.file_count + fake_calls.load_count == 2)
		change_kernel(argument);
}

static void test_a_change_during_the_second_attempt_removes_the_record_too(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {}, second = {};
	struct error error = {};

	assert_int_equal(scene_load(scene, &result, NULL), 0);
	fake_calls_reset(NULL);
	scene->request.method = METHOD_FILE_THEN_SEGMENTS;
	fake_calls.file_code = ENOEXEC;
	fake_calls.during_load = change_kernel_of_second_call;
	fake_calls.argument = &scene->tree.folder;
	assert_true(scene_load(scene, &second, &error) < 0);
	assert_int_equal(error.count, 2);
	assert_int_equal(error.failures[1].kind, ERROR_CHANGED);
	assert_int_equal(fake_calls.unload_file_count, 1);
	assert_false(folder_has(&scene->tree.folder, SCENE_RECORD));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_what_was_unloaded_after_a_change_is_no_longer_recorded),
	    SCENE_TEST(test_a_change_removes_the_record_whatever_is_said_to_be_loaded),
	    SCENE_TEST(test_a_change_whose_unload_is_refused_leaves_no_record_and_is_the_end),
	    SCENE_TEST(test_after_a_change_a_record_that_stays_is_told_of),
	    SCENE_TEST(test_a_change_during_a_refused_call_keeps_the_record_and_is_the_end),
	    SCENE_TEST(test_a_local_failure_is_not_taken_for_the_kernels_refusal),
	    SCENE_TEST(test_a_change_is_no_reason_for_another_method_with_a_either),
	    SCENE_TEST(test_a_change_during_the_second_attempt_removes_the_record_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
