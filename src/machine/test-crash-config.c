/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/crash-config.h"

#include "test-support/machine-tree.h"
#include "test-support/test.h"

static void test_without_a_file_there_are_defaults(void **state)
{
	struct machine_tree *tree = *state;
	struct crash_config config;

	assert_int_equal(crash_config_read(&config, &tree->root), 0);
	assert_int_equal(config.fact, FACT_ABSENT);
	assert_string_equal(config.kernel, "/boot/vmlinuz-6.12.0-test");
	assert_string_equal(config.initrd, "");
	assert_string_equal(config.dump_folder, "/var/crash");
}

static void test_values_are_read_as_systemd_does(void **state)
{
	struct machine_tree *tree = *state;
	struct crash_config config;

	machine_tree_write(tree, "etc/kexec/crash.conf",
			   "# KERNEL=/no\n"
			   "; KERNEL=/no\n"
			   "  KERNEL=/boot/a b \n"
			   "XKERNEL=/no\n"
			   "INITRD=\"/boot/initrd\"\n"
			   "OPTIONS=--add=quiet\n"
			   "DUMP_DIRECTORY='/srv/crash'");
	assert_int_equal(crash_config_read(&config, &tree->root), 0);
	assert_int_equal(config.fact, FACT_KNOWN);
	assert_string_equal(config.kernel, "/boot/a b");
	assert_string_equal(config.initrd, "/boot/initrd");
	assert_string_equal(config.dump_folder, "/srv/crash");
}

static void test_a_value_that_is_too_long_leaves_the_default(void **state)
{
	struct machine_tree *tree = *state;
	struct crash_config config;
	char line[400] = "DUMP_DIRECTORY=";

	for (size_t i = 15; i < sizeof(line) - 1; i++)
		line[i] = 'x';
	machine_tree_write(tree, "etc/kexec/crash.conf", line);
	assert_int_equal(crash_config_read(&config, &tree->root), 0);
	assert_string_equal(config.dump_folder, "/var/crash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_without_a_file_there_are_defaults),
	    TREE_TEST(test_values_are_read_as_systemd_does),
	    TREE_TEST(test_a_value_that_is_too_long_leaves_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
