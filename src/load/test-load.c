/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/load.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "plan/plan.h"
#include "test-support/fake-calls.h"
#include "test-support/join-files.h"
#include "test-support/machine-tree.h"
#include "test-support/sample-plan.h"
#include "test-support/test.h"

/* linux/kexec.h, from Linux 6.8 on. */
#define FILE_DEBUG 8

static const struct load_options quiet;

static int setup(void **state)
{
	fake_calls_reset(NULL);
	return machine_tree_setup(state);
}

static int load_with(const struct plan *plan, const struct machine_tree *tree,
		     struct load_result *result, struct error *error)
{
	return load_plan(plan, &quiet, &load_calls_fake, &tree->root, result, error);
}

static int load(const struct plan *plan, const struct machine_tree *tree, struct error *error)
{
	struct load_result result;

	return load_with(plan, tree, &result, error);
}

static struct plan *segments_plan(void)
{
	struct plan *plan = sample_plan();

	assert_int_equal(plan_seal(plan, NULL), 0);
	return plan;
}

/* A plan by file, with `count` initrds of some bytes each. */
static struct plan *file_plan(struct machine_tree *tree, size_t count)
{
	static const char *const contents[] = {"first", "second!!", "third initrd"};
	const char *kernel = folder_text(&tree->folder, "vmlinuz", "kernel bytes");
	struct plan *plan = plan_new(PLAN_FILE);
	const char *paths[ELEMENTS(contents)];
	struct blob *blob;

	assert_non_null(plan);
	plan->kernel_path = strdup(kernel);
	plan->command_line = strdup("root=/dev/vda1");
	assert_int_equal(blob_open(&blob, kernel, NULL), 0);
	plan->kernel = plan_own(plan, blob);
	for (size_t i = 0; i < count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "initrd%zu", i);
		paths[i] = folder_text(&tree->folder, name, contents[i]);
	}
	if (count) {
		blob = join_files(paths, count);
		plan->initrds = plan_own(plan, blob);
	}
	assert_int_equal(plan_seal(plan, NULL), 0);
	return plan;
}

static void test_segments_are_passed_as_planned_in_one_call(void **state)
{
	cleanup_plan struct plan *plan = segments_plan();
	struct load_result result = {};
	struct error error = {};

	plan->segments[SAMPLE_KERNEL].content_offset = 100;
	plan->segments[SAMPLE_KERNEL].content_size -= 100;
	assert_int_equal(load_with(plan, *state, &result, &error), 0);
	assert_no_failure(&error);
	assert_true(result.replaced);
	assert_int_equal(fake_calls.load_count, 1);
	assert_int_equal(fake_calls.file_count, 0);
	assert_int_equal(fake_calls.unload_file_count + fake_calls.unload_load_count, 0);
	assert_int_equal(fake_calls.entry, plan->entry);
	assert_int_equal(fake_calls.load_flags, KEXEC_ARCH_DEFAULT);
	assert_int_equal(fake_calls.segment_count, SAMPLE_COUNT);
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		const struct kexec_segment *passed = &fake_calls.segments[i];
		const struct plan_segment *segment = &plan->segments[i];

		assert_ptr_equal(passed->buf, segment->content->memory + segment->content_offset);
		assert_int_equal(passed->bufsz, segment->content_size);
		assert_int_equal((uintptr_t)passed->mem, segment->destination.start);
		assert_int_equal(passed->memsz, range_size(segment->destination));
	}
}

static void test_a_plan_that_is_not_sealed_is_not_carried_out(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct load_result result = {.replaced = true};
	struct error error = {};

	assert_true(load_with(plan, *state, &result, &error) < 0);
	assert_failed(&error, ERROR_INTERNAL, "not sealed");
	assert_false(result.replaced);
	assert_int_equal(fake_calls.load_count + fake_calls.file_count, 0);
}

