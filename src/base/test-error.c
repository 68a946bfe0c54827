/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "test-support/test.h"

static void test_the_first_failure_stays_the_first(void **state)
{
	struct error error = {};

	(void)state;
	assert_int_equal(error_kind(&error), ERROR_NONE);
	assert_int_equal(
	    error_add(&error, ERROR_FILE, ENOENT, "open", "/boot/x", "cannot %s", "open"), -ENOENT);
	assert_int_equal(error_add(&error, ERROR_BUSY, EBUSY, "load", "y", "busy"), -EBUSY);
	assert_int_equal(error.count, 2);
	assert_int_equal(error_kind(&error), ERROR_FILE);
	assert_int_equal(error.failures[0].code, ENOENT);
	assert_string_equal(error.failures[0].step, "open");
	assert_string_equal(error.failures[0].subject, "/boot/x");
	assert_string_equal(error.failures[0].detail, "cannot open");
	assert_int_equal(error.failures[1].kind, ERROR_BUSY);
}

static void test_failures_beyond_the_last_place_are_dropped(void **state)
{
	struct error error = {};

	(void)state;
	for (int i = 1; i <= ERROR_FAILURES_MAX + 3; i++)
		assert_int_equal(error_add(&error, ERROR_FILE, i, "step", NULL, "number %d", i),
				 -i);
	assert_int_equal(error.count, ERROR_FAILURES_MAX);
	assert_string_equal(error.failures[0].detail, "number 1");
	assert_string_equal(error.failures[ERROR_FAILURES_MAX - 1].detail, "number 4");
}

static void test_without_an_errno_the_result_is_einval(void **state)
{
	struct error error = {};

	(void)state;
	assert_int_equal(error_add(&error, ERROR_USAGE, 0, "options", NULL, "wrong"), -EINVAL);
	assert_int_equal(error.failures[0].code, 0);
	assert_string_equal(error.failures[0].subject, "");
}

static void test_nobody_need_listen(void **state)
{
	(void)state;
	assert_int_equal(error_add(NULL, ERROR_FILE, EIO, "read", "x", "y"), -EIO);
	assert_int_equal(error_memory(NULL, "work"), -ENOMEM);
}

static void test_long_texts_are_cut_and_not_overrun(void **state)
{
	struct error error = {};
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_add(&error, ERROR_FILE, EIO, "read", text, "%s", text);
	assert_int_equal(strlen(error.failures[0].subject), sizeof(error.failures[0].subject) - 1);
	assert_int_equal(strlen(error.failures[0].detail), sizeof(error.failures[0].detail) - 1);
}

static void test_a_lack_of_memory_is_an_error_like_any_other(void **state)
{
	struct error error = {};

	(void)state;
	assert_int_equal(error_memory(&error, "draw"), -ENOMEM);
	assert_failed(&error, ERROR_NO_ROOM, "memory");
	assert_int_equal(error.failures[0].code, ENOMEM);
}

static void test_every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = ERROR_NONE; a <= ERROR_INTERNAL; a++) {
		assert_string_not_equal(error_kind_name((enum error_kind)a), "unknown");
		for (int b = ERROR_NONE; b < a; b++)
			assert_string_not_equal(error_kind_name((enum error_kind)a),
						error_kind_name((enum error_kind)b));
	}
}

static void test_appended_failures_stand_behind_those_there_and_none_is_lost_for_them(void **state)
{
	struct error error = {}, more = {};

	(void)state;
	error_add(&error, ERROR_FILE, 1, "open", "first", "x");
	for (int i = 0; i < 2 * ERROR_FAILURES_MAX; i++)
		error_add(&more, ERROR_IMAGE, i, "read", "more", "x");
	error_append(&error, &(struct error){});
	assert_int_equal(error.count, 1);
	error_append(&error, &more);
	assert_int_equal(error.count, ERROR_FAILURES_MAX);
	assert_string_equal(error.failures[0].subject, "first");
	for (int i = 1; i < ERROR_FAILURES_MAX; i++)
		assert_int_equal(error.failures[i].code, i - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_first_failure_stays_the_first),
	    cmocka_unit_test(test_failures_beyond_the_last_place_are_dropped),
	    cmocka_unit_test(test_without_an_errno_the_result_is_einval),
	    cmocka_unit_test(test_nobody_need_listen),
	    cmocka_unit_test(test_long_texts_are_cut_and_not_overrun),
	    cmocka_unit_test(test_a_lack_of_memory_is_an_error_like_any_other),
	    cmocka_unit_test(test_every_kind_has_a_name_of_its_own),
	    cmocka_unit_test(
		test_appended_failures_stand_behind_those_there_and_none_is_lost_for_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
