/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/help.h"
#include "cmd/option-table.h"
#include "test-support/parse.h"
#include "test-support/test.h"

static void assert_text(const char *text, const char *expected)
{
	if (!expected)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

static void assert_full_load(const char *const *words)
{
	cleanup_command struct command command;
	struct error error = {};

	parse_words(&command, words, &error);
	assert_no_failure(&error);
	assert_int_equal(command.action, ACTION_LOAD);
	assert_int_equal(command.afterwards, AFTERWARDS_NOTHING);
	assert_text(command.request.kernel, "vmlinuz");
	assert_int_equal(command.request.initrd_count, 1);
	assert_text(command.request.initrds[0], "a.img");
	assert_true(command.request.reuse_command_line);
	assert_text(command.request.append, "x");
	assert_int_equal(command.request.method, METHOD_SEGMENTS_ONLY);
	assert_true(command.request.debug);
	assert_int_equal(command.warning_count, 0);
}

static void permute(const char **words, size_t from, size_t count, unsigned int *seen)
{
	if (from == count) {
		assert_full_load(words);
		(*seen)++;
		return;
	}
	for (size_t i = from; i < count; i++) {
		const char *swap = words[from];

		words[from] = words[i];
		words[i] = swap;
		permute(words, from + 1, count, seen);
		swap = words[from];
		words[from] = words[i];
		words[i] = swap;
	}
}

static void test_options_mean_the_same_in_any_order(void **state)
{
	const char *words[] = {"-l",         "vmlinuz", "--initrd=a.img", "--reuse-cmdline", "-dc",
			       "--append=x", NULL};
	unsigned int seen = 0;

	(void)state;
	permute(words, 0, ELEMENTS(words) - 1, &seen);
	assert_int_equal(seen, 720);
}

static void test_the_order_is_free_under_posixly_correct_too(void **state)
{
	const char *words[] = {"vmlinuz",    "-l", "--initrd=a.img", "--reuse-cmdline", "-dc",
			       "--append=x", NULL};
	cleanup_command struct command command;
	struct error error = {};

	(void)state;
	assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
	parse_words(&command, words, &error);
	unsetenv("POSIXLY_CORRECT");
	assert_no_failure(&error);
	assert_text(command.request.kernel, "vmlinuz");
}

static void test_values_may_be_words_of_their_own(void **state)
{
	cleanup_command struct command command;

	(void)state;
	assert_int_equal(parse(&command, NULL, "-l", "--initrd", "a.img", "vmlinuz",
			       "--command-line", "root=/dev/vda1 ro", "-t", "bzImage"),
			 0);
	assert_text(command.request.kernel, "vmlinuz");
	assert_text(command.request.initrds[0], "a.img");
	assert_text(command.request.command_line, "root=/dev/vda1 ro");
	assert_text(command.request.type, "bzImage");
}

static void test_behind_two_dashes_everything_is_a_word(void **state)
{
	cleanup_command struct command command, more;
	struct error error = {};

	(void)state;
	assert_int_equal(parse(&command, NULL, "-l", "--", "-odd-name"), 0);
	assert_text(command.request.kernel, "-odd-name");
	assert_true(parse(&more, &error, "-l", "vmlinuz", "--", "-d") < 0);
	assert_failed(&error, ERROR_USAGE, "one word too many");
}

static void test_each_action_is_told_from_the_others(void **state)
{
	static const struct {
		const char *text;
		enum action action;
		enum afterwards afterwards;
	} rows[] = {
	    {"-l vmlinuz", ACTION_LOAD, AFTERWARDS_NOTHING},
	    {"--load vmlinuz", ACTION_LOAD, AFTERWARDS_NOTHING},
	    {"vmlinuz", ACTION_LOAD, AFTERWARDS_SHUT_DOWN},
	    {"-f vmlinuz", ACTION_LOAD, AFTERWARDS_EXECUTE},
	    {"-l -f vmlinuz", ACTION_LOAD, AFTERWARDS_EXECUTE},
	    {"-e", ACTION_EXECUTE, AFTERWARDS_NOTHING},
	    {"-u", ACTION_UNLOAD, AFTERWARDS_NOTHING},
	    {"-S", ACTION_STATUS, AFTERWARDS_NOTHING},
	    {"--record-machine=dir", ACTION_RECORD_MACHINE, AFTERWARDS_NOTHING},
	    {"-h", ACTION_HELP, AFTERWARDS_NOTHING},
	    {"-v", ACTION_VERSION, AFTERWARDS_NOTHING},
	    {"-u -h -e", ACTION_HELP, AFTERWARDS_NOTHING},
	    {"-v -l vmlinuz", ACTION_VERSION, AFTERWARDS_NOTHING},
	    {"-S -u", ACTION_STATUS, AFTERWARDS_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;

		assert_row(rows[i].text, parse_text(&command, rows[i].text, NULL) == 0);
		assert_row(rows[i].text, command.action == rows[i].action);
		assert_row(rows[i].text, command.afterwards == rows[i].afterwards);
		assert_row(rows[i].text, command.request.load_max == UINT64_MAX);
	}
}

static void test_status_is_of_the_crash_image_unless_a_load_is_meant(void **state)
{
	cleanup_command struct command crash, normal;

	(void)state;
	assert_int_equal(parse(&crash, NULL, "-S"), 0);
	assert_false(crash.status_of_normal);
	assert_int_equal(parse(&normal, NULL, "-S", "-l"), 0);
	assert_int_equal(normal.action, ACTION_STATUS);
	assert_true(normal.status_of_normal);
}

static void test_contradictions_and_wrong_words_are_named(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
	    {"", "nothing to do"},
	    {"-d", "nothing to do"},
	    {"-l", "--load"},
	    {"-f", "--force"},
	    {"-l a b", "one word too many: the kernel is a"},
	    {"a -l b", "one word too many"},
	    {"laod b", "the kernel is laod, which is no verb ("},
	    {"./laod b", "the kernel is ./laod ("},
	    {"-l load b", "the kernel is load ("},
	    {"-S vmlinuz", "--status takes no kernel"},
	    {"-u -l", "no other action"},
	    {"-u vmlinuz", "no other action"},
	    {"-u -e", "no other action"},
	    {"-u -f", "no other action"},
	    {"-e vmlinuz", "takes no kernel"},
	    {"-e -l", "--force KERNEL"},
	    {"-e -f", "--force KERNEL"},
	    {"-l k --command-line=a --command-line=b", "given twice"},
	    {"-l k --command-line=a --reuse-cmdline", "only one of them"},
	    {"-l k --json", "--dry-run"},
	    {"-l k --svg=plan.svg", "--dry-run"},
	    {"-u --svg=plan.svg", "--svg"},
	    {"-l k --sysroot=dir", "can only be planned for"},
	    {"-f k --sysroot=dir", "can only be planned for"},
	    {"-e --sysroot=dir", "--sysroot"},
	    {"-u --sysroot=dir", "--sysroot"},
	    {"--record-machine=dir --sysroot=dir", "--sysroot"},
	    {"--record-machine=dir -l k", "no other action"},
	    {"--record-machine=dir k", "no other action"},
	    {"--record-machine=dir -u", "no other action"},
	    {"--record-machine=dir -e", "no other action"},
	    {"--record-machine=dir -S", "no other action"},
	    {"--record-machine", "needs a value"},
	    {"-u --initrd=x", "--initrd"},
	    {"-e --append=x", "--append"},
	    {"-S --dry-run", "--dry-run"},
	    {"-l k --initrd", "needs a value"},
	    {"-l k -t", "needs a value"},
	    {"-l k --debug=3", "takes no value"},
	    {"-l k --mem-min=0x2000 --mem-max=0x2000", "nothing between"},
	    {"-l k --mem-min=0x2000 --mem-max=0x1000", "nothing between"},
	    {"-p", "no kernel was given"},
	    {"-l k --load-panic", "only one of them"},
	    {"-f k -p", "only one of them"},
	    {"-e -p", "jumps into what is loaded already"},
	    {"-p -u k", "it goes with no other action"},
	    {"--print-ckr-size k", "takes no kernel"},
	    {"--record-machine=dir -p", "no other action"},
	    {"-l k --hotplug", "it goes with a load for a panic"},
	    {"-l k --pass-memmap-cmdline", "it goes with a load for a panic"},
	    {"load k --allow-disarm", "it goes with a load for a panic"},
	    {"load k --hotplug", "it goes with a load for a panic"},
	    {"-p -u --hotplug", "--hotplug"},
	    {"-p k --panic", "goes with a verb"},
	    {"status --panic", "does not go with"},
	    {"-l k --entry=0x1000", "does not have it yet"},
	    {"-l k --dtb=x", "does not have it yet"},
	    {"reboot --cold --now", "only one of them"},
	    {"reboot --cold --skip-firmware", "only one of them"},
	    {"reboot -x", "it goes with --now"},
	    {"reboot --no-sync", "it goes with --now"},
	    {"reboot --cold -y", "it goes with --now"},
	    {"reboot vmlinuz", "no further word"},
	    {"load k --cold", "does not go with"},
	    {"unload --now", "does not go with"},
	    {"-e --skip-firmware", "goes with a verb"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};

		assert_row(rows[i].text, parse_text(&command, rows[i].text, &error) == -EINVAL);
		assert_failed(&error, ERROR_USAGE, rows[i].words);
		assert_int_equal(error.count, 1);
	}
}

static void test_the_wrong_word_itself_is_the_subject_wherever_it_stands(void **state)
{
	static const struct {
		const char *text, *subject;
	} rows[] = {
	    {"-l vmlinuz other", "other"},       {"--bogus -l vmlinuz", "--bogus"},
	    {"-l --bogus vmlinuz", "--bogus"},   {"-l vmlinuz --bogus", "--bogus"},
	    {"vmlinuz --bogus", "--bogus"},      {"vmlinuz -l --entry=1", "--entry=1"},
	    {"vmlinuz -l --initrd", "--initrd"}, {"vmlinuz -lZd", "-lZd"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};

		assert_row(rows[i].text, parse_text(&command, rows[i].text, &error) < 0);
		if (strcmp(error.failures[0].subject, rows[i].subject) != 0)
			fail_msg("row \"%s\": subject is \"%s\"", rows[i].text,
				 error.failures[0].subject);
	}
}

static void test_names_may_be_cut_as_long_as_they_are_unique(void **state)
{
	cleanup_command struct command unique;

	(void)state;
	assert_int_equal(parse(&unique, NULL, "-l", "k", "--reuse-c", "--ini=x", "--app=y"), 0);
	assert_true(unique.request.reuse_command_line);
	assert_int_equal(unique.request.initrd_count, 1);
	assert_text(unique.request.append, "y");
}

/* As in kexec-tools, which has no --initrd-file. */
static void test_every_cut_of_initrd_means_it(void **state)
{
	static const char *const cuts[] = {"--i=x", "--in=x", "--ini=x", "--init=x", "--initr=x"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cuts); i++) {
		cleanup_command struct command command;

		assert_row(cuts[i], parse(&command, NULL, "-l", "k", cuts[i]) == 0);
		assert_row(cuts[i], command.request.initrd_count == 1);
	}
}

