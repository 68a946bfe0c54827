/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/version.h"

#include "test-support/test.h"

static void check(const char *a, char relation, const char *b)
{
	int forward = version_compare(a, b), backward = version_compare(b, a);

	if (relation == '=' ? forward == 0 && backward == 0
			    : (relation == '<') == (forward < 0) && forward != 0 && backward != 0 &&
				  (forward < 0) == (backward > 0))
		return;
	fail_msg("\"%s\" %c \"%s\" is not what the comparison says (%d, %d)", a, relation, b,
		 forward, backward);
}

struct row {
	const char *a;
	char relation;
	const char *b;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(rows[i].a, rows[i].relation, rows[i].b);
}

/* The section "Examples" of the specification. */
static void test_the_specifications_examples(void **state)
{
	static const struct row rows[] = {
	    {"11", '=', "11"},
	    {"systemd-123", '=', "systemd-123"},
	    {"bar-123", '<', "foo-123"},
	    {"123a", '>', "123"},
	    {"123.a", '>', "123"},
	    {"123.a", '<', "123.b"},
	    {"123a", '>', "123.a"},
	    {"11\u03b1", '=', "11\u03b2"},
	    {"B", '<', "a"},
	    {"", '<', "0"},
	    {"0.", '>', "0"},
	    {"0.0", '>', "0"},
	    {"0", '>', "~"},
	    {"", '>', "~"},
	    {"1_", '=', "1"},
	    {"_1", '=', "1"},
	    {"1_", '<', "1.2"},
	    {"1_2_3", '>', "1.3.3"},
	    {"1+", '=', "1"},
	    {"+1", '=', "1"},
	    {"1+", '<', "1.2"},
	    {"1+2+3", '>', "1.3.3"},
	};

	(void)state;
	check_rows(rows, ELEMENTS(rows));
}

/* Each is older than every one behind it, the specification says. */
static void test_the_specifications_chain(void **state)
{
	static const char *const chain[] = {
	    "122.1",   "123~rc1-1", "123",     "123-a",   "123-a.1", "123-1",
	    "123-1.1", "123^post1", "123.a-1", "123.1-1", "123a-1",  "124-1",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(chain); i++)
		for (size_t j = 0; j < ELEMENTS(chain); j++)
			check(chain[i], i < j ? '<' : i == j ? '=' : '>', chain[j]);
}

static void test_numbers_have_any_length(void **state)
{
	static const struct row rows[] = {
	    {"007", '=', "7"},
	    {"9", '<', "10"},
	    {"18446744073709551616", '>', "18446744073709551615"},
	    {"18446744073709551616", '>', "0"},
	    {"1.000", '=', "1.0"},
	    {"1.0a", '=', "1.a"}, /* a number that is missing is 0 */
	};

	(void)state;
	check_rows(rows, ELEMENTS(rows));
}

/* To the letter: behind a pair of tildes the end is looked for before another tilde. */
static void test_marks_in_odd_places(void **state)
{
	static const struct row rows[] = {
	    {"~", '=', "~"}, {"~~", '>', "~"},    {"1~", '<', "1"},     {"1~~a", '>', "1~"},
	    {"-", '>', ""},  {"--", '>', "-"},    {"1.-2", '<', "1.2"}, {"1..2", '<', "1.2"},
	    {"^", '<', "."}, {"-^.", '=', "-^."}, {"1-~1", '<', "1-1"}, {"a.b", '<', "ab"},
	};

	(void)state;
	check_rows(rows, ELEMENTS(rows));
}

static void test_kernels_as_distributions_name_them(void **state)
{
	static const struct row rows[] = {
	    {"6.1.0-9-amd64", '<', "6.1.0-28-amd64"},
	    {"6.1.0-28-amd64", '<', "6.12.6+bpo-amd64"},
	    {"6.12.5-200.fc41.x86_64", '<', "6.12.11-200.fc41.x86_64"},
	    {"5.15.0-130-generic", '<', "6.8.0-51-generic"},
	    {"0-rescue-0f3e2d", '<', "6.12.5-200.fc41.x86_64"},
	};

	(void)state;
	check_rows(rows, ELEMENTS(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_specifications_examples),
	    cmocka_unit_test(test_the_specifications_chain),
	    cmocka_unit_test(test_numbers_have_any_length),
	    cmocka_unit_test(test_marks_in_odd_places),
	    cmocka_unit_test(test_kernels_as_distributions_name_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
