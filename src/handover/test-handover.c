/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "record/record.h"
#include "test-support/fake-calls.h"
#include "test-support/gzip.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

static void test_a_load_is_one_call_and_is_recorded(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	cleanup_free char *record = NULL;
	struct error error = {};
	struct stat status;

	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(fake_calls_count(), 1);
	assert_int_equal(fake_calls.load_count, 1);
	assert_int_equal(fake_calls.segment_count, 5);
	assert_int_equal(stat(folder_path(&scene->tree.folder, SCENE_RECORD), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	record = folder_read(&scene->tree.folder, SCENE_RECORD);
	assert_contains(record, scene->request.kernel);
	assert_int_equal(result.plan->note_count, 0);
	assert_false(result.fell_back);
	assert_no_failure(&result.unrecorded);
}

static void test_a_plan_alone_calls_and_writes_nothing(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = scene_plan(scene);

	assert_true(plan->sealed);
	assert_int_equal(fake_calls_count(), 0);
	assert_false(folder_has(&scene->tree.folder, "run/kexec"));
}

static unsigned int planned_count;

/* Before the plan is carried out, and with one that is complete. */
static void count_planned(const struct plan *plan)
{
	assert_true(plan->sealed);
	assert_int_equal(fake_calls_count(), planned_count);
	planned_count++;
}

static void test_each_attempt_shows_its_plan_once_before_it_is_carried_out(void **state)
{
	static const struct {
		int file_code, load_code;
		unsigned int planned;
	} rows[] = {{0, 0, 1}, {ENOEXEC, 0, 2}, {ENOEXEC, EINVAL, 2}, {EPERM, 0, 1}};
	struct scene *scene = *state;

	scene->request.method = METHOD_FILE_THEN_SEGMENTS;
	scene->request.planned = count_planned;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_result struct handover_result result = {};
		struct error error = {};

		fake_calls_reset(NULL);
		fake_calls.file_code = rows[i].file_code;
		fake_calls.load_code = rows[i].load_code;
		planned_count = 0;
		scene_load(scene, &result, &error);
		assert_int_equal(planned_count, rows[i].planned);
	}
}

static void test_an_unload_removes_the_record(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	assert_int_equal(scene_load(scene, &result, NULL), 0);
	assert_int_equal(handover_unload(PLAN_NORMAL, &scene->tree.root, &load_calls_fake,
					 METHOD_ANY, NULL, NULL, &error),
			 0);
	assert_no_failure(&error);
	assert_int_equal(fake_calls.unload_file_count, 1);
	assert_false(folder_has(&scene->tree.folder, SCENE_RECORD));
}

static void test_an_unload_uses_only_the_call_that_was_asked_for(void **state)
{
	static const struct {
		enum method_wish wish;
		unsigned int file_count, load_count;
		bool unloaded;
	} rows[] = {
	    {METHOD_ANY, 1, 1, true},
	    {METHOD_FILE_THEN_SEGMENTS, 1, 1, true},
	    {METHOD_FILE_ONLY, 1, 0, false},
	    {METHOD_SEGMENTS_ONLY, 0, 1, true},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_result struct handover_result result = {};
		struct error error = {};

		fake_calls_reset(NULL);
		assert_int_equal(scene_load(scene, &result, &error), 0);
		fake_calls.unload_file_code = ENOSYS;
		assert_int_equal(handover_unload(PLAN_NORMAL, &scene->tree.root, &load_calls_fake,
						 rows[i].wish, NULL, NULL, &error),
				 rows[i].unloaded ? 0 : -ENOSYS);
		assert_int_equal(fake_calls.unload_file_count, rows[i].file_count);
		assert_int_equal(fake_calls.unload_load_count, rows[i].load_count);
		assert_int_equal(folder_has(&scene->tree.folder, SCENE_RECORD), !rows[i].unloaded);
	}
}

static void test_an_unload_that_is_refused_keeps_the_record(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	assert_int_equal(scene_load(scene, &result, NULL), 0);
	fake_calls.unload_file_code = EBUSY;
	assert_int_equal(handover_unload(PLAN_NORMAL, &scene->tree.root, &load_calls_fake,
					 METHOD_ANY, NULL, NULL, &error),
			 -EBUSY);
	assert_failed(&error, ERROR_BUSY, "unload");
	assert_true(folder_has(&scene->tree.folder, SCENE_RECORD));
}

static void test_a_refused_load_keeps_the_record_of_what_is_still_loaded(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {}, second = {};

	assert_int_equal(scene_load(scene, &result, NULL), 0);
	fake_calls.load_code = EBUSY;
	assert_int_equal(scene_load(scene, &second, NULL), -EBUSY);
	assert_null(second.plan);
	assert_true(folder_has(&scene->tree.folder, SCENE_RECORD));
}

static const struct root *signalled_root;
static enum record_state state_at_signal;
static unsigned int signal_count;

static void on_signal(int signal)
{
	(void)signal;
	signal_count++;
	state_at_signal = record_state(signalled_root);
}

/* The call is interrupted here if anywhere; and a process that is killed here leaves this record.
 */
static void interrupt_the_call(void *argument)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGTSTP};
	struct scene *scene = argument;

	assert_int_equal(record_state(&scene->tree.root), RECORD_UNCONFIRMED);
	for (size_t i = 0; i < ELEMENTS(signals); i++)
		raise(signals[i]);
	assert_int_equal(signal_count, 0);
}