static void test_a_cut_name_that_is_not_unique_is_said_to_be_so(void **state)
{
	cleanup_command struct command ambiguous;
	struct error error = {};

	(void)state;
	assert_true(parse(&ambiguous, &error, "-l", "k", "--reuse") < 0);
	assert_failed(&error, ERROR_USAGE, "more than one");
}

static void test_initrds_and_appended_words_add_up(void **state)
{
	cleanup_command struct command command;

	(void)state;
	assert_int_equal(parse(&command, NULL, "-l", "k", "--initrd=a", "--append=x y",
			       "--ramdisk=b", "--append=", "--append=z", "--initrd=c"),
			 0);
	assert_int_equal(command.request.initrd_count, 3);
	assert_text(command.request.initrds[0], "a");
	assert_text(command.request.initrds[1], "b");
	assert_text(command.request.initrds[2], "c");
	assert_text(command.request.append, "x y z");
	assert_text(command.request.command_line, NULL);
}

static void test_the_last_of_several_methods_wins(void **state)
{
	static const struct {
		const char *text;
		enum method_wish wish;
	} rows[] = {
	    {"-l k", METHOD_ANY},
	    {"-l k -s", METHOD_FILE_ONLY},
	    {"-l k -c", METHOD_SEGMENTS_ONLY},
	    {"-l k -a", METHOD_FILE_THEN_SEGMENTS},
	    {"-l k --kexec-file-syscall", METHOD_FILE_ONLY},
	    {"-l k --kexec-syscall", METHOD_SEGMENTS_ONLY},
	    {"-l k --kexec-syscall-auto", METHOD_FILE_THEN_SEGMENTS},
	    /* as kexec-tools has it: scripts put their own flag behind a default */
	    {"-l k -s -c", METHOD_SEGMENTS_ONLY},
	    {"-l k -c -s", METHOD_FILE_ONLY},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;

		assert_row(rows[i].text, parse_text(&command, rows[i].text, NULL) == 0);
		assert_row(rows[i].text, command.request.method == rows[i].wish);
	}
}

