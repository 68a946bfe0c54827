/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts that readers share: texts, paths, limits, patterns, lines, boot counters. */
#include "entry/entry.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "entry/bls.h"
#include "entry/config-line.h"
#include "entry/glob.h"
#include "entry/list.h"
#include "test-support/test.h"

static void test_paths_stay_below_their_folder(void **state)
{
	static const struct {
		const char *folder, *path, *joined; /* NULL: -EINVAL */
	} rows[] = {
	    {"/efi", "/a/b", "/efi/a/b"},
	    {"/efi", "a/b", "/efi/a/b"},
	    {"/efi/", "a", "/efi/a"},
	    {"/", "a", "/a"},
	    {"", "/a", "/a"},
	    {"/efi", "//a///b/", "/efi/a/b"},
	    {"/efi", "/./a/.", "/efi/a"},
	    {"/efi", "\\a\\b", "/efi/a/b"},
	    {"/efi", "/..a/b..", "/efi/..a/b.."},
	    {"/efi", "/a/../b", NULL},
	    {"/efi", "..", NULL},
	    {"/efi", "a\\..\\b", NULL},
	    {"/efi", "", NULL},
	    {"/efi", "/", NULL},
	    {"/efi", ".", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *joined = NULL;
		int r = entry_join_path(&joined, rows[i].folder, rows[i].path);

		assert_row(rows[i].path, r == (rows[i].joined ? 0 : -EINVAL));
		assert_row(rows[i].path, r < 0 || strcmp(joined, rows[i].joined) == 0);
	}
}

static void test_relative_paths_may_lead_up_but_not_out(void **state)
{
	static const struct {
		const char *top, *folder, *path, *resolved;
	} rows[] = {
	    {"/boot", "/extlinux", "../vmlinuz", "/boot/vmlinuz"},
	    {"/boot", "/extlinux", "vmlinuz", "/boot/extlinux/vmlinuz"},
	    {"/boot", "/extlinux", "/vmlinuz", "/boot/vmlinuz"},
	    {"", "/boot/extlinux", "../vmlinuz", "/boot/vmlinuz"},
	    {"", "/boot/extlinux", "../../../vmlinuz", NULL},
	    {"/boot", "/extlinux", "../../etc/passwd", NULL},
	    {"/boot", "/extlinux", "/../etc/passwd", NULL},
	    {"/boot", "/extlinux", "a/../../b", "/boot/b"},
	    {"/boot", "", "..", NULL},
	    {"/boot", "/a", "..", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *resolved = NULL;
		int r = entry_resolve_path(&resolved, rows[i].top, rows[i].folder, rows[i].path);

		assert_row(rows[i].path, r == (rows[i].resolved ? 0 : -EINVAL));
		assert_row(rows[i].path, r < 0 || strcmp(resolved, rows[i].resolved) == 0);
	}
}

static void test_what_is_too_long_is_refused(void **state)
{
	cleanup_free char *text = malloc(ENTRY_TEXT_MAX + 2), *path = NULL, *field = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', ENTRY_TEXT_MAX + 1);
	text[ENTRY_TEXT_MAX + 1] = '\0';
	assert_int_equal(entry_set_text(&field, text), -E2BIG);
	assert_null(field);
	text[ENTRY_TEXT_MAX] = '\0';
	assert_int_equal(entry_set_text(&field, text), 0);
	assert_int_equal(entry_append_text(&field, "y"), -E2BIG);
	assert_int_equal(strlen(field), ENTRY_TEXT_MAX);
	assert_int_equal(entry_join_path(&path, "/efi", text), -E2BIG);
	text[PATH_MAX - 6] = '\0';
	assert_int_equal(entry_join_path(&path, "/", text), 0);
	assert_true(strlen(path) < PATH_MAX);
}

static void test_texts_are_joined_by_one_blank(void **state)
{
	cleanup_free char *field = NULL;

	(void)state;
	assert_int_equal(entry_append_text(&field, "a"), 0);
	assert_int_equal(entry_append_text(&field, ""), 0);
	assert_int_equal(entry_append_text(&field, "b c"), 0);
	assert_string_equal(field, "a b c");
}

static void test_the_first_problem_stays(void **state)
{
	cleanup_entry struct entry *entry = entry_new(ENTRY_BLS, "id", "/source", 3);

	(void)state;
	assert_non_null(entry);
	assert_int_equal(entry_add_problem(entry, ENTRY_NO_KERNEL, "a", "%d", 1), 0);
	assert_int_equal(entry_add_problem(entry, ENTRY_MALFORMED, "b", "%d", 2), 0);
	assert_int_equal(entry->problem, ENTRY_NO_KERNEL);
	assert_string_equal(entry->problem_subject, "a");
	assert_string_equal(entry->problem_detail, "1");
}

static void test_the_list_has_a_limit_that_is_told(void **state)
{
	cleanup_with(entry_list_fini) struct entry_list list = {};

	(void)state;
	for (size_t i = 0; i < ENTRY_LIST_MAX; i++)
		assert_int_equal(entry_list_add(&list, entry_new(ENTRY_BLS, "x", "/x", 0)), 0);
	assert_int_equal(entry_list_add(&list, entry_new(ENTRY_BLS, "y", "/y", 0)), -E2BIG);
	assert_int_equal(list.count, ENTRY_LIST_MAX);
	assert_int_equal(list.remark_count, 1);
	assert_int_equal(list.remarks[0].kind, REMARK_TOO_MUCH);
	for (size_t i = 0; i < ENTRY_REMARKS_MAX + 5; i++)
		assert_int_equal(entry_list_add_remark(&list, REMARK_IGNORED, "s", 1, "d"), 0);
	assert_int_equal(list.remark_count, ENTRY_REMARKS_MAX);
}

static void test_patterns_are_those_of_the_loader(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} rows[] = {
	    {"arch.conf", "arch.conf", true},
	    {"ARCH.conf", "Arch.CONF", true},
	    {"arch", "arch.conf", false},
	    {"arch*", "arch.conf", true},
	    {"*", "", true},
	    {"", "", true},
	    {"", "a", false},
	    {"?", "", false},
	    {"a?c", "abc", true},
	    {"*.conf", "a.conf.conf", true},
	    {"*a*b*", "xxaxxbxx", true},
	    {"*a*b*", "xxbxxaxx", false},
	    {"a**b", "ab", true},
	    {"foo+[1-9]*.conf", "foo+3-0.conf", true},
	    {"foo+[1-9]*.conf", "foo+0-3.conf", false},
	    {"[abc]x", "Bx", true},
	    {"[]]", "]", true},
	    {"[a-]", "-", true},
	    {"[", "[", true},
	    {"[ab", "[ab", true},
	    {"[ab", "a", false},
	    {"\\*", "*", true},
	    {"\\*", "a", false},
	    {"a\\", "a\\", true},
	    {"*[", "x[", true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_row(rows[i].pattern,
			   glob_match(rows[i].pattern, rows[i].text) == rows[i].matches);
}

/* fnmatch(3) would not end on this one. */
static void test_a_pattern_of_many_stars_takes_no_time(void **state)
{
	char pattern[512], text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(pattern) - 2; i += 2)
		memcpy(pattern + i, "*a", 2);
	memcpy(pattern + sizeof(pattern) - 2, "b", 2);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(glob_match(pattern, text));
}

static void test_lines_are_read_as_the_loader_reads_them(void **state)
{
	char text[] = "title  A  b \r\n\n#no comment\n  # nor this\nlone\n\tk\tv\rquoted \"x y\"\n"
		      "half \"x\nlast z";
	static const struct {
		const char *key, *value;
		unsigned int line;
	} expected[] = {{"title", "A  b", 1},
			{"k", "v", 6},
			{"quoted", "x y", 7},
			{"half", "\"x", 8},
			{"last", "z", 9}};
	struct config_lines lines = config_lines_of(text, " \t");
	char *key, *value;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(expected); i++) {
		assert_true(config_lines_next(&lines, &key, &value));
		assert_string_equal(key, expected[i].key);
		assert_string_equal(value, expected[i].value);
		assert_int_equal(lines.number, expected[i].line);
	}
	assert_false(config_lines_next(&lines, &key, &value));
	assert_false(config_lines_next(&lines, &key, &value));
}

static void test_plain_lines_need_no_value(void **state)
{
	char text[] = "label\nmenu \"x\"\n";
	struct config_lines lines = config_lines_of(text, " \t");
	char *key, *value;

	(void)state;
	lines.plain = true;
	assert_true(config_lines_next(&lines, &key, &value));
	assert_string_equal(key, "label");
	assert_string_equal(value, "");
	assert_true(config_lines_next(&lines, &key, &value));
	assert_string_equal(value, "\"x\"");
}

static void test_boot_counters_are_at_the_end_of_a_name(void **state)
{
	static const struct {
		const char *name, *id; /* NULL: it has none */
		unsigned int left, done;
	} rows[] = {
	    {"a.conf", NULL, 0, 0},
	    {"a+3.conf", "a.conf", 3, 0},
	    {"a+3-1.conf", "a.conf", 3, 1},
	    {"a+0-3.CONF", "a.conf", 0, 3},
	    {"a+007-08.conf", "a.conf", 7, 8},
	    {"6.12.43+deb13-amd64.conf", NULL, 0, 0},
	    {"6.12.43+deb13-amd64+2-1.conf", "6.12.43+deb13-amd64.conf", 2, 1},
	    {"a+.conf", NULL, 0, 0},
	    {"a+3-.conf", NULL, 0, 0},
	    {"a+3-1-2.conf", NULL, 0, 0},
	    {"a+3.efi", NULL, 0, 0},
	    {"a+2147483647.conf", "a.conf", 2147483647, 0},
	    {"a+2147483648.conf", NULL, 0, 0},
	    {"a+99999999999999999999999.conf", NULL, 0, 0},
	    {"+1.conf", ".conf", 1, 0},
	    {"a+-1.conf", NULL, 0, 0},
	    {"", NULL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		unsigned int left = 0, done = 0;
		char id[64] = "";
		bool counted = bls_boot_counter(rows[i].name, ".conf", id, &left, &done);

		assert_row(rows[i].name, counted == (rows[i].id != NULL));
		assert_row(rows[i].name, !counted || strcmp(id, rows[i].id) == 0);
		assert_row(rows[i].name,
			   !counted || (left == rows[i].left && done == rows[i].done));
	}
}

static void test_a_boot_is_counted_in_the_name(void **state)
{
	static const struct {
		const char *path, *counted; /* NULL: it has no counter */
	} rows[] = {
	    {"/efi/loader/entries/a+3.conf", "/efi/loader/entries/a+2-1.conf"},
	    {"/efi/a+2-1.efi", "/efi/a+1-2.efi"},
	    {"/efi/a+1-2.efi", "/efi/a+0-3.efi"},
	    {"/efi/a+0-3.efi", "/efi/a+0-4.efi"},
	    {"/efi/a+0-9.efi", "/efi/a+0-9.efi"},
	    {"/efi/a+010-09.EFI", "/efi/a+009-10.EFI"},
	    {"/efi/6.12+deb13+3-0.conf", "/efi/6.12+deb13+2-1.conf"},
	    {"/efi/6.12+deb13.conf", NULL},
	    {"/efi/a.conf", NULL},
	    {"/efi/a", NULL},
	    {"/a+3/b.conf", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *counted = NULL;

		assert_int_equal(bls_count_boot(&counted, rows[i].path), 0);
		assert_row(rows[i].path, !counted == !rows[i].counted);
		assert_row(rows[i].path, !counted || strcmp(counted, rows[i].counted) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths_stay_below_their_folder),
	    cmocka_unit_test(test_relative_paths_may_lead_up_but_not_out),
	    cmocka_unit_test(test_what_is_too_long_is_refused),
	    cmocka_unit_test(test_texts_are_joined_by_one_blank),
	    cmocka_unit_test(test_the_first_problem_stays),
	    cmocka_unit_test(test_the_list_has_a_limit_that_is_told),
	    cmocka_unit_test(test_patterns_are_those_of_the_loader),
	    cmocka_unit_test(test_a_pattern_of_many_stars_takes_no_time),
	    cmocka_unit_test(test_lines_are_read_as_the_loader_reads_them),
	    cmocka_unit_test(test_plain_lines_need_no_value),
	    cmocka_unit_test(test_boot_counters_are_at_the_end_of_a_name),
	    cmocka_unit_test(test_a_boot_is_counted_in_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