static void test_a_signal_waits_until_the_record_is_in_place(void **state)
{
	static const struct {
		const char *row;
		int code;
		bool unload;
		enum record_state before, after;
	} rows[] = {
	    {"the first load", 0, false, RECORD_NONE, RECORD_CONFIRMED},
	    {"another load", 0, false, RECORD_CONFIRMED, RECORD_CONFIRMED},
	    {"a refused load", EBUSY, false, RECORD_CONFIRMED, RECORD_CONFIRMED},
	    {"a refused unload", EBUSY, true, RECORD_CONFIRMED, RECORD_CONFIRMED},
	    {"an unload", 0, true, RECORD_CONFIRMED, RECORD_NONE},
	    {"a refused first load", EBUSY, false, RECORD_NONE, RECORD_NONE},
	};
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGTSTP};
	struct scene *scene = *state;
	const struct root *root = &scene->tree.root;

	signalled_root = root;
	for (size_t i = 0; i < ELEMENTS(signals); i++)
		assert_true(signal(signals[i], on_signal) != SIG_ERR);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_result struct handover_result result = {};

		assert_row(rows[i].row, record_state(root) == rows[i].before);
		fake_calls_reset(NULL);
		fake_calls.load_code = fake_calls.unload_file_code = rows[i].code;
		fake_calls.during_load = fake_calls.during_unload = interrupt_the_call;
		fake_calls.argument = scene;
		signal_count = 0;
		if (rows[i].unload)
			handover_unload(PLAN_NORMAL, root, &load_calls_fake, METHOD_ANY, NULL, NULL,
					NULL);
		else
			scene_load(scene, &result, NULL);
		assert_row(rows[i].row, fake_calls_count() == 1);
		assert_row(rows[i].row, signal_count == ELEMENTS(signals));
		assert_row(rows[i].row, state_at_signal == rows[i].after);
		assert_row(rows[i].row, record_state(root) == rows[i].after);
	}
	for (size_t i = 0; i < ELEMENTS(signals); i++)
		signal(signals[i], SIG_DFL);
}

static bool lock_is_held(struct folder *folder)
{
	int fd = open(folder_path(folder, "run/kexec/lock"), O_RDWR | O_CLOEXEC);
	bool held;

	assert_true(fd >= 0);
	held = flock(fd, LOCK_EX | LOCK_NB) < 0;
	close(fd);
	return held;
}

static void see_lock(void *argument)
{
	assert_true(lock_is_held(argument));
}

static void test_a_load_holds_the_lock_and_gives_it_back(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};

	fake_calls.during_load = see_lock;
	fake_calls.argument = &scene->tree.folder;
	assert_int_equal(scene_load(scene, &result, NULL), 0);
	assert_int_equal(fake_calls.load_count, 1);
	assert_false(lock_is_held(&scene->tree.folder));
}

static void succeed_next_time(void *argument)
{
	fake_calls.load_code = fake_calls.load_count > 1 ? 0 : *(int *)argument;
}