static void test_methods_go_with_any_action(void **state)
{
	static const struct {
		const char *text;
		enum action action;
		enum method_wish wish;
	} rows[] = {
	    {"-u -s", ACTION_UNLOAD, METHOD_FILE_ONLY},
	    {"-u -c", ACTION_UNLOAD, METHOD_SEGMENTS_ONLY},
	    {"-u -a", ACTION_UNLOAD, METHOD_FILE_THEN_SEGMENTS},
	    {"-e -s", ACTION_EXECUTE, METHOD_FILE_ONLY},
	    {"-S -c", ACTION_STATUS, METHOD_SEGMENTS_ONLY},
	    {"-u", ACTION_UNLOAD, METHOD_ANY},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;

		assert_row(rows[i].text, parse_text(&command, rows[i].text, NULL) == 0);
		assert_row(rows[i].text, command.action == rows[i].action);
		assert_row(rows[i].text, command.request.method == rows[i].wish);
		assert_row(rows[i].text, command.warning_count == 0);
	}
}

static void test_an_empty_word_is_no_kernel(void **state)
{
	static const char *const actions[] = {"-l", "-f"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(actions); i++) {
		cleanup_command struct command command;
		struct error error = {};

		assert_row(actions[i], parse(&command, &error, actions[i], "") == -EINVAL);
		assert_failed(&error, ERROR_USAGE, "no kernel was given");
	}
}

