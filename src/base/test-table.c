/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/table.h"

#include <errno.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/test.h"

static const struct table_column columns[] = {{"ROLE"}, {"SIZE", .right = true}, {"FILE"}};

static const char *const rows[][3] = {
    {"kernel", "9 bytes", "/boot/vmlinuz"},
    {"initrd", "128.0 MiB", "/boot/gr\xc3\xb6\xc3\x9f\x65r"},
    {"", "1", "a\033[31mb\nc\xff"},
};

static const char expected[] = "ROLE        SIZE FILE\n"
			       "kernel   9 bytes /boot/vmlinuz\n"
			       "initrd 128.0 MiB /boot/gr\xc3\xb6\xc3\x9f\x65r\n"
			       "               1 a?[31mb?c?\n";

static void make(struct table *table)
{
	*table = (struct table){.columns = columns, .column_count = ELEMENTS(columns)};
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(table_add_row(table, rows[i]), 0);
}

static char *printed(void (*print)(const struct table *table, FILE *out))
{
	cleanup_with(table_fini) struct table table;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	make(&table);
	print(&table, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void print_by_library(const struct table *table, FILE *out)
{
	if (table_print_smartcols(table, out) < 0)
		fputs("none", out);
}

static void test_columns_are_aligned_and_nothing_moves_the_cursor(void **state)
{
	cleanup_free char *plain = printed(table_print_plain), *any = printed(table_print);

	(void)state;
	assert_string_equal(plain, expected);
	assert_string_equal(any, expected);
}

/* Without a terminal it makes no difference whether the library is there. */
static void test_the_library_prints_the_same(void **state)
{
	cleanup_free char *text = printed(print_by_library);

	(void)state;
	if (strcmp(text, "none") == 0)
		skip();
	assert_string_equal(text, expected);
}

static void test_a_table_without_rows_has_headings(void **state)
{
	const struct table table = {.columns = columns, .column_count = ELEMENTS(columns)};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	table_print_plain(&table, out);
	fclose(out);
	assert_string_equal(text, "ROLE SIZE FILE\n");
	free(text);
}

/* On a terminal of 30 columns the last column is wrapped, and nothing is lost or coloured. */
static void test_a_narrow_terminal_wraps_the_last_column(void **state)
{
	static const char *const row[] = {"kernel", "1 byte",
					  "/a/path/that/is/much/longer/than/it"};
	const struct winsize size = {.ws_row = 24, .ws_col = 30};
	char text[1024] = "";
	size_t length = 0, widest = 0;
	int terminal, status;
	ssize_t n;
	pid_t child;

	(void)state;
	child = forkpty(&terminal, NULL, NULL, &size);
	assert_true(child >= 0);
	if (child == 0) {
		cleanup_with(table_fini) struct table table = {.columns = columns,
							       .column_count = ELEMENTS(columns)};

		unsetenv("COLUMNS");
		table_add_row(&table, row);
		print_by_library(&table, stdout);
		fflush(stdout);
		_exit(0);
	}
	while ((n = read(terminal, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)n;
	assert_int_equal(waitpid(child, &status, 0), child);
	close(terminal);
	if (strstr(text, "none"))
		skip();
	assert_null(strchr(text, '\033'));
	assert_contains(text, "kernel 1 byte /a/path");
	for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n"))
		widest = strlen(line) > widest ? strlen(line) : widest;
	assert_true(widest > 20 && widest <= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_columns_are_aligned_and_nothing_moves_the_cursor),
	    cmocka_unit_test(test_the_library_prints_the_same),
	    cmocka_unit_test(test_a_table_without_rows_has_headings),
	    cmocka_unit_test(test_a_narrow_terminal_wraps_the_last_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
