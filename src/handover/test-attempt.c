/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/attempt.h"

#include <errno.h>

#include "base/cleanup.h"
#include "machine/machine.h"
#include "test-support/scene.h"

static void test_the_second_attempt_is_the_last(void **state)
{
	struct request request = {.method = METHOD_ANY};
	struct machine machine = {
	    .memory = {.firmware_fact = FACT_KNOWN, .iomem_fact = FACT_KNOWN},
	    .firmware = {.boot_params_fact = FACT_KNOWN},
	};
	struct attempt attempt = attempt_first(&request, &machine);

	(void)state;
	assert_int_equal(attempt.number, 1);
	assert_null(attempt.plain);
	assert_true(attempt_next(&request, &machine.kernel, ENOSYS, &attempt));
	assert_int_equal(attempt.number, 2);
	assert_int_equal(attempt.choice.method, PLAN_FILE);
	assert_false(attempt_next(&request, &machine.kernel, ENOSYS, &attempt));
}

static void test_what_is_unpacked_gives_way_once_whatever_the_method_was_before(void **state)
{
	static const struct {
		const char *row;
		enum plan_form form;
		bool initrds;
	} rows[] = {
	    {"both", PLAN_DIRECT, true},
	    {"only the kernel", PLAN_DIRECT, false},
	    {"only initrds", PLAN_PLAIN, true},
	};
	struct request request = {.method = METHOD_FILE_THEN_SEGMENTS};
	struct machine machine = {};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct attempt attempt = attempt_first(&request, &machine);

		assert_true(attempt_next(&request, &machine.kernel, ENOSYS, &attempt));
		assert_int_equal(attempt.choice.method, PLAN_SEGMENTS);
		attempt.form = rows[i].form;
		attempt.initrds_unpacked = rows[i].initrds;
		assert_row(rows[i].row, attempt_next(&request, &machine.kernel, ENOMEM, &attempt));
		assert_row(rows[i].row, !attempt.plain == (rows[i].form == PLAN_PLAIN));
		assert_row(rows[i].row, !attempt.packed == !rows[i].initrds);
		assert_int_equal(attempt.choice.method, PLAN_SEGMENTS);
		attempt.form = PLAN_PLAIN;
		attempt.initrds_unpacked = false;
		assert_row(rows[i].row, !attempt_next(&request, &machine.kernel, ENOMEM, &attempt));
		assert_row(rows[i].row, !attempt_next(&request, &machine.kernel, ENOSYS, &attempt));
	}
}

static void test_what_the_machine_demands_is_tried_first(void **state)
{
	static const struct {
		const char *file, *text;
		enum plan_method method;
	} rows[] = {
	    {"sys/kernel/security/lockdown", "none [integrity] confidentiality\n", PLAN_FILE},
	    {"sys/kernel/security/lockdown", "[none] integrity\n", PLAN_SEGMENTS},
	    {"sys/kernel/security/ima/policy", "appraise func=KEXEC_KERNEL_CHECK\n", PLAN_FILE},
	    {"sys/kernel/security/ima/policy", "measure func=KEXEC_KERNEL_CHECK\n", PLAN_SEGMENTS},
	    {"proc/cmdline", "quiet kho=on\n", PLAN_FILE},
	    {"proc/cmdline", "quiet\n", PLAN_SEGMENTS},
	    {"proc/cpuinfo", "x\nflags : tdx_guest\n", PLAN_FILE},
	    {"proc/cpuinfo", "x\nflags : sev_snp_guest\n", PLAN_SEGMENTS},
	    {"sys/bus/platform/devices/sev-guest/uevent", "DRIVER=sev-guest\n", PLAN_FILE},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = NULL;

		machine_tree_write(&scene->tree, rows[i].file, rows[i].text);
		plan = scene_plan(scene);
		assert_row(rows[i].text, plan->method == rows[i].method);
	}
}

static void test_a_machine_that_is_not_known_leads_to_file(void **state)
{
	static const struct {
		const char *row;
		enum fact firmware, iomem, boot_params;
		bool may_load;
		enum plan_method method;
	} rows[] = {
	    {"all known", FACT_KNOWN, FACT_KNOWN, FACT_KNOWN, true, PLAN_SEGMENTS},
	    {"no firmware map", FACT_ABSENT, FACT_KNOWN, FACT_KNOWN, true, PLAN_FILE},
	    {"a damaged firmware map", FACT_UNREADABLE, FACT_KNOWN, FACT_KNOWN, true, PLAN_FILE},
	    {"no iomem", FACT_KNOWN, FACT_ABSENT, FACT_KNOWN, true, PLAN_FILE},
	    {"hidden addresses", FACT_KNOWN, FACT_UNREADABLE, FACT_KNOWN, true, PLAN_FILE},
	    /* For root they would be there, and the plan is what root's would be. */
	    {"hidden from a user", FACT_KNOWN, FACT_UNREADABLE, FACT_KNOWN, false, PLAN_SEGMENTS},
	    {"no boot_params", FACT_KNOWN, FACT_KNOWN, FACT_ABSENT, true, PLAN_FILE},
	    {"damaged boot_params", FACT_KNOWN, FACT_KNOWN, FACT_UNREADABLE, true, PLAN_FILE},
	    {"no boot_params, a user", FACT_KNOWN, FACT_KNOWN, FACT_ABSENT, false, PLAN_FILE},
	};
	struct request request = {.method = METHOD_ANY},
		       absolute = {.method = METHOD_SEGMENTS_ONLY};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct machine machine = {
		    .memory = {.firmware_fact = rows[i].firmware, .iomem_fact = rows[i].iomem},
		    .firmware = {.boot_params_fact = rows[i].boot_params},
		    .kernel = {.privilege_fact = FACT_KNOWN, .may_load = rows[i].may_load},
		};

		assert_row(rows[i].row,
			   attempt_first(&request, &machine).choice.method == rows[i].method);
		assert_row(rows[i].row,
			   attempt_first(&absolute, &machine).choice.method == PLAN_SEGMENTS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_second_attempt_is_the_last),
	    cmocka_unit_test(test_what_is_unpacked_gives_way_once_whatever_the_method_was_before),
	    SCENE_TEST(test_what_the_machine_demands_is_tried_first),
	    cmocka_unit_test(test_a_machine_that_is_not_known_leads_to_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