static void test_addresses_are_whole_numbers_of_64_bits(void **state)
{
	static const struct {
		const char *text;
		bool accepted;
		uint64_t address;
	} rows[] = {
	    {"0", true, 0},
	    {"0x1000000", true, 0x1000000},
	    {"16777216", true, 0x1000000},
	    {"0xfffffffffffffffe", true, UINT64_MAX - 1},
	    {"0x10000000000000000", false, 0},
	    {"18446744073709551616", false, 0},
	    {"-1", false, 0},
	    {" -1", false, 0},
	    {"", false, 0},
	    {"0x", false, 0},
	    {"16M", false, 0},
	    {"1 2", false, 0},
	    {"high", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};
		int r = parse(&command, &error, "-l", "k", "--mem-min", rows[i].text);

		assert_row(rows[i].text, (r == 0) == rows[i].accepted);
		if (r == 0)
			assert_row(rows[i].text, command.request.load_min == rows[i].address);
		else
			assert_string_equal(error.failures[0].subject, "--mem-min");
	}
}

static void test_what_has_no_effect_is_warned_of(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
	    {"-l k --elf32-core-headers", "--elf32-core-headers"},
	    {"k --elf64-core-headers -l", "--elf64-core-headers"},
	    {"-l k -x", "-x"},
	    {"-u -x", "--no-ifdown"},
	    {"-u -y", "--no-sync"},
	};
	static const char *const silent[] = {"-f k -x -y", "-e -x -y",   "-l k -c -i", "-l k -d",
					     "-u -d",      "-l k -s -i", /* the plan says so */
					     "-l k -y" /* a load never syncs */};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;

		assert_row(rows[i].text, parse_text(&command, rows[i].text, NULL) == 0);
		assert_row(rows[i].text, command.warning_count == 1);
		assert_contains(command.warnings[0], rows[i].words);
	}
	for (size_t i = 0; i < ELEMENTS(silent); i++) {
		cleanup_command struct command command;

		assert_row(silent[i], parse_text(&command, silent[i], NULL) == 0);
		assert_row(silent[i], command.warning_count == 0);
	}
}

