/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/file-limit.h"

#include <errno.h>

#include "test-support/test.h"

/* Only ever lower, so that a test needs no privilege; the rest of the program is small. */
static void set_limit(rlim_t soft, rlim_t hard)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){soft, hard}), 0);
}

static rlim_t soft_limit(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	return limit.rlim_cur;
}

static void test_the_limit_is_raised_where_it_is_too_low_and_put_back(void **state)
{
	static const struct {
		size_t count;
		rlim_t raised;
	} rows[] = {{0, 100}, {1, 100}, {36, 100}, {37, 900}, {836, 900}};

	(void)state;
	set_limit(100, 900);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct rlimit before = {};
		struct error error = {};

		assert_int_equal(file_limit_raise(rows[i].count, &before, &error), 0);
		assert_no_failure(&error);
		assert_int_equal(soft_limit(), rows[i].raised);
		file_limit_restore(&before);
		assert_int_equal(soft_limit(), 100);
	}
}

static void test_a_hard_limit_that_is_too_low_is_named_with_the_count(void **state)
{
	struct rlimit before = {};
	struct error error = {};

	(void)state;
	set_limit(100, 900);
	assert_int_equal(file_limit_raise(837, &before, &error), -EMFILE);
	assert_failed(&error, ERROR_FILE,
		      "837 initrds need 901 open files, and this process may have 900 at most");
	assert_int_equal(soft_limit(), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_limit_is_raised_where_it_is_too_low_and_put_back),
	    cmocka_unit_test(test_a_hard_limit_that_is_too_low_is_named_with_the_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
