/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/file-options.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/options.h"
#include "test-support/test.h"

#define cleanup_command cleanup_with(command_fini)

enum { WORDS_MAX = 12 };

static int parse_words(struct command *command, const char *const *words, struct error *error)
{
	char *argv[WORDS_MAX + 2] = {"kexec"};
	int argc = 1;

	for (; *words; words++) {
		assert_true(argc <= WORDS_MAX);
		argv[argc++] = (char *)(uintptr_t)*words;
	}
	return options_parse(command, argc, argv, error);
}

#define parse(command, error, ...)                                                                 \
	parse_words(command, (const char *const[]){__VA_ARGS__, NULL}, error)

static void test_a_file_and_its_path_are_split_at_the_last_colon(void **state)
{
	static const struct {
		const char *value, *source, *path;
	} rows[] = {
	    {"key:/etc/keys/root.key", "key", "/etc/keys/root.key"},
	    {"/dev/stdin:/a", "/dev/stdin", "/a"},
	    {"/dev/disk/by-path/pci-0000:00:1f.2:/a", "/dev/disk/by-path/pci-0000:00:1f.2", "/a"},
	    {"a:/b:/c", "a:/b", "/c"},
	    {"::/c", ":", "/c"},
	    {"a:b", NULL, "not absolute"},
	    {"a:", NULL, "not absolute"},
	    {"a:/b/../c", NULL, "there the file cannot be"},
	    {"a:/b:c", NULL, "not absolute"},
	    {"a", NULL, "FILE:PATH"},
	    {":/a", NULL, "FILE:PATH"},
	    {"", NULL, "FILE:PATH"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};
		int r = parse(&command, &error, "load", "k", "--initrd-file", rows[i].value);

		assert_row(rows[i].value, (r == 0) == (rows[i].source != NULL));
		if (r < 0) {
			assert_failed(&error, ERROR_USAGE, rows[i].path);
			assert_string_equal(error.failures[0].subject, "--initrd-file");
			continue;
		}
		assert_int_equal(command.request.file_count, 1);
		assert_string_equal(command.request.files[0].source, rows[i].source);
		assert_string_equal(command.request.files[0].path, rows[i].path);
		assert_int_equal(command.request.files[0].mode, 0600);
	}
}

#define NAME_50 "12345678901234567890123456789012345678901234567890"

static void test_a_credential_is_split_at_the_first_colon_and_put_where_systemd_looks(void **state)
{
	static const struct {
		const char *value, *source, *path;
	} rows[] = {
	    {"passwd:/root/pw", "/root/pw", "/.extra/credentials/passwd.cred"},
	    {"a.b-c d:x:y", "x:y", "/.extra/credentials/a.b-c d.cred"},
	    {"a.:/dev/fd/3", "/dev/fd/3", "/.extra/credentials/a..cred"},
	    {NAME_50 NAME_50 NAME_50 NAME_50 NAME_50 ":f", "f",
	     "/.extra/credentials/" NAME_50 NAME_50 NAME_50 NAME_50 NAME_50 ".cred"},
	    {NAME_50 NAME_50 NAME_50 NAME_50 NAME_50 "x:f", NULL, "too long"},
	    {"a/b:f", NULL, "slash"},
	    {"a\tb:f", NULL, "printable"},
	    {"\303\244:f", NULL, "printable"},
	    {"a\177:f", NULL, "printable"},
	    {".:f", NULL, "begins with a dot"},
	    {"..:f", NULL, "begins with a dot"},
	    {".a:f", NULL, "begins with a dot"},
	    {":f", NULL, "NAME:FILE"},
	    {"a:", NULL, "NAME:FILE"},
	    {"a", NULL, "NAME:FILE"},
	    {"name=hunter2", NULL, "NAME:FILE"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};
		int r = parse(&command, &error, "plan", "k", "--credential", rows[i].value);

		assert_row(rows[i].value, (r == 0) == (rows[i].source != NULL));
		if (r < 0) {
			assert_failed(&error, ERROR_USAGE, rows[i].path);
			assert_null(strstr(error.failures[0].detail, "hunter2"));
			continue;
		}
		assert_string_equal(command.request.files[0].source, rows[i].source);
		assert_string_equal(command.request.files[0].path, rows[i].path);
		assert_int_equal(command.request.files[0].mode, 0400);
	}
}