static void test_flags_reach_the_command(void **state)
{
	cleanup_command struct command command;

	(void)state;
	assert_int_equal(
	    parse_text(&command, "-fixyd k --plain --dry-run --json --mem-max=0x5000", NULL), 0);
	assert_true(command.no_ifdown);
	assert_true(command.no_sync);
	assert_true(command.request.debug);
	assert_true(command.request.skip_check);
	assert_true(command.request.plain);
	assert_true(command.dry_run);
	assert_true(command.json);
	assert_int_equal(command.request.load_max, 0x5000);
}

static void test_flags_of_reboot_reach_the_command(void **state)
{
	cleanup_command struct command now, cold;

	(void)state;
	assert_int_equal(parse_text(&now, "reboot --now -xy --skip-firmware", NULL), 0);
	assert_int_equal(now.verb, VERB_REBOOT);
	assert_true(now.reboot.now && now.reboot.skip_firmware && !now.reboot.cold);
	assert_true(now.no_ifdown && now.no_sync);
	assert_int_equal(parse_text(&cold, "--cold reboot --json", NULL), 0);
	assert_true(cold.reboot.cold && !cold.reboot.now && !cold.reboot.skip_firmware);
	assert_true(cold.json);
}

static void test_a_load_for_a_panic(void **state)
{
	static const struct {
		const char *text;
		bool reuse, words;
		enum crash_hotplug hotplug;
	} rows[] = {
	    {"-p k", false, false, CRASH_HOTPLUG_NO},
	    {"k --load-panic --reuse-cmdline", true, false, CRASH_HOTPLUG_NO},
	    {"--hotplug -p k", false, false, CRASH_HOTPLUG_WANTED},
	    {"load k --panic", true, true, CRASH_HOTPLUG_IF_POSSIBLE},
	    {"load --panic k --command-line=x", false, false, CRASH_HOTPLUG_IF_POSSIBLE},
	    {"plan --panic k --hotplug", true, true, CRASH_HOTPLUG_WANTED},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};

		parse_text(&command, rows[i].text, &error);
		assert_no_failure(&error);
		assert_row(rows[i].text, command.request.kind == PLAN_CRASH);
		assert_row(rows[i].text, command.afterwards == AFTERWARDS_NOTHING);
		assert_row(rows[i].text, command.request.reuse_command_line == rows[i].reuse);
		assert_row(rows[i].text, command.request.crash_words == rows[i].words);
		assert_row(rows[i].text, command.request.hotplug == rows[i].hotplug);
	}
}

static void test_an_unload_for_a_panic(void **state)
{
	static const char *const rows[] = {"-p -u", "-u -p", "unload --panic"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_command struct command command;
		struct error error = {};

		parse_text(&command, rows[i], &error);
		assert_no_failure(&error);
		assert_row(rows[i], command.request.kind == PLAN_CRASH);
		assert_row(rows[i], command.verb == VERB_UNLOAD || command.action == ACTION_UNLOAD);
	}
}

