/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/console.h"

#include <stdio.h>

#include "test-support/machine-tree.h"
#include "test-support/test.h"

static struct machine_console read_console(const struct machine_tree *tree)
{
	struct machine_console console;

	machine_console_read(&console, &tree->root);
	return console;
}

static void add_uart(struct machine_tree *tree, const char *name, const char *io_type,
		     const char *type, const char *port)
{
	const char *const values[][2] = {{"io_type", io_type}, {"type", type}, {"port", port}};

	for (size_t i = 0; i < ELEMENTS(values); i++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/class/tty/%s/%s", name, values[i][0]);
		machine_tree_write(tree, path, values[i][1]);
	}
}

static void test_the_uart_behind_the_console_is_found(void **state)
{
	struct machine_console console = read_console(*state);

	assert_int_equal(console.serial_fact, FACT_KNOWN);
	assert_string_equal(console.serial_name, "ttyS0");
	assert_int_equal(console.serial_port, MACHINE_TREE_SERIAL_PORT);
}

static void test_the_last_uart_wins_wherever_other_consoles_stand(void **state)
{
	struct machine_console console;

	add_uart(*state, "ttyS1", "0\n", "4\n", "0x2F8\n");
	machine_tree_write(*state, "sys/class/tty/console/active", "ttyS0 ttyS1 tty0 hvc0\n");
	console = read_console(*state);
	assert_int_equal(console.serial_fact, FACT_KNOWN);
	assert_string_equal(console.serial_name, "ttyS1");
	assert_int_equal(console.serial_port, 0x2f8);
}

static void test_a_uart_that_ports_do_not_reach_is_none(void **state)
{
	static const struct {
		const char *row, *io_type, *type, *port;
		enum fact fact;
	} rows[] = {
	    {"memory-mapped", "2\n", "4\n", "0x3F8\n", FACT_ABSENT},
	    {"not there", "0\n", "0\n", "0x3F8\n", FACT_ABSENT},
	    {"no port", "0\n", "4\n", "0x0\n", FACT_ABSENT},
	    {"port beyond the last", "0\n", "4\n", "0xfff9\n", FACT_ABSENT},
	    {"the last port", "0\n", "4\n", "0xfff8\n", FACT_KNOWN},
	    {"port of 32 bits", "0\n", "4\n", "0x100003F8\n", FACT_ABSENT},
	    {"no number", "0\n", "4\n", "com1\n", FACT_UNREADABLE},
	    {"no type", "0\n", "\n", "0x3F8\n", FACT_UNREADABLE},
	    {"no kind", "\n", "4\n", "0x3F8\n", FACT_UNREADABLE},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		add_uart(*state, "ttyS0", rows[i].io_type, rows[i].type, rows[i].port);
		assert_row(rows[i].row, read_console(*state).serial_fact == rows[i].fact);
		assert_row(rows[i].row,
			   (read_console(*state).serial_port != 0) == (rows[i].fact == FACT_KNOWN));
	}
}

static void test_other_consoles_are_no_uarts(void **state)
{
	static const char *const actives[] = {
	    "tty0\n", "hvc0\n", "ttyAMA0\n", "", "ttyS9\n", "ttySxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"};

	for (size_t i = 0; i < ELEMENTS(actives); i++) {
		machine_tree_write(*state, "sys/class/tty/console/active", actives[i]);
		assert_row(actives[i], read_console(*state).serial_fact == FACT_ABSENT);
	}
	machine_tree_delete(*state, "sys/class/tty/console/active");
	assert_int_equal(read_console(*state).serial_fact, FACT_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_the_uart_behind_the_console_is_found),
	    TREE_TEST(test_the_last_uart_wins_wherever_other_consoles_stand),
	    TREE_TEST(test_a_uart_that_ports_do_not_reach_is_none),
	    TREE_TEST(test_other_consoles_are_no_uarts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
