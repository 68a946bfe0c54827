/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/init-system.h"

#include "test-support/machine-tree.h"
#include "test-support/test.h"

static void test_systemds_version_is_that_of_its_library(void **state)
{
	static const struct {
		const char *row, *files[2];
		enum fact fact;
		unsigned int version;
	} rows[] = {
	    {"Fedora", {"usr/lib/systemd/libsystemd-shared-258.so"}, FACT_KNOWN, 258},
	    {"with a package's version",
	     {"usr/lib/systemd/libsystemd-shared-255.4-1.fc40.so"},
	     FACT_KNOWN,
	     255},
	    {"lib64", {"usr/lib64/systemd/libsystemd-shared-239.so"}, FACT_KNOWN, 239},
	    {"Debian 13",
	     {"usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-257.so"},
	     FACT_KNOWN,
	     257},
	    {"Debian 11", {"lib/systemd/libsystemd-shared-247.so"}, FACT_KNOWN, 247},
	    {"NixOS",
	     {"run/current-system/systemd/lib/systemd/libsystemd-shared-256.so"},
	     FACT_KNOWN,
	     256},
	    {"during an upgrade",
	     {"usr/lib/systemd/libsystemd-shared-254.so",
	      "usr/lib/systemd/libsystemd-shared-255.so"},
	     FACT_KNOWN,
	     255},
	    {"no library", {"usr/lib/systemd/systemd"}, FACT_UNREADABLE, 0},
	    {"no number", {"usr/lib/systemd/libsystemd-shared-.so"}, FACT_UNREADABLE, 0},
	    {"no folder", {}, FACT_UNREADABLE, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct machine_tree tree;
		struct init_system init;

		machine_tree_make(&tree);
		machine_tree_write(&tree, "run/systemd/system/x", "");
		for (size_t j = 0; j < 2 && rows[i].files[j]; j++)
			machine_tree_write(&tree, rows[i].files[j], "");
		init_system_read(&init, &tree.root);
		assert_row(rows[i].row, init.systemd_fact == FACT_KNOWN && init.systemd);
		assert_row(rows[i].row, init.version_fact == rows[i].fact);
		assert_row(rows[i].row, init.version == rows[i].version);
		machine_tree_remove(&tree);
	}
}

static void test_without_systemd_its_version_is_of_no_account(void **state)
{
	struct machine_tree *tree = *state;
	struct init_system init;

	machine_tree_write(tree, "usr/lib/systemd/libsystemd-shared-258.so", "");
	init_system_read(&init, &tree->root);
	assert_int_equal(init.systemd_fact, FACT_KNOWN);
	assert_false(init.systemd);
	assert_int_equal(init.version_fact, FACT_ABSENT);
	assert_false(init.kexec_script);
	assert_false(init.logind);
	machine_tree_write(tree, "etc/init.d/kexec", "");
	machine_tree_write(tree, "run/systemd/seats/seat0", "");
	init_system_read(&init, &tree->root);
	assert_true(init.kexec_script);
	assert_true(init.logind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_systemds_version_is_that_of_its_library),
	    TREE_TEST(test_without_systemd_its_version_is_of_no_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