static void test_without_memory_for_an_unpacked_kernel_it_is_loaded_as_it_is(void **state)
{
	struct scene *scene = *state;
	int code = ENOMEM;

	if (!gzip_is_built())
		skip();
	scene->request.plain = false;
	fake_calls.during_load = succeed_next_time;
	fake_calls.argument = &code;
	for (int method = METHOD_ANY; method <= METHOD_SEGMENTS_ONLY; method++) {
		cleanup_result struct handover_result result = {};

		fake_calls.load_count = 0;
		scene->request.method = (enum method_wish)method;
		assert_int_equal(scene_load(scene, &result, NULL), 0);
		assert_int_equal(fake_calls.load_count, 2);
		assert_false(result.fell_back); /* it is the same method */
		assert_int_equal(result.plan->form, PLAN_PLAIN);
		assert_contains(result.plan->notes[0].text, "no memory for it unpacked");
	}
}

static int refusals(struct scene *scene, int code)
{
	struct handover_result result;

	fake_calls.load_code = code;
	fake_calls.load_count = 0;
	assert_true(scene_load(scene, &result, NULL) < 0);
	return (int)fake_calls.load_count;
}

static void test_a_kernel_as_it_is_or_another_errno_is_not_tried_again(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(refusals(scene, ENOMEM), 1);
	scene->request.plain = false;
	assert_int_equal(refusals(scene, ENOMEM), gzip_is_built() ? 2 : 1);
	assert_int_equal(refusals(scene, EADDRNOTAVAIL), 1);
}

static void test_without_run_a_load_succeeds_and_says_that_it_is_not_recorded(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	machine_tree_delete(&scene->tree, "run/motd");
	machine_tree_delete(&scene->tree, "run");
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(result.unrecorded.count, 1);
	assert_failed(&result.unrecorded, ERROR_FILE, "not recorded");
	assert_int_equal(result.unrecorded.failures[0].code, ENOENT);
	assert_false(result.fell_back);
	assert_int_equal(result.plan->note_count, 0);
}

static void test_a_fall_back_and_a_missing_record_are_told_apart(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	scene_block_record(scene);
	fake_calls.load_code = ENOSYS;
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_true(result.fell_back);
	assert_int_equal(error.count, 1);
	assert_string_equal(error.failures[0].step, "kexec_load");
	assert_int_equal(result.unrecorded.count, 1);
	assert_failed(&result.unrecorded, ERROR_FILE, "not recorded");
}

static void test_an_unload_succeeds_though_its_record_cannot_be_removed(void **state)
{
	struct scene *scene = *state;
	struct error error = {};

	scene_block_record(scene);
	assert_int_equal(handover_unload(PLAN_NORMAL, &scene->tree.root, &load_calls_fake,
					 METHOD_ANY, NULL, NULL, &error),
			 0);
	assert_int_equal(fake_calls.unload_file_count, 1);
	assert_int_equal(error.count, 1);
	assert_failed(&error, ERROR_FILE, "no longer loaded");
}