static void test_files_that_collide_are_refused(void **state)
{
	static const struct {
		const char *one, *other, *part;
	} rows[] = {
	    {"--initrd-file=a:/x", "--initrd-file=b:/y", NULL},
	    {"--initrd-file=a:/x", "--initrd-file=b:/xy", NULL},
	    {"--initrd-file=a:/x/y", "--initrd-file=a:/x/z", NULL},
	    {"--initrd-file=a:/x", "--initrd-file=b:/x", "two files are to become /x"},
	    {"--credential=a:b", "--credential=a:c", "/.extra/credentials/a.cred"},
	    {"--credential=a:b", "--initrd-file=c:/.extra/credentials/a.cred", "two files"},
	    {"--initrd-file=a:/x/y", "--initrd-file=b:/x", "/x, which is a folder of another"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};
		int r = parse(&command, &error, "load", "k", rows[i].one, rows[i].other);

		assert_row(rows[i].one, (r == 0) == !rows[i].part);
		if (r == 0)
			assert_int_equal(command.request.file_count, 2);
		else
			assert_failed(&error, ERROR_USAGE, rows[i].part);
	}
}

static void test_more_initrds_come_behind_the_others_in_their_order(void **state)
{
	static const char *const expected[] = {"1", "2", "3", "4"};
	cleanup_command struct command command;
	struct error error = {};

	(void)state;
	parse(&command, &error, "load", "--add-initrd=3", "--initrd=1", "k", "--add-initrd=4",
	      "--initrd=2");
	assert_no_failure(&error);
	assert_int_equal(command.request.initrd_count, ELEMENTS(expected));
	for (size_t i = 0; i < ELEMENTS(expected); i++)
		assert_string_equal(command.request.initrds[i], expected[i]);
}

static void test_the_options_go_with_a_load_by_a_verb_only(void **state)
{
	static const char *const options[] = {"--add-initrd=a", "--initrd-file=a:/b",
					      "--credential=a:b", "--allow-swap"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(options); i++) {
		static const char *const verbs[] = {"unload", "status", "reboot", "-u"};
		struct error error = {};

		for (size_t j = 0; j < ELEMENTS(verbs); j++) {
			cleanup_command struct command command;

			assert_row(options[i], parse(&command, &error, verbs[j], options[i]) < 0);
			assert_int_equal(error_kind(&error), ERROR_USAGE);
		}
		{
			cleanup_command struct command command;

			assert_row(options[i], parse(&command, &error, "-l", "k", options[i]) < 0);
		}
	}
}

static void test_swap_is_allowed_only_for_a_secret(void **state)
{
	cleanup_command struct command command, other;
	struct error error = {};

	(void)state;
	assert_int_equal(parse(&command, &error, "load", "k", "--allow-swap", "--credential=a:b"),
			 0);
	assert_true(command.request.allow_swap);
	assert_true(parse(&other, &error, "load", "k", "--allow-swap") < 0);
	assert_failed(&error, ERROR_USAGE, "--allow-swap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_file_and_its_path_are_split_at_the_last_colon),
	    cmocka_unit_test(
		test_a_credential_is_split_at_the_first_colon_and_put_where_systemd_looks),
	    cmocka_unit_test(test_files_that_collide_are_refused),
	    cmocka_unit_test(test_more_initrds_come_behind_the_others_in_their_order),
	    cmocka_unit_test(test_the_options_go_with_a_load_by_a_verb_only),
	    cmocka_unit_test(test_swap_is_allowed_only_for_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
