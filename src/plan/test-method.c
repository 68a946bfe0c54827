/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/method.h"

#include <string.h>

#include "test-support/test.h"

enum { FACTS = 6 };

/* Every combination of the facts. */
static struct method_facts facts_of(unsigned int bits)
{
	return (struct method_facts){
	    .locked_down = bits & 1,
	    .ima_appraises = bits & 2,
	    .handover_enabled = bits & 4,
	    .confidential = bits & 8,
	    .refused = bits & 16 ? "it was refused" : NULL,
	    .machine_unknown = bits & 32,
	};
}

static void test_a_wish_is_absolute_whatever_the_facts(void **state)
{
	static const struct {
		enum method_wish wish;
		enum plan_method method;
		const char *flag;
	} rows[] = {
	    {METHOD_SEGMENTS_ONLY, PLAN_SEGMENTS, "-c"},
	    {METHOD_FILE_ONLY, PLAN_FILE, "-s"},
	    {METHOD_FILE_THEN_SEGMENTS, PLAN_FILE, "-a"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (unsigned int bits = 0; bits < 1U << FACTS; bits++) {
			struct method_facts facts = facts_of(bits);
			struct method_choice choice = method_choose(rows[i].wish, &facts);

			assert_row(rows[i].flag, choice.method == rows[i].method);
			assert_contains(choice.reason, rows[i].flag);
		}
}

static void test_without_a_wish_any_fact_makes_file_the_only_right_one(void **state)
{
	(void)state;
	for (unsigned int bits = 1; bits < 1U << FACTS; bits++) {
		struct method_facts facts = facts_of(bits);

		assert_int_equal(method_choose(METHOD_ANY, &facts).method, PLAN_FILE);
	}
}

static void test_without_wish_and_facts_the_shortest_blackout_wins(void **state)
{
	struct method_facts facts = {};
	struct method_choice choice = method_choose(METHOD_ANY, &facts);

	(void)state;
	assert_int_equal(choice.method, PLAN_SEGMENTS);
	assert_contains(choice.reason, "blackout");
}

static void test_each_fact_has_a_reason_of_its_own(void **state)
{
	static const char *const words[] = {"lockdown",     "IMA",     "hand-over",
					    "confidential", "refused", "memory map"};

	(void)state;
	for (unsigned int i = 0; i < ELEMENTS(words); i++) {
		struct method_facts facts = facts_of(1U << i);

		assert_contains(method_choose(METHOD_ANY, &facts).reason, words[i]);
	}
	assert_contains(
	    method_choose(METHOD_ANY, &(struct method_facts){.machine_unknown = true}).reason,
	    "boot_params");
}

static void test_for_a_panic_purgatorys_reset_decides(void **state)
{
	struct method_facts facts = {.for_panic = true};
	struct method_choice choice = method_choose(METHOD_ANY, &facts);

	(void)state;
	assert_int_equal(choice.method, PLAN_SEGMENTS);
	assert_contains(choice.reason, "resets the machine");
	facts.crash_unknown = true;
	choice = method_choose(METHOD_ANY, &facts);
	assert_int_equal(choice.method, PLAN_FILE);
	assert_contains(choice.reason, "vmcoreinfo");
	assert_int_equal(method_choose(METHOD_SEGMENTS_ONLY, &facts).method, PLAN_SEGMENTS);
}

static void test_methods_have_names(void **state)
{
	(void)state;
	assert_string_equal(plan_method_name(PLAN_FILE), "file");
	assert_string_equal(plan_method_name(PLAN_SEGMENTS), "segments");
	assert_string_equal(plan_method_call(PLAN_FILE), "kexec_file_load");
	assert_string_equal(plan_method_call(PLAN_SEGMENTS), "kexec_load");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_wish_is_absolute_whatever_the_facts),
	    cmocka_unit_test(test_without_a_wish_any_fact_makes_file_the_only_right_one),
	    cmocka_unit_test(test_without_wish_and_facts_the_shortest_blackout_wins),
	    cmocka_unit_test(test_each_fact_has_a_reason_of_its_own),
	    cmocka_unit_test(test_for_a_panic_purgatorys_reset_decides),
	    cmocka_unit_test(test_methods_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
