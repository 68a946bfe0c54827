/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/timeline-marks.h"

#include <stdlib.h>

#include "test-support/machine-tree.h"
#include "test-support/test.h"

static enum fact read_init(struct machine_tree *tree, const char *log, uint64_t *microseconds)
{
	machine_tree_write(tree, "dev/kmsg", log);
	return timeline_read_init(&tree->root, microseconds);
}

static void test_the_kernels_own_message_tells_when_init_started(void **state)
{
	uint64_t microseconds = 0;

	assert_int_equal(read_init(*state,
				   "5,0,0,-;Linux version 6.1\n"
				   "6,300,1400000,-;Freeing unused kernel image memory\n"
				   " SUBSYSTEM=cpu\n"
				   "6,310,1466339,-;Run /init as init process\n"
				   "7,311,1466340,-;  with arguments:\n"
				   "6,900,9000000,-;Run /sbin/init as init process\n",
				   &microseconds),
			 FACT_KNOWN);
	assert_int_equal(microseconds, 1466339);
}

static void test_other_messages_tell_nothing(void **state)
{
	static const char *const rows[] = {
	    "",
	    "no record",
	    "6,1,5,-;Run /init\n",
	    "6,1,5,-;It may Run /init as init process\n",
	    "6;Run /init as init process\n",
	    ",,,;Run /init as init process\n",
	    /* Written by a program: facility 1, user. */
	    "14,1,5,-;Run /init as init process\n",
	};
	uint64_t microseconds;

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_row(rows[i], read_init(*state, rows[i], &microseconds) == FACT_ABSENT);
}

static void test_a_log_that_is_not_there_or_cannot_be_read(void **state)
{
	struct machine_tree *tree = *state;
	uint64_t microseconds;

	machine_tree_delete(tree, "dev/kmsg");
	assert_int_equal(timeline_read_init(&tree->root, &microseconds), FACT_ABSENT);
	machine_tree_write(tree, "dev/kmsg/x", "");
	assert_int_equal(timeline_read_init(&tree->root, &microseconds), FACT_UNREADABLE);
}

static void test_systemds_marks(void **state)
{
	static const struct {
		const char *text;
		bool any;
		uint64_t initrd, finish;
	} rows[] = {
	    {"FinishTimestampMonotonic=9000000\nInitRDTimestampMonotonic=1500000\n", true, 1500000,
	     9000000},
	    {"InitRDTimestampMonotonic=0\nFinishTimestampMonotonic=7", true, 0, 7},
	    {"FinishTimestampMonotonic=18446744073709551615\n", true, 0, 0},
	    {"FinishTimestampMonotonic=\n", true, 0, 0},
	    {"XFinishTimestampMonotonic=5\nFinishTimestampMonotonicX=5\n", false, 0, 0},
	    {"Failed to connect to bus\n", false, 0, 0},
	    {"", false, 0, 0},
	    {"\n\n", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct systemd_marks marks;

		assert_row(rows[i].text, systemd_marks_parse(&marks, rows[i].text) == rows[i].any);
		assert_row(rows[i].text, marks.initrd == rows[i].initrd);
		assert_row(rows[i].text, marks.finish == rows[i].finish);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_the_kernels_own_message_tells_when_init_started),
	    TREE_TEST(test_other_messages_tell_nothing),
	    TREE_TEST(test_a_log_that_is_not_there_or_cannot_be_read),
	    cmocka_unit_test(test_systemds_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
