/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/dmesg-options.h"

#include <stdlib.h>
#include <string.h>

#include "test-support/test.h"

enum { WORDS_MAX = 8 };

static int parse(struct dmesg_command *command, const char *text, struct error *error)
{
	static char copy[256];
	char *words[WORDS_MAX + 1] = {"vmcore-dmesg"}, *save;
	int count = 1;

	strcpy(copy, text);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	return dmesg_options_parse(command, count, words, error);
}

static void test_options_are_read_in_any_order(void **state)
{
	struct dmesg_command command;
	struct error error = {};

	(void)state;
	assert_int_equal(parse(&command, "core --level=err,warn --caller -f daemon,kern", &error),
			 0);
	assert_string_equal(command.path, "core");
	assert_int_equal(command.levels, 1 << 3 | 1 << 4);
	assert_int_equal(command.facilities, 1 << 3 | 1);
	assert_true(command.caller && !command.json && command.action == DMESG_SHOW);
	assert_int_equal(parse(&command, "--time-format iso core", &error), 0);
	assert_true(command.time == DMESG_TIME_ISO && command.time_given);
	assert_int_equal(parse(&command, "-J core", &error), 0);
	assert_true(command.json);
	assert_int_equal(parse(&command, "--help", &error), 0);
	assert_true(command.action == DMESG_HELP);
	assert_int_equal(parse(&command, "-V", &error), 0);
	assert_true(command.action == DMESG_VERSION);
	assert_no_failure(&error);
}

static void test_levels_have_plus_signs(void **state)
{
	static const struct {
		const char *words;
		uint32_t levels;
	} rows[] = {
	    {"-l err+ core", 0x0f},        {"-l +err core", 0xf8},   {"-l emerg+ core", 0x01},
	    {"-l +debug core", 0x80},      {"-l debug+ core", 0xff}, {"-l alert,+info core", 0xc2},
	    {"-l err -l warn core", 0x18},
	};
	struct dmesg_command command;
	struct error error = {};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_row(rows[i].words, parse(&command, rows[i].words, &error) == 0);
		assert_row(rows[i].words, command.levels == rows[i].levels);
	}
}

static void test_each_wrong_command_line_is_refused(void **state)
{
	static const struct {
		const char *words, *named;
	} rows[] = {
	    {"", "a dump is missing"},
	    {"a b", "more than one dump"},
	    {"core --level", "needs a value"},
	    {"core -l", "needs a value"},
	    {"core --level=", "no such level"},
	    {"core --level=error", "no such level"},
	    {"core --level=err,", "no such level"},
	    {"core --level=+err+", "no such level"},
	    {"core --level=+", "no such level"},
	    {"core --facility=kernel", "no such facility"},
	    {"core --facility=res", "no such facility"},
	    {"core --time-format=tai", "no such --time-format"},
	    {"core --json --caller", "--json has callers"},
	    {"core --json --time-format=raw", "--json has callers"},
	    {"core --follow", "no such option"},
	    {"core -w", "-w"},
	    {"core --json=yes", "takes no value"},
	};
	struct dmesg_command command;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = {};

		assert_row(rows[i].words, parse(&command, rows[i].words, &error) < 0);
		assert_failed(&error, ERROR_USAGE, rows[i].named);
	}
}

static void test_names_and_numbers_belong_together(void **state)
{
	(void)state;
	assert_string_equal(dmesg_level_name(0), "emerg");
	assert_string_equal(dmesg_level_name(7), "debug");
	assert_null(dmesg_level_name(8));
	assert_string_equal(dmesg_facility_name(0), "kern");
	assert_string_equal(dmesg_facility_name(11), "ftp");
	assert_string_equal(dmesg_facility_name(23), "local7");
	assert_null(dmesg_facility_name(24));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_options_are_read_in_any_order),
	    cmocka_unit_test(test_levels_have_plus_signs),
	    cmocka_unit_test(test_each_wrong_command_line_is_refused),
	    cmocka_unit_test(test_names_and_numbers_belong_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
