/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/crash-test.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define BOOT_ID "9f1f8d0e-1a51-4a9e-9c4b-0d2b7f3f2a11"

static int setup(void **state)
{
	int r = machine_tree_setup(state);

	machine_tree_write(*state, "proc/sys/kernel/random/boot_id", BOOT_ID "\n");
	machine_tree_write(*state, "var/lib/x", "");
	return r;
}

#define TOKEN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, machine_tree_teardown)

static void test_a_token_is_read_as_it_was_written(void **state)
{
	struct machine_tree *tree = *state;
	struct crash_test made, read;
	struct error error = {};
	uint64_t now = (uint64_t)time(NULL);

	assert_int_equal(crash_test_make(&made, "/var/crash \"x\"", &tree->root, &error), 0);
	assert_int_equal(crash_test_write(&made, &tree->root, &error), 0);
	assert_int_equal(crash_test_read(&read, &tree->root, &error), 0);
	assert_no_failure(&error);
	assert_string_equal(read.boot_id, BOOT_ID);
	assert_string_equal(read.release, "6.12.0-test");
	assert_string_equal(read.dump_folder, "/var/crash \"x\"");
	assert_true(read.ordered_at >= now && read.ordered_at < now + 600);
	assert_false(folder_has(&tree->folder, "var/lib/kexec/crash-test.json.new"));
}

static void test_without_a_token_nobody_tested(void **state)
{
	struct machine_tree *tree = *state;
	struct crash_test test;
	struct error error = {};

	assert_int_equal(crash_test_read(&test, &tree->root, &error), -ENOENT);
	assert_failed(&error, ERROR_FILE, "no panic was tested");
}

static void test_what_is_no_token_is_not_believed(void **state)
{
	static const char *const rows[] = {
	    "",
	    "{}",
	    "{\"schema\":\"kexec-crash-test\",\"schema_version\":2,\"boot_id\":\"x\",\"release\":"
	    "\"x\","
	    "\"dump_directory\":\"/\",\"ordered_at\":1}",
	    "{\"schema\":\"kexec-crash-test\",\"schema_version\":1,\"boot_id\":\"x\",\"release\":"
	    "\"x\","
	    "\"dump_directory\":\"/\",\"ordered_at\":-1}",
	    "{\"schema\":\"kexec-crash-test\",\"schema_version\":1,\"boot_id\":\"x\",\"release\":1,"
	    "\"dump_directory\":\"/\",\"ordered_at\":1}",
	    "{\"schema\":\"kexec-crash-test\",\"schema_version\":1,\"boot_id\":"
	    "\"0123456789012345678901234567890123456789012345678901234567890123456789\","
	    "\"release\":\"x\",\"dump_directory\":\"/\",\"ordered_at\":1}",
	};
	struct machine_tree *tree = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct crash_test test;
		struct error error = {};

		machine_tree_write(tree, "var/lib/kexec/crash-test.json", rows[i]);
		assert_row(rows[i], crash_test_read(&test, &tree->root, &error) == -EBADMSG);
	}
}

static void test_a_folder_in_its_place_is_a_failure_and_leaves_nothing(void **state)
{
	struct machine_tree *tree = *state;
	struct crash_test made;
	struct error error = {};

	machine_tree_write(tree, "var/lib/kexec/crash-test.json/x", "");
	assert_int_equal(crash_test_make(&made, "/var/crash", &tree->root, &error), 0);
	assert_true(crash_test_write(&made, &tree->root, &error) < 0);
	assert_failed(&error, ERROR_FILE, "could not know");
	assert_false(folder_has(&tree->folder, "var/lib/kexec/crash-test.json.new"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TOKEN_TEST(test_a_token_is_read_as_it_was_written),
	    TOKEN_TEST(test_without_a_token_nobody_tested),
	    TOKEN_TEST(test_what_is_no_token_is_not_believed),
	    TOKEN_TEST(test_a_folder_in_its_place_is_a_failure_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