static const struct {
	int code;
	enum error_kind kind;
} kinds[] = {
    {EPERM, ERROR_FORBIDDEN},       {EACCES, ERROR_FORBIDDEN},   {EINVAL, ERROR_REFUSED},
    {EADDRNOTAVAIL, ERROR_NO_ROOM}, {EBUSY, ERROR_BUSY},         {ENOMEM, ERROR_NO_ROOM},
    {EFAULT, ERROR_REFUSED},        {ENOSYS, ERROR_UNSUPPORTED}, {E2BIG, ERROR_REFUSED},
    {ENOTSUP, ERROR_UNSUPPORTED},   {ENOEXEC, ERROR_IMAGE},      {EBADF, ERROR_REFUSED},
    {ETXTBSY, ERROR_CHANGED},       {EFBIG, ERROR_TOO_LONG},     {EIO, ERROR_FILE},
    {ENODATA, ERROR_SIGNATURE},     {ENOKEY, ERROR_SIGNATURE},   {EKEYREJECTED, ERROR_SIGNATURE},
    {ELIBBAD, ERROR_SIGNATURE},     {EBADMSG, ERROR_SIGNATURE},  {ENOPKG, ERROR_SIGNATURE},
    {4095, ERROR_REFUSED},
};

static void assert_refused(const struct error *error, size_t i, int r, const char *step,
			   const char *subject)
{
	/* Positive: it was the kernel itself that refused. */
	assert_int_equal(r, kinds[i].code);
	assert_int_equal(error->count, 1);
	assert_int_equal(error->failures[0].kind, kinds[i].kind);
	assert_int_equal(error->failures[0].code, kinds[i].code);
	assert_string_equal(error->failures[0].step, step);
	assert_string_equal(error->failures[0].subject, subject);
	assert_int_equal(fake_calls.unload_file_count + fake_calls.unload_load_count, 0);
}

static void test_every_errno_of_kexec_load_becomes_an_error_of_its_kind(void **state)
{
	cleanup_plan struct plan *plan = segments_plan();

	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		struct load_result result = {.replaced = true};
		struct error error = {};
		int r;

		fake_calls_reset(NULL);
		fake_calls.load_code = kinds[i].code;
		r = load_with(plan, *state, &result, &error);
		assert_refused(&error, i, r, "kexec_load", plan->kernel_path);
		assert_false(result.replaced);
		assert_int_equal(fake_calls.load_count, 1);
		assert_int_equal(fake_calls.file_count, 0);
	}
}

static void test_every_errno_of_kexec_file_load_becomes_an_error_of_its_kind(void **state)
{
	cleanup_plan struct plan *plan = file_plan(*state, 1);

	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		struct load_result result = {.replaced = true};
		struct error error = {};
		int r;

		fake_calls_reset(NULL);
		fake_calls.file_code = kinds[i].code;
		r = load_with(plan, *state, &result, &error);
		assert_refused(&error, i, r, "kexec_file_load", plan->kernel_path);
		assert_false(result.replaced);
		assert_int_equal(fake_calls.file_count, 1);
		assert_int_equal(fake_calls.load_count, 0);
	}
}

static void test_one_initrd_is_handed_on_as_it_is(void **state)
{
	cleanup_plan struct plan *plan = file_plan(*state, 1);
	struct error error = {};

	assert_int_equal(load(plan, *state, &error), 0);
	assert_int_equal(fake_calls.file_count, 1);
	assert_int_equal(fake_calls.kernel_fd, plan->kernel->files[0].fd);
	assert_int_equal(fake_calls.initrd_status.st_ino, plan->initrds->files[0].status.st_ino);
	assert_int_equal(fake_calls.initrd_status.st_dev, plan->initrds->files[0].status.st_dev);
	assert_int_equal(fake_calls.file_flags, 0);
	assert_int_equal(fake_calls.command_line_size, strlen("root=/dev/vda1") + 1);
	assert_string_equal(fake_calls.command_line, "root=/dev/vda1");
	/* The descriptor was made for this call; the plan's own stays. */
	assert_int_equal(fcntl(fake_calls.initrd_fd, F_GETFD), -1);
	assert_int_not_equal(fcntl(plan->initrds->files[0].fd, F_GETFD), -1);
}

