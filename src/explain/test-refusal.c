/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each errno of each call, from the call to the words: nobody is left with a bare "refused".
 */
#include "explain/refusal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "explain/exit-code.h"
#include "explain/explain.h"
#include "machine/kernel.h"
#include "plan/plan.h"
#include "test-support/fake-calls.h"
#include "test-support/scene.h"

static const char generic[] = "for its reason";

/* All that we know of: the kernel's sources (6.1 to 7.3) return these from the calls. */
static const int of_kexec_load[] = {EPERM,  EACCES, EINVAL, EADDRNOTAVAIL, EBUSY,
				    ENOMEM, EFAULT, ENOSYS, ENOTSUP};
static const int of_kexec_file_load[] = {
    EPERM,   EACCES,  EINVAL,       EADDRNOTAVAIL, EBUSY,   ENOMEM, EFAULT, ENOSYS,
    EBADF,   ENOTSUP, ENOEXEC,      ETXTBSY,       EFBIG,   EIO,    ESTALE, EINTR,
    ENODATA, ENOKEY,  EKEYREJECTED, ELIBBAD,       EBADMSG, ENOPKG, ENOENT};
static const int of_unload[] = {EPERM, EACCES, EINVAL, EBUSY, ENOSYS};
static const int of_reboot[] = {EPERM, EINVAL, EBUSY};
static const int of_none[] = {200, 4095, EXDEV};

static char *explained(enum explain_task task, const struct error *error)
{
	struct machine_kernel kernel = {.loaded_fact = FACT_KNOWN, .loaded = true};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	explain_error(out, task, error, &kernel);
	assert_int_equal(fclose(out), 0);
	return text;
}

static unsigned int lines_of(const char *text)
{
	unsigned int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* The errno's own name, the reason, and a next step; for an unknown one the log. */
static void assert_words(const char *text, const char *step, int code, bool known)
{
	assert_contains(text, step);
	assert_contains(text, strerror(code));
	assert_contains(text, "\n  next: ");
	assert_true(lines_of(text) <= 3);
	if (known) {
		assert_non_null(refusal_find(step, code));
		assert_contains(text, refusal_find(step, code)->why);
		assert_lacks(text, generic);
	} else {
		assert_null(refusal_find(step, code));
		assert_contains(text, generic);
	}
}

static void check_load(struct scene *scene, enum method_wish wish, int code, bool known)
{
	const char *step = wish == METHOD_FILE_ONLY ? "kexec_file_load" : "kexec_load";
	bool gives_way = wish == METHOD_FILE_ONLY && method_file_gives_way(code);
	cleanup_result struct handover_result result = {};
	cleanup_free char *text = NULL;
	struct error error = {};

	fake_calls_reset(NULL);
	fake_calls.load_code = fake_calls.file_code = code;
	scene->request.method = wish;
	assert_int_equal(scene_load(scene, &result, &error), -code);
	text = explained(EXPLAIN_LOAD, &error);
	assert_words(text, step, code, known);
	assert_contains(text, "now: what was loaded before is still loaded");
	/* A file that cannot be read is 1, as ever; the rest is 255 or, with -s, 253. */
	assert_int_equal(classic_exit_code(&error, wish == METHOD_FILE_ONLY), gives_way ? 253
									      : code == EIO && known
										  ? 1
										  : 255);
}

static void test_every_errno_of_the_loading_calls_has_its_words(void **state)
{
	for (size_t i = 0; i < ELEMENTS(of_kexec_load); i++)
		check_load(*state, METHOD_SEGMENTS_ONLY, of_kexec_load[i], true);
	for (size_t i = 0; i < ELEMENTS(of_kexec_file_load); i++)
		check_load(*state, METHOD_FILE_ONLY, of_kexec_file_load[i], true);
	for (size_t i = 0; i < ELEMENTS(of_none); i++) {
		check_load(*state, METHOD_SEGMENTS_ONLY, of_none[i], false);
		check_load(*state, METHOD_FILE_ONLY, of_none[i], false);
	}
}

static void test_every_errno_of_the_unload_and_the_jump_has_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(of_unload); i++) {
		cleanup_free char *text = NULL;
		struct error error = {};

		fake_calls_reset(NULL);
		fake_calls.unload_file_code = fake_calls.unload_load_code = of_unload[i];
		assert_int_equal(load_unload(&load_calls_fake, PLAN_NORMAL, true, true, &error),
				 -of_unload[i]);
		text = explained(EXPLAIN_UNLOAD, &error);
		assert_words(text, "unload", of_unload[i], true);
		assert_int_equal(classic_exit_code(&error, false), 255);
	}
	for (size_t i = 0; i < ELEMENTS(of_reboot); i++) {
		cleanup_free char *text = NULL;
		struct error error = {};

		fake_calls.reboot_code = of_reboot[i];
		assert_int_equal(load_execute(&load_calls_fake, &error), -of_reboot[i]);
		text = explained(EXPLAIN_EXECUTE, &error);
		assert_words(text, "reboot", of_reboot[i], true);
	}
}

