/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/timeline.h"

#include <stdio.h>

#include "test-support/machine-tree.h"
#include "test-support/test.h"

static void add_node(struct machine_tree *tree, unsigned int index, uint32_t type, const void *data,
		     size_t size)
{
	char path[80], text[32];

	snprintf(path, sizeof(path), "sys/kernel/boot_params/setup_data/%u/type", index);
	snprintf(text, sizeof(text), "0x%x\n", type);
	machine_tree_write(tree, path, text);
	snprintf(path, sizeof(path), "sys/kernel/boot_params/setup_data/%u/data", index);
	folder_write(&tree->folder, path, data, size);
}

static enum fact read_stamp(const struct machine_tree *tree, struct purgatory_stamp *stamp)
{
	return timeline_read_stamp(&tree->root, stamp);
}

static const struct purgatory_stamp stamped = {PURGATORY_STAMP_MAGIC, 100, 250, 5};

static void test_a_stamp_is_found_behind_other_nodes(void **state)
{
	struct purgatory_stamp stamp;

	add_node(*state, 0, 9, "a seed", 6);
	add_node(*state, 1, PURGATORY_SETUP_DATA_TYPE, &stamped, sizeof(stamped));
	assert_int_equal(read_stamp(*state, &stamp), FACT_KNOWN);
	assert_int_equal(stamp.entered, 100);
	assert_int_equal(stamp.left, 250);
	assert_int_equal(stamp.checked, 5);
}

static void test_a_kernel_that_no_purgatory_started_has_no_stamp(void **state)
{
	struct purgatory_stamp stamp;

	assert_int_equal(read_stamp(*state, &stamp), FACT_ABSENT);
	add_node(*state, 0, 9, "a seed", 6);
	assert_int_equal(read_stamp(*state, &stamp), FACT_ABSENT);
}

static void test_a_node_that_purgatory_never_wrote_is_no_stamp(void **state)
{
	struct purgatory_stamp stamp, blank = {.magic = PURGATORY_STAMP_MAGIC}, other = stamped;

	add_node(*state, 0, PURGATORY_SETUP_DATA_TYPE, &blank, sizeof(blank));
	assert_int_equal(read_stamp(*state, &stamp), FACT_ABSENT);
	other.magic++;
	add_node(*state, 0, PURGATORY_SETUP_DATA_TYPE, &other, sizeof(other));
	assert_int_equal(read_stamp(*state, &stamp), FACT_ABSENT);
}

static void test_a_damaged_node_is_unreadable(void **state)
{
	struct purgatory_stamp stamp;

	add_node(*state, 0, PURGATORY_SETUP_DATA_TYPE, &stamped, sizeof(stamped) - 1);
	assert_int_equal(read_stamp(*state, &stamp), FACT_UNREADABLE);
	machine_tree_write(*state, "sys/kernel/boot_params/setup_data/0/type", "\n");
	assert_int_equal(read_stamp(*state, &stamp), FACT_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_a_stamp_is_found_behind_other_nodes),
	    TREE_TEST(test_a_kernel_that_no_purgatory_started_has_no_stamp),
	    TREE_TEST(test_a_node_that_purgatory_never_wrote_is_no_stamp),
	    TREE_TEST(test_a_damaged_node_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