/* What the kernel answers to the first call, and whether the other call is made then. */
static void test_each_errno_falls_back_by_the_wish(void **state)
{
	static const int codes[] = {EPERM,        EACCES, EINVAL,  EADDRNOTAVAIL, EBUSY,  ENOMEM,
				    EFAULT,       ENOSYS, ENOEXEC, ENOTSUP,       ENOKEY, ENODATA,
				    EKEYREJECTED, EIO,    EBADMSG, EMSGSIZE};
	static const struct {
		const char *row;
		enum method_wish wish;
		enum plan_method first;
		bool lockdown_unknown;
		int falls_back[5];
	} rows[] = {
	    {"-c", METHOD_SEGMENTS_ONLY, PLAN_SEGMENTS, false, {}},
	    {"-s", METHOD_FILE_ONLY, PLAN_FILE, false, {}},
	    {"-a", METHOD_FILE_THEN_SEGMENTS, PLAN_FILE, false, {ENOSYS, EINVAL, ENOEXEC, ENOTSUP}},
	    {"none", METHOD_ANY, PLAN_SEGMENTS, false, {ENOSYS, EACCES}},
	    {"none, lockdown unknown", METHOD_ANY, PLAN_SEGMENTS, true, {ENOSYS, EACCES, EPERM}},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (size_t j = 0; j < ELEMENTS(codes); j++) {
			bool by_file = rows[i].first == PLAN_FILE, falls_back = false;
			cleanup_result struct handover_result result = {};
			struct error error = {};
			int r;

			for (size_t k = 0; k < ELEMENTS(rows[i].falls_back); k++)
				falls_back = falls_back || rows[i].falls_back[k] == codes[j];
			if (rows[i].lockdown_unknown &&
			    folder_has(&scene->tree.folder, "sys/kernel/security/lockdown"))
				machine_tree_delete(&scene->tree, "sys/kernel/security/lockdown");
			fake_calls_reset(NULL);
			*(by_file ? &fake_calls.file_code : &fake_calls.load_code) = codes[j];
			scene->request.method = rows[i].wish;
			r = scene_load(scene, &result, &error);
			assert_row(rows[i].row, r == (falls_back ? 0 : -codes[j]));
			assert_row(rows[i].row, fake_calls.load_count == (!by_file || falls_back));
			assert_row(rows[i].row, fake_calls.file_count == (by_file || falls_back));
			/* The failure that was overcome is kept too. */
			assert_row(rows[i].row, error.count == 1);
			assert_row(rows[i].row, error.failures[0].code == codes[j]);
			assert_row(rows[i].row, (result.plan != NULL) == falls_back);
			assert_row(rows[i].row, result.fell_back == falls_back);
			if (result.plan)
				assert_row(rows[i].row, result.plan->method != rows[i].first);
		}
}

static void test_when_the_fall_back_fails_too_both_failures_are_kept(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	scene->request.method = METHOD_FILE_THEN_SEGMENTS;
	fake_calls.file_code = ENOEXEC;
	fake_calls.load_code = EINVAL; /* not a reason to go round again */
	assert_int_equal(scene_load(scene, &result, &error), -EINVAL);
	assert_null(result.plan);
	assert_int_equal(error.count, 2);
	assert_string_equal(error.failures[0].step, "kexec_file_load");
	assert_int_equal(error.failures[0].code, ENOEXEC);
	assert_string_equal(error.failures[1].step, "kexec_load");
	assert_int_equal(fake_calls_count(), 2);
	assert_false(folder_has(&scene->tree.folder, SCENE_RECORD));
}

static void test_what_is_forbidden_is_refused_before_any_call(void **state)
{
	static const struct {
		const char *file, *text, *words;
	} rows[] = {
	    {"proc/sys/kernel/kexec_load_disabled", "1\n", "kexec_load_disabled"},
	    {"proc/self/status", "x\nCapEff:\t0000000000000000\n", "CAP_SYS_BOOT"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		void *made;
		struct scene *scene;
		cleanup_result struct handover_result result = {};
		struct error error = {};

		scene_setup(&made);
		scene = made;
		machine_tree_write(&scene->tree, rows[i].file, rows[i].text);
		assert_int_equal(scene_load(scene, &result, &error), -EINVAL);
		assert_failed(&error, ERROR_FORBIDDEN, rows[i].words);
		assert_int_equal(fake_calls_count(), 0);
		scene_teardown(&made);
	}
}

static void test_what_is_not_known_to_be_forbidden_is_tried(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};

	machine_tree_delete(&scene->tree, "proc/sys/kernel/kexec_load_disabled");
	machine_tree_delete(&scene->tree, "proc/self/status");
	assert_int_equal(scene_load(scene, &result, NULL), 0);
	assert_int_equal(fake_calls.load_count, 1);
}

static void test_the_kernels_own_debugging_is_asked_for_only_where_it_exists(void **state)
{
	static const struct {
		const char *release;
		unsigned long flags;
	} rows[] = {{"6.8.0\n", 8}, {"6.7.0\n", 0}, {"\n", 0}};
	struct scene *scene = *state;

	scene->request.debug = true;
	scene->request.method = METHOD_FILE_ONLY;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_result struct handover_result result = {};

		machine_tree_write(&scene->tree, "proc/sys/kernel/osrelease", rows[i].release);
		assert_int_equal(scene_load(scene, &result, NULL), 0);
		assert_int_equal(fake_calls.file_flags, rows[i].flags);
	}
}