static void test_several_initrds_are_joined_on_boundaries_of_four_bytes(void **state)
{
	static const char joined[] = "first\0\0\0second!!third initrd";
	cleanup_plan struct plan *plan = file_plan(*state, 3);
	struct error error = {};

	assert_int_equal(load(plan, *state, &error), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_not_equal(fake_calls.initrd_fd, plan->initrds->files[i].fd);
	assert_int_equal(fake_calls.initrd_size, sizeof(joined) - 1);
	assert_memory_equal(fake_calls.initrd, joined, sizeof(joined) - 1);
	/* It was made for this call and is closed behind it. */
	assert_int_equal(fcntl(fake_calls.initrd_fd, F_GETFD), -1);
}

static void test_without_an_initrd_the_kernel_is_told_so(void **state)
{
	cleanup_plan struct plan *plan = file_plan(*state, 0);

	assert_int_equal(load(plan, *state, NULL), 0);
	assert_int_equal(fake_calls.initrd_fd, -1);
	assert_int_equal(fake_calls.file_flags, KEXEC_FILE_NO_INITRAMFS);
}

static void test_debugging_is_a_flag_of_kexec_file_load(void **state)
{
	static const struct load_options debug = {.debug = true};
	cleanup_plan struct plan *by_file = file_plan(*state, 1), *by_segments = segments_plan();
	struct machine_tree *tree = *state;
	struct load_result result;

	assert_int_equal(load_plan(by_file, &debug, &load_calls_fake, &tree->root, &result, NULL),
			 0);
	assert_int_equal(fake_calls.file_flags, FILE_DEBUG);
	assert_int_equal(
	    load_plan(by_segments, &debug, &load_calls_fake, &tree->root, &result, NULL), 0);
	assert_int_equal(fake_calls.load_flags, KEXEC_ARCH_DEFAULT);
}

static void log_two_lines(void *argument)
{
	struct machine_tree *tree = argument;
	FILE *log = fopen(folder_path(&tree->folder, "dev/kmsg"), "a");

	assert_non_null(log);
	fputs("3,2,2,-;kexec: bad signature\n SUBSYSTEM=x\n", log);
	assert_int_equal(fclose(log), 0);
}

static void test_what_the_kernel_logged_meanwhile_is_part_of_the_error(void **state)
{
	cleanup_plan struct plan *plan = segments_plan();
	struct error error = {};

	fake_calls.load_code = EINVAL;
	fake_calls.during_load = log_two_lines;
	fake_calls.argument = *state;
	assert_int_equal(load(plan, *state, &error), EINVAL);
	assert_failed(&error, ERROR_REFUSED, "logged \"kexec: bad signature\"");
	assert_lacks(error.failures[0].detail, "older line");
}

static void test_without_a_log_the_error_has_none(void **state)
{
	cleanup_plan struct plan *plan = segments_plan();
	struct error error = {};

	machine_tree_delete(*state, "dev/kmsg");
	fake_calls.load_code = EINVAL;
	assert_int_equal(load(plan, *state, &error), EINVAL);
	assert_failed(&error, ERROR_REFUSED, "refused");
	assert_lacks(error.failures[0].detail, "logged");
}

static void change_kernel(void *argument)
{
	folder_text(argument, "vmlinuz", "another kernel, and a longer one");
}

static void change_initrd(void *argument)
{
	folder_text(argument, "initrd1", "another");
}

static void test_a_file_that_changes_during_the_call_is_unloaded_again(void **state)
{
	void (*const changes[])(void *) = {change_kernel, change_initrd};
	struct machine_tree *tree = *state;

	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		cleanup_plan struct plan *plan = file_plan(tree, 2);
		struct load_result result = {};
		struct error error = {};

		fake_calls_reset(NULL);
		fake_calls.during_load = changes[i];
		fake_calls.argument = &tree->folder;
		assert_int_equal(load_with(plan, tree, &result, &error), -EINVAL);
		assert_true(result.replaced);
		assert_failed(&error, ERROR_CHANGED, i ? "initrd1" : "vmlinuz");
		assert_int_equal(fake_calls.file_count, 1);
		assert_int_equal(fake_calls.unload_file_count, 1);
		assert_int_equal(error.count, 1);
	}
}

