/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/verb-table.h"

#include <errno.h>
#include <string.h>

#include "cmd/help.h"
#include "cmd/option-table.h"
#include "explain/exit-code.h"
#include "test-support/parse.h"
#include "test-support/test.h"

static void test_each_verb_is_known_with_and_without_a_kernel(void **state)
{
	(void)state;
	for (size_t i = 0; i < verb_table_size; i++) {
		const struct verb_entry *entry = &verb_table[i];
		cleanup_command struct command command;
		struct error error = {};

		assert_row(entry->name, entry->verb == (enum verb)(i + 1));
		parse(&command, &error, entry->name, entry->takes_kernel ? "k" : NULL);
		assert_no_failure(&error);
		assert_row(entry->name, command.verb == entry->verb);
		assert_row(entry->name, command.action == ACTION_NONE);
		assert_row(entry->name, !command.request.kernel == !entry->takes_kernel);
	}
}

static void test_the_first_word_is_the_verb_and_a_path_or_a_classic_action_is_not(void **state)
{
	static const struct {
		const char *text;
		enum verb verb;
		enum action action;
		const char *kernel;
	} rows[] = {
	    {"load load", VERB_LOAD, ACTION_NONE, "load"},
	    {"load ./load", VERB_LOAD, ACTION_NONE, "./load"},
	    {"--json load k", VERB_LOAD, ACTION_NONE, "k"},
	    {"-d plan -s k", VERB_PLAN, ACTION_NONE, "k"},
	    {"-- load k", VERB_LOAD, ACTION_NONE, "k"},
	    {"load -- -k", VERB_LOAD, ACTION_NONE, "-k"},
	    {"./load", VERB_NONE, ACTION_LOAD, "./load"},
	    {"./unload", VERB_NONE, ACTION_LOAD, "./unload"},
	    {"Load", VERB_NONE, ACTION_LOAD, "Load"},
	    {"loa", VERB_NONE, ACTION_LOAD, "loa"},
	    {"-l load", VERB_NONE, ACTION_LOAD, "load"},
	    {"status -l", VERB_NONE, ACTION_LOAD, "status"},
	    {"-f unload", VERB_NONE, ACTION_LOAD, "unload"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};

		parse_text(&command, rows[i].text, &error);
		assert_no_failure(&error);
		assert_row(rows[i].text, command.verb == rows[i].verb);
		assert_row(rows[i].text, command.action == rows[i].action);
		assert_string_equal(command.request.kernel, rows[i].kernel);
	}
}

/* One that is good for any option: a word, or an address. */
static const char *value_for(const struct option_entry *entry)
{
	return entry->id == OPTION_MEM_MIN || entry->id == OPTION_MEM_MAX ? "0x1000" : "x:/y";
}

/* With one verb, an option by its name or its letter: taken as the table says. */
static void check_option(const struct verb_entry *verb, const struct option_entry *entry,
			 const char *option)
{
	const char *words[5] = {verb->name};
	cleanup_command struct command command;
	struct error error = {};
	size_t count = 1;
	char row[64];

	snprintf(row, sizeof(row), "%s %s", verb->name, option);
	if (verb->takes_kernel)
		words[count++] = "k";
	words[count++] = option;
	if (entry->argument)
		words[count++] = value_for(entry);
	parse_words(&command, words, &error);
	assert_row(row, command.verb == verb->verb);
	/* It may want another option beside it. */
	if (entry->verbs & 1U << verb->verb) {
		assert_row(row, !strstr(error.failures[0].detail, "does not go with \"kexec"));
		return;
	}
	assert_row(row, error.count == 1);
	assert_row(row, verb_exit_code(&error) == VERB_EXIT_USAGE);
	assert_contains(error.failures[0].detail, "does not go with \"kexec");
}

static bool is_classic_action(const struct option_entry *entry)
{
	return entry->id == OPTION_LOAD || entry->id == OPTION_EXEC || entry->id == OPTION_UNLOAD ||
	       entry->id == OPTION_FORCE || entry->id == OPTION_STATUS ||
	       entry->id == OPTION_RECORD_MACHINE || entry->id == OPTION_LOAD_PANIC ||
	       entry->id == OPTION_PRINT_CRASH_SIZE;
}

