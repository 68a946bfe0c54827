/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/exec-stamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "machine/clocks.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define BOOT_ID   "01234567-89ab-cdef-0123-456789abcdef"
#define FILE_NAME "var/lib/kexec/jumped.json"

static void prepare(struct machine_tree *tree)
{
	machine_tree_write(tree, "proc/sys/kernel/random/boot_id", BOOT_ID "\n");
	machine_tree_write(tree, "var/lib/there", "");
}

static void test_a_stamp_is_read_back(void **state)
{
	struct machine_tree *tree = *state;
	struct clock_sample before, after;
	struct exec_stamp stamp;

	prepare(tree);
	clock_sample_take(&before);
	exec_stamp_write(&tree->root, EXEC_STAMP_JUMPED, "kexec -e");
	clock_sample_take(&after);
	assert_int_equal(exec_stamp_read(&stamp, &tree->root, EXEC_STAMP_JUMPED), 0);
	assert_string_equal(stamp.boot_id, BOOT_ID);
	assert_in_range(stamp.tsc, before.tsc, after.tsc);
	assert_in_range(stamp.boottime, before.boottime, after.boottime);
	assert_in_range(stamp.realtime, before.realtime, after.realtime);
	assert_int_equal(exec_stamp_read(&stamp, &tree->root, EXEC_STAMP_ORDERED), -ENOENT);
	assert_false(folder_has(&tree->folder, FILE_NAME ".new"));
	exec_stamp_remove(&tree->root, EXEC_STAMP_JUMPED);
	assert_int_equal(exec_stamp_read(&stamp, &tree->root, EXEC_STAMP_JUMPED), -ENOENT);
}

static void test_where_it_cannot_be_written_nothing_is_left(void **state)
{
	struct machine_tree *tree = *state;

	/* No /var/lib, as in a shutdown initramfs. */
	machine_tree_write(tree, "proc/sys/kernel/random/boot_id", BOOT_ID "\n");
	exec_stamp_write(&tree->root, EXEC_STAMP_JUMPED, "kexec -e");
	assert_false(folder_has(&tree->folder, FILE_NAME));
	/* A folder in its place. */
	machine_tree_write(tree, FILE_NAME "/x", "");
	exec_stamp_write(&tree->root, EXEC_STAMP_JUMPED, "kexec -e");
	assert_false(folder_has(&tree->folder, FILE_NAME ".new"));
	assert_true(folder_has(&tree->folder, FILE_NAME "/x"));
}

static void test_a_boot_without_a_name_is_not_stamped(void **state)
{
	static const char *const names[] = {"", "\"}", "0123 4567"};
	struct machine_tree *tree = *state;

	prepare(tree);
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		machine_tree_write(tree, "proc/sys/kernel/random/boot_id", names[i]);
		exec_stamp_write(&tree->root, EXEC_STAMP_JUMPED, "kexec -e");
		assert_row(names[i], !folder_has(&tree->folder, FILE_NAME));
	}
}

#define REST "\"boottime_ns\":\"0x1\",\"realtime_ns\":\"0x2\"}"
#define HEAD "{\"schema\":\"kexec-exec\",\"schema_version\":1,"

static void test_what_is_no_stamp_is_none(void **state)
{
	static const char *const rows[] = {
	    "",
	    "{",
	    "[]",
	    "null",
	    "{\"schema\":\"kexec-record\",\"schema_version\":1,\"boot_id\":\"a\",\"tsc\":"
	    "\"0x1\"," REST,
	    "{\"schema\":\"kexec-exec\",\"schema_version\":2,\"boot_id\":\"a\",\"tsc\":"
	    "\"0x1\"," REST,
	    HEAD "\"tsc\":\"0x1\"," REST,
	    HEAD "\"boot_id\":7,\"tsc\":\"0x1\"," REST,
	    HEAD "\"boot_id\":\"" BOOT_ID BOOT_ID "\",\"tsc\":\"0x1\"," REST,
	    HEAD "\"boot_id\":\"a\",\"tsc\":1," REST,
	    HEAD "\"boot_id\":\"a\",\"tsc\":\"0x11111111111111111\"," REST,
	    HEAD "\"boot_id\":\"a\",\"tsc\":\"-1\"," REST,
	};
	struct machine_tree *tree = *state;
	struct exec_stamp stamp;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		machine_tree_write(tree, FILE_NAME, rows[i]);
		assert_row(rows[i],
			   exec_stamp_read(&stamp, &tree->root, EXEC_STAMP_JUMPED) == -EBADMSG);
	}
	machine_tree_write(tree, FILE_NAME, HEAD "\"boot_id\":\"a\",\"tsc\":\"0x1\"," REST);
	assert_int_equal(exec_stamp_read(&stamp, &tree->root, EXEC_STAMP_JUMPED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_a_stamp_is_read_back),
	    TREE_TEST(test_where_it_cannot_be_written_nothing_is_left),
	    TREE_TEST(test_a_boot_without_a_name_is_not_stamped),
	    TREE_TEST(test_what_is_no_stamp_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