static void test_a_failing_unload_comes_behind_the_change(void **state)
{
	struct machine_tree *tree = *state;
	cleanup_plan struct plan *plan = file_plan(tree, 0);
	struct load_result result = {};
	struct error error = {};

	fake_calls.during_load = change_kernel;
	fake_calls.argument = &tree->folder;
	fake_calls.unload_file_code = EBUSY;
	assert_int_equal(load_with(plan, tree, &result, &error), -EINVAL);
	assert_true(result.replaced);
	assert_int_equal(error.count, 2);
	assert_int_equal(error.failures[0].kind, ERROR_CHANGED);
	assert_int_equal(error.failures[1].kind, ERROR_BUSY);
}

static void test_a_file_that_changed_before_is_not_loaded_at_all(void **state)
{
	struct machine_tree *tree = *state;
	cleanup_plan struct plan *plan = file_plan(tree, 0);
	struct load_result result = {.replaced = true};
	struct error error = {};

	change_kernel(&tree->folder);
	assert_int_equal(load_with(plan, tree, &result, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, "vmlinuz");
	assert_int_equal(fake_calls.file_count + fake_calls.unload_file_count, 0);
	assert_false(result.replaced);
}

static void truncate_kernel(void *argument)
{
	assert_int_equal(truncate(folder_path(argument, "vmlinuz"), 3), 0);
}

/* The kernel's EINVAL may come from that, and another method would fail the same way. */
static void test_a_truncation_during_a_refused_call_is_told_beside_the_refusal(void **state)
{
	static const int codes[] = {EINVAL, ENOEXEC, ENOSYS, EPERM};
	struct machine_tree *tree = *state;

	for (size_t i = 0; i < ELEMENTS(codes); i++) {
		cleanup_plan struct plan *plan = file_plan(tree, 0);
		struct load_result result = {.replaced = true};
		struct error error = {};

		fake_calls_reset(NULL);
		fake_calls.file_code = codes[i];
		fake_calls.during_load = truncate_kernel;
		fake_calls.argument = &tree->folder;
		assert_true(load_with(plan, tree, &result, &error) < 0);
		assert_int_equal(error.count, 2);
		assert_string_equal(error.failures[0].step, "kexec_file_load");
		assert_int_equal(error.failures[0].code, codes[i]);
		assert_int_equal(error.failures[1].kind, ERROR_CHANGED);
		assert_string_equal(error.failures[1].subject, plan->kernel_path);
		assert_false(result.replaced);
		/* What was loaded before is not ours to unload. */
		assert_int_equal(fake_calls.unload_file_count + fake_calls.unload_load_count, 0);
	}
}

static void close_kernel(void *argument)
{
	(void)argument;
	assert_int_equal(close(fake_calls.kernel_fd), 0);
}

/* As fstat(2) on a file of NFS can after the call: what was there before is gone all the same. */
static void test_a_file_that_cannot_be_examined_after_the_call_counts_as_changed(void **state)
{
	struct machine_tree *tree = *state;
	cleanup_plan struct plan *plan = file_plan(tree, 0);
	struct load_result result = {};
	struct error error = {};

	fake_calls.during_load = close_kernel;
	assert_true(load_with(plan, tree, &result, &error) < 0);
	assert_true(result.replaced);
	assert_int_equal(fake_calls.unload_file_count, 1);
	assert_failed(&error, ERROR_CHANGED, "vmlinuz");
}

static void test_a_file_that_cannot_be_examined_is_no_refusal_of_the_kernel(void **state)
{
	cleanup_plan struct plan *plan = file_plan(*state, 0);
	struct load_result result = {.replaced = true};
	struct error error = {};

	assert_int_equal(close(plan->kernel->files[0].fd), 0);
	assert_int_equal(load_with(plan, *state, &result, &error), -EBADF);
	assert_int_equal(error.count, 1);
	assert_string_equal(error.failures[0].step, "examine");
	assert_string_equal(error.failures[0].subject, plan->kernel_path);
	assert_int_equal(fake_calls.file_count, 0);
	assert_false(result.replaced);
}

/* No descriptor is to be had: F_DUPFD then fails with EINVAL itself, memfd_create with EMFILE. */
static void test_a_descriptor_that_is_not_to_be_had_is_no_refusal_of_the_kernel(void **state)
{
	for (size_t count = 1; count <= 3; count++) {
		cleanup_plan struct plan *plan = file_plan(*state, count);
		struct load_result result = {.replaced = true};
		struct rlimit before, none;
		struct error error = {};
		int r;

		assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
		none = (struct rlimit){0, before.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		r = load_with(plan, *state, &result, &error);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_int_equal(r, count == 1 ? -EINVAL : -EMFILE);
		assert_failed(&error, ERROR_FILE, "initrd0");
		assert_int_equal(error.count, 1);
		assert_int_equal(fake_calls.file_count, 0);
		assert_false(result.replaced);
	}
}

/* The memory file may not grow: sendfile(2) fails. */
static void test_initrds_that_cannot_be_joined_are_no_refusal_of_the_kernel(void **state)
{
	cleanup_plan struct plan *plan = file_plan(*state, 2);
	struct load_result result = {.replaced = true};
	struct rlimit before, none;
	struct error error = {};
	int r;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	r = load_with(plan, *state, &result, &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, -EFBIG);
	assert_failed(&error, ERROR_FILE, "initrd0");
	assert_string_equal(error.failures[0].step, "join files");
	assert_int_equal(fake_calls.file_count, 0);
	assert_false(result.replaced);
}

static void test_unloading_falls_back_only_where_the_call_is_missing(void **state)
{
	static const int codes[] = {EPERM, EINVAL, EBUSY, EACCES, ENOTSUP};
	struct error error = {};

	(void)state;
	assert_int_equal(load_unload(&load_calls_fake, PLAN_NORMAL, true, true, &error), 0);
	assert_int_equal(fake_calls.unload_file_count, 1);
	assert_int_equal(fake_calls.unload_load_count, 0);
	fake_calls.unload_file_code = ENOSYS;
	assert_int_equal(load_unload(&load_calls_fake, PLAN_NORMAL, true, true, &error), 0);
	assert_int_equal(fake_calls.unload_load_count, 1);
	assert_no_failure(&error);
	for (size_t i = 0; i < ELEMENTS(codes); i++) {
		struct error refused = {};

		fake_calls_reset(NULL);
		fake_calls.unload_file_code = codes[i];
		assert_int_equal(load_unload(&load_calls_fake, PLAN_NORMAL, true, true, &refused),
				 -codes[i]);
		assert_int_equal(fake_calls.unload_load_count, 0);
		assert_int_equal(refused.failures[0].code, codes[i]);
	}
}

static void test_unloading_is_of_one_image_alone(void **state)
{
	static const struct {
		enum plan_kind kind;
		bool by_file;
		unsigned long flags;
	} rows[] = {
	    {PLAN_NORMAL, true, KEXEC_FILE_UNLOAD},
	    {PLAN_NORMAL, false, KEXEC_ARCH_DEFAULT},
	    {PLAN_CRASH, true, KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH},
	    {PLAN_CRASH, false, KEXEC_ARCH_DEFAULT | KEXEC_ON_CRASH},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		load_unload(&load_calls_fake, rows[i].kind, rows[i].by_file, !rows[i].by_file,
			    NULL);
		assert_int_equal(fake_calls.unload_flags, rows[i].flags);
	}
}

static void test_unloading_makes_only_the_calls_that_are_allowed(void **state)
{
	static const struct {
		const char *row;
		bool by_file, by_segments;
		int file_code, load_code;
		unsigned int file_count, load_count;
		int result;
	} rows[] = {
	    {"file", true, false, 0, 0, 1, 0, 0},
	    {"file, missing", true, false, ENOSYS, 0, 1, 0, -ENOSYS},
	    {"file, refused", true, false, EPERM, 0, 1, 0, -EPERM},
	    {"segments", false, true, 0, 0, 0, 1, 0},
	    {"segments, missing", false, true, 0, ENOSYS, 0, 1, -ENOSYS},
	    {"segments, refused", false, true, 0, EPERM, 0, 1, -EPERM},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = {};

		fake_calls_reset(NULL);
		fake_calls.unload_file_code = rows[i].file_code;
		fake_calls.unload_load_code = rows[i].load_code;
		errno = EBUSY; /* of an earlier call */
		assert_row(rows[i].row, load_unload(&load_calls_fake, PLAN_NORMAL, rows[i].by_file,
						    rows[i].by_segments, &error) == rows[i].result);
		assert_row(rows[i].row, fake_calls.unload_file_count == rows[i].file_count);
		assert_row(rows[i].row, fake_calls.unload_load_count == rows[i].load_count);
		assert_row(rows[i].row, (int)error.count == (rows[i].result < 0));
	}
}

static void test_when_both_calls_refuse_to_unload_the_second_tells_why(void **state)
{
	struct error error = {};

	(void)state;
	fake_calls.unload_file_code = ENOSYS;
	fake_calls.unload_load_code = EPERM;
	assert_int_equal(load_unload(&load_calls_fake, PLAN_NORMAL, true, true, &error), -EPERM);
	assert_failed(&error, ERROR_FORBIDDEN, "unload");
}

static void test_a_jump_that_returns_has_failed(void **state)
{
	static const struct {
		int code;
		enum error_kind kind;
	} rows[] = {
	    {EINVAL, ERROR_REFUSED}, /* nothing is loaded, or this is a pid namespace */
	    {EPERM, ERROR_FORBIDDEN},
	    {EBUSY, ERROR_BUSY},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = {};

		fake_calls_reset(NULL);
		fake_calls.reboot_code = rows[i].code;
		assert_int_equal(load_execute(&load_calls_fake, &error), -rows[i].code);
		assert_failed(&error, rows[i].kind, "did not jump");
		assert_int_equal(fake_calls.reboot_count, 1);
	}
}

#define LOAD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, machine_tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LOAD_TEST(test_segments_are_passed_as_planned_in_one_call),
	    LOAD_TEST(test_a_plan_that_is_not_sealed_is_not_carried_out),
	    LOAD_TEST(test_every_errno_of_kexec_load_becomes_an_error_of_its_kind),
	    LOAD_TEST(test_every_errno_of_kexec_file_load_becomes_an_error_of_its_kind),
	    LOAD_TEST(test_one_initrd_is_handed_on_as_it_is),
	    LOAD_TEST(test_several_initrds_are_joined_on_boundaries_of_four_bytes),
	    LOAD_TEST(test_without_an_initrd_the_kernel_is_told_so),
	    LOAD_TEST(test_debugging_is_a_flag_of_kexec_file_load),
	    LOAD_TEST(test_what_the_kernel_logged_meanwhile_is_part_of_the_error),
	    LOAD_TEST(test_without_a_log_the_error_has_none),
	    LOAD_TEST(test_a_file_that_changes_during_the_call_is_unloaded_again),
	    LOAD_TEST(test_a_failing_unload_comes_behind_the_change),
	    LOAD_TEST(test_a_file_that_changed_before_is_not_loaded_at_all),
	    LOAD_TEST(test_a_truncation_during_a_refused_call_is_told_beside_the_refusal),
	    LOAD_TEST(test_a_file_that_cannot_be_examined_after_the_call_counts_as_changed),
	    LOAD_TEST(test_a_file_that_cannot_be_examined_is_no_refusal_of_the_kernel),
	    LOAD_TEST(test_a_descriptor_that_is_not_to_be_had_is_no_refusal_of_the_kernel),
	    LOAD_TEST(test_initrds_that_cannot_be_joined_are_no_refusal_of_the_kernel),
	    LOAD_TEST(test_unloading_falls_back_only_where_the_call_is_missing),
	    LOAD_TEST(test_unloading_is_of_one_image_alone),
	    LOAD_TEST(test_unloading_makes_only_the_calls_that_are_allowed),
	    LOAD_TEST(test_when_both_calls_refuse_to_unload_the_second_tells_why),
	    LOAD_TEST(test_a_jump_that_returns_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