static void test_each_option_goes_with_the_verbs_of_its_row_and_no_other(void **state)
{
	unsigned int checked = 0;

	(void)state;
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];
		char name[48], letter[3] = {'-', entry->letter};

		if (entry->state != OPTION_SUPPORTED || is_classic_action(entry))
			continue;
		snprintf(name, sizeof(name), "--%s", entry->name);
		for (size_t j = 0; j < verb_table_size; j++, checked++) {
			check_option(&verb_table[j], entry, name);
			if (entry->letter)
				check_option(&verb_table[j], entry, letter);
		}
	}
	assert_true(checked > 100);
}

static void test_what_is_wrong_is_named_and_is_usage(void **state)
{
	static const struct {
		const char *text;
		enum verb verb;
		const char *words;
	} rows[] = {
	    {"load", VERB_LOAD, "no kernel was given"},
	    {"plan", VERB_PLAN, "no kernel was given"},
	    {"load a b", VERB_LOAD, "one word too many: the kernel is a"},
	    {"plan a plan", VERB_PLAN, "one word too many"},
	    {"status k", VERB_STATUS, "takes no further word"},
	    {"unload unload", VERB_UNLOAD, "takes no further word"},
	    {"reboot k", VERB_REBOOT, "takes no further word"},
	    {"load k --bogus", VERB_LOAD, "--bogus"},
	    {"--bogus load k", VERB_LOAD, "--bogus"},
	    {"status -Z", VERB_STATUS, "-Z"},
	    {"--initrd", VERB_NONE, "needs a value"},
	    {"load k --initrd", VERB_LOAD, "needs a value"},
	    {"load --json=yes k", VERB_LOAD, "takes no value"},
	    {"load k --command-line=a --reuse-cmdline", VERB_LOAD, "only one of them"},
	    {"load k --command-line=a --command-line=b", VERB_LOAD, "given twice"},
	    {"plan k --mem-min=2 --mem-max=1", VERB_PLAN, "nothing between"},
	    {"plan k --mem-min=much", VERB_PLAN, "no address"},
	    {"load k --dtb=x", VERB_LOAD, "does not have it yet"},
	    {"load k --dry-run", VERB_LOAD, "does not go with"},
	    {"load k --elf64-core-headers", VERB_LOAD, "does not go with"},
	    {"--add=x k", VERB_NONE, "goes with a verb"},
	    {"-l k --remove=x", VERB_NONE, "goes with a verb"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};

		assert_row(rows[i].text, parse_text(&command, rows[i].text, &error) == -EINVAL);
		assert_failed(&error, ERROR_USAGE, rows[i].words);
		assert_int_equal(error.count, 1);
		assert_row(rows[i].text, command.verb == rows[i].verb);
		assert_int_equal(verb_exit_code(&error), VERB_EXIT_USAGE);
	}
}

static void test_an_empty_word_is_no_kernel(void **state)
{
	cleanup_command struct command command;
	struct error error = {};

	(void)state;
	assert_int_equal(parse(&command, &error, "load", ""), -EINVAL);
	assert_failed(&error, ERROR_USAGE, "no kernel was given");
}

static void test_json_is_wanted_wherever_it_stands_also_behind_what_is_wrong(void **state)
{
	static const char *const rows[] = {
	    "load --bogus --json",  "--bogus --json load k", "load k --entry=1 --json",
	    "load k l m --json",    "load --json",           "load k --mem-min=x --json",
	    "unload --add=x --json"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};

		assert_row(rows[i], parse_text(&command, rows[i], &error) < 0);
		assert_row(rows[i], command.json);
		assert_row(rows[i], error.count == 1);
		assert_row(rows[i], command.verb != VERB_NONE);
	}
}

static void test_of_several_wrong_options_the_first_is_told(void **state)
{
	cleanup_command struct command command;
	struct error error = {};

	(void)state;
	assert_true(parse(&command, &error, "load", "--first", "--second", "--entry=1") < 0);
	assert_string_equal(error.failures[0].subject, "--first");
	assert_int_equal(error.count, 1);
}

static void test_the_base_is_the_running_command_line_unless_one_is_given(void **state)
{
	cleanup_command struct command running, given, classic;

	(void)state;
	assert_int_equal(parse(&running, NULL, "load", "k", "--append=x"), 0);
	assert_true(running.request.reuse_command_line);
	assert_int_equal(parse(&given, NULL, "plan", "k", "--command-line=x"), 0);
	assert_false(given.request.reuse_command_line);
	assert_string_equal(given.request.command_line, "x");
	assert_int_equal(parse(&classic, NULL, "-l", "k"), 0);
	assert_false(classic.request.reuse_command_line);
}