static void test_after_both_calls_nobody_is_told_to_try_the_other(void **state)
{
	static const struct {
		enum method_wish wish;
		int load_code, file_code;
		const char *words;
	} rows[] = {
	    {METHOD_ANY, ENOSYS, ENOSYS, "no kexec at all"},
	    {METHOD_FILE_THEN_SEGMENTS, ENOSYS, ENOSYS, "no kexec at all"},
	    {METHOD_FILE_THEN_SEGMENTS, EINVAL, ENOEXEC, "for both reasons"},
	    {METHOD_ANY, ENOSYS, EINVAL, "for both reasons"},
	    {METHOD_FILE_THEN_SEGMENTS, EBUSY, ENOEXEC, "try again"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_result struct handover_result result = {};
		cleanup_free char *text = NULL;
		struct error error = {};

		fake_calls_reset(NULL);
		fake_calls.load_code = rows[i].load_code;
		fake_calls.file_code = rows[i].file_code;
		scene->request.method = rows[i].wish;
		assert_true(scene_load(scene, &result, &error) < 0);
		assert_int_equal(error.count, 2);
		text = explained(EXPLAIN_LOAD, &error);
		assert_contains(text, rows[i].words);
		assert_lacks(text, "try -");
		assert_lacks(text, "leave -");
	}
}

/* Nobody who gave -s is told to give it, and the policy is named once. */
static void test_a_policy_is_met_by_each_call_in_another_way(void **state)
{
	static const struct {
		const char *step, *words;
	} rows[] = {
	    {"kexec_load", "next: try -s"},
	    {"kexec_file_load", "security.ima"},
	    {"unload", "next: try it with -s"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		static const char policy[] = "security policy";
		cleanup_free char *text = NULL;
		struct error error = {};

		error_add(&error, ERROR_FORBIDDEN, EACCES, rows[i].step, "vmlinuz", "refused");
		text = explained(EXPLAIN_LOAD, &error);
		assert_contains(text, policy);
		assert_lacks(strstr(text, policy) + 1, policy);
		assert_contains(text, rows[i].words);
		if (i == 1)
			assert_lacks(text, "-s");
	}
}

static void test_a_failure_of_our_own_has_no_refusal(void **state)
{
	(void)state;
	assert_null(refusal_find("open", ENOENT));
	assert_null(refusal_find("options", EINVAL));
	assert_null(refusal_find("kexec_load", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_every_errno_of_the_loading_calls_has_its_words),
	    SCENE_TEST(test_every_errno_of_the_unload_and_the_jump_has_its_words),
	    SCENE_TEST(test_after_both_calls_nobody_is_told_to_try_the_other),
	    SCENE_TEST(test_a_policy_is_met_by_each_call_in_another_way),
	    SCENE_TEST(test_a_failure_of_our_own_has_no_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