static void test_parsing_twice_starts_afresh(void **state)
{
	cleanup_command struct command first, second;

	(void)state;
	assert_int_equal(parse(&first, NULL, "-l", "k", "--append=a", "-d"), 0);
	assert_int_equal(parse(&second, NULL, "-l", "k", "--append=b"), 0);
	assert_text(second.request.append, "b");
	assert_false(second.request.debug);
}

static void test_the_help_lists_every_option_that_is_ours(void **state)
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	help_print(out, VERB_NONE);
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < option_table_size; i++) {
		char name[64];

		snprintf(name, sizeof(name), " --%s%s", option_table[i].name,
			 option_table[i].argument ? "=" : " ");
		if (option_table[i].help && option_table[i].scope != SCOPE_VERBS)
			assert_contains(text, name);
		else if (option_table[i].state != OPTION_SUPPORTED)
			assert_lacks(text, name);
	}
}

static void test_no_name_or_letter_stands_twice_in_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_table_size; i++)
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(option_table[i].name, option_table[j].name);
			if (option_table[i].letter)
				assert_int_not_equal(option_table[i].letter,
						     option_table[j].letter);
		}
}

static void test_if_changed_is_a_wish_of_the_verb_load_alone(void **state)
{
	static const char *const others[] = {"plan k --if-changed", "unload --if-changed",
					     "status --if-changed", "-l k --if-changed"};
	cleanup_command struct command command;

	(void)state;
	assert_int_equal(parse_text(&command, "load k --if-changed", NULL), 0);
	assert_true(command.request.if_changed);
	for (size_t i = 0; i < ELEMENTS(others); i++) {
		cleanup_command struct command other;
		struct error error = {};

		assert_row(others[i], parse_text(&other, others[i], &error) < 0);
		assert_failed(&error, ERROR_USAGE, "--if-changed");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_options_mean_the_same_in_any_order),
	    cmocka_unit_test(test_the_order_is_free_under_posixly_correct_too),
	    cmocka_unit_test(test_values_may_be_words_of_their_own),
	    cmocka_unit_test(test_behind_two_dashes_everything_is_a_word),
	    cmocka_unit_test(test_each_action_is_told_from_the_others),
	    cmocka_unit_test(test_status_is_of_the_crash_image_unless_a_load_is_meant),
	    cmocka_unit_test(test_contradictions_and_wrong_words_are_named),
	    cmocka_unit_test(test_the_wrong_word_itself_is_the_subject_wherever_it_stands),
	    cmocka_unit_test(test_names_may_be_cut_as_long_as_they_are_unique),
	    cmocka_unit_test(test_every_cut_of_initrd_means_it),
	    cmocka_unit_test(test_a_cut_name_that_is_not_unique_is_said_to_be_so),
	    cmocka_unit_test(test_initrds_and_appended_words_add_up),
	    cmocka_unit_test(test_the_last_of_several_methods_wins),
	    cmocka_unit_test(test_methods_go_with_any_action),
	    cmocka_unit_test(test_an_empty_word_is_no_kernel),
	    cmocka_unit_test(test_addresses_are_whole_numbers_of_64_bits),
	    cmocka_unit_test(test_what_has_no_effect_is_warned_of),
	    cmocka_unit_test(test_flags_reach_the_command),
	    cmocka_unit_test(test_flags_of_reboot_reach_the_command),
	    cmocka_unit_test(test_a_load_for_a_panic),
	    cmocka_unit_test(test_an_unload_for_a_panic),
	    cmocka_unit_test(test_parsing_twice_starts_afresh),
	    cmocka_unit_test(test_the_help_lists_every_option_that_is_ours),
	    cmocka_unit_test(test_if_changed_is_a_wish_of_the_verb_load_alone),
	    cmocka_unit_test(test_no_name_or_letter_stands_twice_in_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