static void test_words_to_add_and_remove_are_kept_in_their_order(void **state)
{
	cleanup_command struct command command;

	(void)state;
	assert_int_equal(parse(&command, NULL, "load", "k", "--add=a b", "--remove=quiet",
			       "--add=c", "--remove=x=y"),
			 0);
	assert_int_equal(command.request.added_count, 2);
	assert_string_equal(command.request.added[0], "a b");
	assert_string_equal(command.request.added[1], "c");
	assert_int_equal(command.request.removed_count, 2);
	assert_string_equal(command.request.removed[0], "quiet");
	assert_string_equal(command.request.removed[1], "x=y");
}

static void test_help_and_version_go_before_everything_but_a_wrong_option(void **state)
{
	static const struct {
		const char *text;
		enum verb verb;
		enum action action;
	} rows[] = {
	    {"load --help", VERB_LOAD, ACTION_HELP},
	    {"load -h a b c", VERB_LOAD, ACTION_HELP},
	    {"--help status", VERB_STATUS, ACTION_HELP},
	    {"status --help --svg=x", VERB_STATUS, ACTION_HELP},
	    {"plan -v", VERB_PLAN, ACTION_VERSION},
	    {"--help", VERB_NONE, ACTION_HELP},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;

		assert_row(rows[i].text, parse_text(&command, rows[i].text, NULL) == 0);
		assert_row(rows[i].text, command.verb == rows[i].verb);
		assert_row(rows[i].text, command.action == rows[i].action);
	}
}

static void take_help(enum verb verb, char *text, size_t capacity)
{
	FILE *out = fmemopen(text, capacity, "w");

	help_print(out, verb);
	assert_true(ftell(out) > 0 && ftell(out) < (long)capacity - 1);
	assert_int_equal(fclose(out), 0);
}

static void test_the_help_of_a_verb_lists_its_options_and_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < verb_table_size; i++) {
		char text[8192];

		take_help(verb_table[i].verb, text, sizeof(text));
		assert_contains(text, verb_table[i].help);
		for (size_t j = 0; j < option_table_size; j++) {
			const struct option_entry *entry = &option_table[j];
			char name[64];

			/* Begins its column: other lines may speak of it. */
			snprintf(name, sizeof(name), "%s--%s%s", entry->letter ? ", " : "      ",
				 entry->name, entry->argument ? "=" : " ");
			if (entry->help && entry->verbs & 1U << verb_table[i].verb)
				assert_contains(text, name);
			else
				assert_lacks(text, name);
		}
	}
}

static void test_the_help_shows_each_verb_before_all_options(void **state)
{
	char text[8192], *first_option;

	(void)state;
	take_help(VERB_NONE, text, sizeof(text));
	first_option = strstr(text, "  -l, --load");
	assert_non_null(first_option);
	*first_option = '\0';
	for (size_t i = 0; i < verb_table_size; i++) {
		char name[16];

		snprintf(name, sizeof(name), "\n  %s ", verb_table[i].name);
		assert_contains(text, name);
		assert_contains(text, verb_table[i].help);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_verb_is_known_with_and_without_a_kernel),
	    cmocka_unit_test(test_the_first_word_is_the_verb_and_a_path_or_a_classic_action_is_not),
	    cmocka_unit_test(test_each_option_goes_with_the_verbs_of_its_row_and_no_other),
	    cmocka_unit_test(test_what_is_wrong_is_named_and_is_usage),
	    cmocka_unit_test(test_an_empty_word_is_no_kernel),
	    cmocka_unit_test(test_json_is_wanted_wherever_it_stands_also_behind_what_is_wrong),
	    cmocka_unit_test(test_of_several_wrong_options_the_first_is_told),
	    cmocka_unit_test(test_the_base_is_the_running_command_line_unless_one_is_given),
	    cmocka_unit_test(test_words_to_add_and_remove_are_kept_in_their_order),
	    cmocka_unit_test(test_help_and_version_go_before_everything_but_a_wrong_option),
	    cmocka_unit_test(test_the_help_of_a_verb_lists_its_options_and_no_other),
	    cmocka_unit_test(test_the_help_shows_each_verb_before_all_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
