/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/memory.h"
#include "test-support/test.h"

#define cleanup_words cleanup_with(crash_words_fini)

static void test_the_file_that_is_shipped_is_understood(void **state)
{
	cleanup_words struct crash_words words = {};
	cleanup_fclose FILE *file = fopen(KEXEC_CONF "/crash-words.conf", "r");
	struct error error = {};
	char text[8192];
	size_t size;

	(void)state;
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	crash_words_parse(&words, text, "crash-words.conf", &error);
	assert_no_failure(&error);
	assert_true(words.removed_count > 5);
	assert_true(words.added_count > 5);
}

static void test_words_are_removed_and_added(void **state)
{
	cleanup_words struct crash_words words = {};
	struct error error = {};
	cleanup_free char *line = NULL;

	(void)state;
	crash_words_parse(&words,
			  "# what for\nremove quiet\n\n  add\tnr_cpus=1  \n # more\nremove "
			  "nr_cpus\nadd a=\"b c\"",
			  "f", &error);
	assert_no_failure(&error);
	assert_int_equal(words.removed_count, 2);
	assert_int_equal(words.added_count, 2);
	line = crash_reuse_command_line("BOOT_IMAGE=/v root=/dev/vda1 quiet crashkernel=1G,high "
					"nr_cpus=8 crashkernel=64M,low -- quiet",
					&words);
	assert_string_equal(line, "root=/dev/vda1 nr_cpus=1 a=\"b c\" -- quiet");
}

static void test_without_such_words_only_what_never_fits_is_removed(void **state)
{
	cleanup_free char *line = NULL;

	(void)state;
	line = crash_reuse_command_line(
	    "BOOT_IMAGE=/v root=/dev/vda1 quiet crashkernel=1G elfcorehdr=0x1000", NULL);
	assert_string_equal(line, "root=/dev/vda1 quiet");
}

static void test_a_crash_kernel_takes_no_memory_by_the_running_ones_words(void **state)
{
	cleanup_free char *line = NULL;

	(void)state;
	line = crash_reuse_command_line("mem=8G root=/dev/vda1 memmap=1G@8G memmap=64M$4G "
					"mem_encrypt=off memmap=exactmap -- mem=1",
					NULL);
	assert_string_equal(line, "root=/dev/vda1 mem_encrypt=off -- mem=1");
}

static void test_a_line_that_is_neither_is_named(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
	    {"nr_cpus=1\n", "line 1"},       {"add a\nremove\n", "line 2"},
	    {"# x\nadd a b\n", "line 2"},    {"add a\nadds b\n", "line 2"},
	    {"add a\n\nREMOVE b", "line 3"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_words struct crash_words words = {};
		struct error error = {};

		assert_true(crash_words_parse(&words, rows[i].text, "/etc/x.conf", &error) < 0);
		assert_failed(&error, ERROR_FILE, rows[i].words);
		assert_string_equal(error.failures[0].subject, "/etc/x.conf");
	}
}

static void test_places_come_last_but_before_what_is_inits(void **state)
{
	static const struct {
		const char *asked, *wanted;
		uint64_t rsdp;
	} rows[] = {
	    {"", "elfcorehdr=0x20000000", 0},
	    {"a b", "a b elfcorehdr=0x20000000", 0},
	    {"a -- b", "a elfcorehdr=0x20000000 -- b", 0},
	    {"elfcorehdr=0x1 a", "a elfcorehdr=0x20000000", 0},
	    {"a", "a acpi_rsdp=0x7f7e014 elfcorehdr=0x20000000", 0x7f7e014},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct crash_place_words places = {.elfcorehdr = 0x20000000,
						   .acpi_rsdp = rows[i].rsdp};
		cleanup_free char *line = crash_add_places(rows[i].asked, &places);

		assert_string_equal(line, rows[i].wanted);
	}
}

static void test_a_map_is_told_in_words_of_its_types(void **state)
{
	static struct region regions[] = {
	    {{0x1000, 0x9fc00}, MEMORY_RAM, ""},
	    {{0x9fc10, 0x100000}, MEMORY_RESERVED, ""},
	    {{0x200010, 0x300010}, MEMORY_RAM, ""},
	    {{0x400000, 0x400401}, MEMORY_ACPI_TABLES, ""},
	    {{0x500000, 0x600000}, MEMORY_ACPI_NVS, ""},
	    {{0x700000, 0x800000}, MEMORY_PERSISTENT_LEGACY, ""},
	    {{0x900010, 0x900020}, MEMORY_RAM, ""},
	};
	static const struct map told = {regions, ELEMENTS(regions), ELEMENTS(regions)};
	struct crash_place_words places = {.elfcorehdr = 0x1000, .told = &told};
	struct crash_place_words longest = CRASH_LONGEST_PLACES;
	cleanup_free char *line = crash_add_places("a", &places), *most = NULL;

	(void)state;
	assert_string_equal(line, "a elfcorehdr=0x1000 memmap=exactmap memmap=635K@4K "
				  "memmap=385K$639K memmap=1023K@2049K memmap=2K#4096K "
				  "memmap=1024K#5120K memmap=1024K!7168K");
	longest.told = &told;
	most = crash_add_places("a", &longest);
	regions[0].range = (struct range){0x400, UINT64_MAX};
	regions[1].range = (struct range){0x400, UINT64_MAX};
	free(steal_pointer(line));
	places.elfcorehdr = UINT64_MAX;
	line = crash_add_places("a", &places);
	assert_true(strlen(line) < strlen(most));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_file_that_is_shipped_is_understood),
	    cmocka_unit_test(test_words_are_removed_and_added),
	    cmocka_unit_test(test_without_such_words_only_what_never_fits_is_removed),
	    cmocka_unit_test(test_a_crash_kernel_takes_no_memory_by_the_running_ones_words),
	    cmocka_unit_test(test_a_line_that_is_neither_is_named),
	    cmocka_unit_test(test_places_come_last_but_before_what_is_inits),
	    cmocka_unit_test(test_a_map_is_told_in_words_of_its_types),
	};

	return cmocka_run_group_tests_name("crash/words", tests, NULL, NULL);
}
