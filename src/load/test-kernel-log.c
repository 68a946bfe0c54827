/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/kernel-log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test-support/machine-tree.h"
#include "test-support/test.h"

/* A socket keeps records apart, as /dev/kmsg does; behind the last there is nothing to read. */
static void read_records(const char *const *records, size_t count, char *text, size_t capacity)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(write(pair[0], records[i], strlen(records[i])),
				 strlen(records[i]));
	kernel_log_since(pair[1], text, capacity);
	close(pair[0]);
	close(pair[1]);
}

static void test_the_texts_of_records_are_joined(void **state)
{
	static const char *const records[] = {
	    "3,10,1000,-;first line\n SUBSYSTEM=acpi\n DEVICE=+acpi:x\n",
	    "no record",
	    "6,11,1001,c,extra;second; with a semicolon\n",
	};
	char text[256];

	(void)state;
	read_records(records, ELEMENTS(records), text, sizeof(text));
	assert_string_equal(text, "first line; second; with a semicolon");
}

static void test_a_text_that_is_too_long_is_cut(void **state)
{
	static const char *const records[] = {"3,1,1,-;0123456789", "3,1,1,-;abcdefghij",
					      "3,1,1,-;never"};

	(void)state;
	for (size_t capacity = 1; capacity < 24; capacity++) {
		char text[32];

		memset(text, 'x', sizeof(text));
		read_records(records, ELEMENTS(records), text, capacity);
		assert_int_equal(strlen(text), capacity - 1 < 22 ? capacity - 1 : 22);
		assert_memory_equal(text, "0123456789; abcdefghij; never", strlen(text));
		for (size_t i = capacity; i < sizeof(text); i++)
			assert_int_equal(text[i], 'x');
	}
}

static void test_without_a_log_there_is_no_text(void **state)
{
	struct machine_tree *tree = *state;
	char text[8] = "old";

	machine_tree_delete(tree, "dev/kmsg");
	assert_int_equal(kernel_log_mark(&tree->root), -1);
	kernel_log_since(-1, text, sizeof(text));
	assert_string_equal(text, "");
}

static void test_what_was_logged_before_the_mark_does_not_count(void **state)
{
	struct machine_tree *tree = *state;
	int mark = kernel_log_mark(&tree->root);
	char text[64] = "old";

	assert_true(mark >= 0);
	kernel_log_since(mark, text, sizeof(text));
	assert_string_equal(text, "");
	close(mark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_texts_of_records_are_joined),
	    cmocka_unit_test(test_a_text_that_is_too_long_is_cut),
	    TREE_TEST(test_without_a_log_there_is_no_text),
	    TREE_TEST(test_what_was_logged_before_the_mark_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
