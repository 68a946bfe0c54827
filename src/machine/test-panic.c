/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/panic.h"

#include "test-support/machine-tree.h"
#include "test-support/test.h"

static void test_settings_are_read_also_negative_ones(void **state)
{
	struct machine_tree *tree = *state;
	struct machine_panic panic;

	machine_tree_write(tree, "proc/sys/kernel/panic_on_oops", "1\n");
	machine_tree_write(tree, "proc/sys/kernel/panic", "-1\n");
	machine_tree_write(tree, "proc/sys/vm/panic_on_oom", "2\n");
	machine_tree_write(tree, "sys/devices/system/cpu/crash_hotplug", "1\n");
	machine_tree_write(tree, "proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	machine_panic_read(&panic, &tree->root);
	assert_int_equal(panic.on_oops.fact, FACT_KNOWN);
	assert_int_equal(panic.on_oops.value, 1);
	assert_int_equal(panic.timeout.value, -1);
	assert_int_equal(panic.on_out_of_memory.value, 2);
	assert_int_equal(panic.cpu_hotplug.value, 1);
	assert_int_equal(panic.loads_left.value, -1);
}

static void test_what_is_not_there_or_no_number_is_not_taken_for_0(void **state)
{
	static const char *const rows[] = {"", "x\n", "1 2\n", "99999999999999999999\n"};
	struct machine_tree *tree = *state;
	struct machine_panic panic;

	machine_panic_read(&panic, &tree->root);
	assert_int_equal(panic.on_oops.fact, FACT_ABSENT);
	assert_int_equal(panic.cpu_hotplug.fact, FACT_ABSENT);
	assert_false(panic.can_hotplug_memory);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		machine_tree_write(tree, "proc/sys/kernel/panic_on_oops", rows[i]);
		machine_panic_read(&panic, &tree->root);
		assert_row(rows[i], panic.on_oops.fact == FACT_UNREADABLE);
	}
}

static void test_the_service_is_enabled_when_its_link_is_there(void **state)
{
	struct machine_tree *tree = *state;
	struct machine_panic panic;

	machine_panic_read(&panic, &tree->root);
	assert_false(panic.service_enabled);
	machine_tree_write(tree, "etc/systemd/system/multi-user.target.wants/kexec-crash.service",
			   "");
	machine_tree_write(tree, "sys/devices/system/memory/auto_online_blocks", "online\n");
	machine_panic_read(&panic, &tree->root);
	assert_true(panic.service_enabled);
	assert_true(panic.can_hotplug_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_settings_are_read_also_negative_ones),
	    TREE_TEST(test_what_is_not_there_or_no_number_is_not_taken_for_0),
	    TREE_TEST(test_the_service_is_enabled_when_its_link_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