static void test_the_jump_makes_sense_unless_nothing_is_loaded(void **state)
{
	struct scene *scene = *state;
	struct error error = {}, none = {};

	assert_int_equal(handover_check_jump(&scene->tree.root, &error), -EINVAL);
	assert_failed(&error, ERROR_NOT_LOADED, "no kernel is loaded");
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	assert_int_equal(handover_check_jump(&scene->tree.root, &none), 0);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "?\n");
	assert_int_equal(handover_check_jump(&scene->tree.root, &none), 0);
	assert_no_failure(&none);
}

static void test_a_jump_that_this_process_may_not_make_is_refused_before_anything(void **state)
{
	struct scene *scene = *state;
	struct error error = {}, none = {};

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	machine_tree_write(&scene->tree, "proc/self/status", "x\nCapEff:\tffffffffffbfffff\n");
	assert_true(handover_check_jump(&scene->tree.root, &error) < 0);
	assert_failed(&error, ERROR_FORBIDDEN, "CAP_SYS_BOOT");
	/* What is not known to be forbidden is tried. */
	machine_tree_delete(&scene->tree, "proc/self/status");
	assert_int_equal(handover_check_jump(&scene->tree.root, &none), 0);
	assert_no_failure(&none);
}

static void test_a_kernel_without_kexec_is_told_from_a_system_without_sys(void **state)
{
	cleanup_folder struct folder empty;
	struct scene *scene = *state;
	struct error error = {}, none = {};
	struct root root;

	machine_tree_delete(&scene->tree, "sys/kernel/kexec_loaded");
	assert_int_equal(handover_check_jump(&scene->tree.root, &error), -EINVAL);
	assert_failed(&error, ERROR_UNSUPPORTED, "has no kexec");
	folder_make(&empty);
	assert_int_equal(root_open(&root, empty.path, NULL), 0);
	assert_int_equal(handover_check_jump(&root, &none), 0);
	root_close(&root);
	assert_no_failure(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_a_load_is_one_call_and_is_recorded),
	    SCENE_TEST(test_a_plan_alone_calls_and_writes_nothing),
	    SCENE_TEST(test_each_attempt_shows_its_plan_once_before_it_is_carried_out),
	    SCENE_TEST(test_an_unload_removes_the_record),
	    SCENE_TEST(test_an_unload_uses_only_the_call_that_was_asked_for),
	    SCENE_TEST(test_an_unload_that_is_refused_keeps_the_record),
	    SCENE_TEST(test_a_refused_load_keeps_the_record_of_what_is_still_loaded),
	    SCENE_TEST(test_a_signal_waits_until_the_record_is_in_place),
	    SCENE_TEST(test_a_load_holds_the_lock_and_gives_it_back),
	    SCENE_TEST(test_without_run_a_load_succeeds_and_says_that_it_is_not_recorded),
	    SCENE_TEST(test_a_fall_back_and_a_missing_record_are_told_apart),
	    SCENE_TEST(test_without_memory_for_an_unpacked_kernel_it_is_loaded_as_it_is),
	    SCENE_TEST(test_a_kernel_as_it_is_or_another_errno_is_not_tried_again),
	    SCENE_TEST(test_an_unload_succeeds_though_its_record_cannot_be_removed),
	    SCENE_TEST(test_each_errno_falls_back_by_the_wish),
	    SCENE_TEST(test_when_the_fall_back_fails_too_both_failures_are_kept),
	    cmocka_unit_test(test_what_is_forbidden_is_refused_before_any_call),
	    SCENE_TEST(test_what_is_not_known_to_be_forbidden_is_tried),
	    SCENE_TEST(test_the_kernels_own_debugging_is_asked_for_only_where_it_exists),
	    SCENE_TEST(test_the_jump_makes_sense_unless_nothing_is_loaded),
	    SCENE_TEST(test_a_jump_that_this_process_may_not_make_is_refused_before_anything),
	    SCENE_TEST(test_a_kernel_without_kexec_is_told_from_a_system_without_sys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
