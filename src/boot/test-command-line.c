/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/command-line.h"

#include <stdlib.h>

#include "test-support/test.h"

static void test_what_a_boot_loader_left_behind_is_taken_out(void **state)
{
	static const struct {
		const char *running, *clean;
	} rows[] = {
	    {"", ""},
	    {"BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro", "root=/dev/vda1 ro"},
	    {"root=/dev/vda1 initrd=/initrd.img", "root=/dev/vda1"},
	    {"a elfcorehdr=0x1000 b acpi_rsdp=0x7 c kexec_jump_back_entry=0x9 d", "a b c d"},
	    {"BOOT_IMAGE=x", ""},
	    {"  a \t b\n", "a b"},
	    /* Words that only resemble one. */
	    {"initrd_foo=1 noinitrd initrdmem=1,2 BOOT_IMAGES=3 xinitrd=4",
	     "initrd_foo=1 noinitrd initrdmem=1,2 BOOT_IMAGES=3 xinitrd=4"},
	    {"boot_image=x", "boot_image=x"},
	    {"initrd elfcorehdr", "initrd elfcorehdr"}, /* without a value: somebody's own word */
	    /* Quotes hold words together. */
	    {"x=\"a  initrd=b\" y", "x=\"a  initrd=b\" y"},
	    {"\"initrd=a b\" y", "y"},
	    {"initrd=\"a b\" y", "y"},
	    {"dyndbg=\"file x.c +p; BOOT_IMAGE=y\"", "dyndbg=\"file x.c +p; BOOT_IMAGE=y\""},
	    /* What is init's stays init's. */
	    {"BOOT_IMAGE=x a -- initrd=b BOOT_IMAGE=c", "a -- initrd=b BOOT_IMAGE=c"},
	    {"a --b initrd=c", "a --b"},
	    {"a \"--\" initrd=c", "a \"--\""},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char *clean = command_line_clean(rows[i].running);

		assert_string_equal(clean, rows[i].clean);
		free(clean);
	}
}

static void test_cleaning_twice_changes_nothing_more(void **state)
{
	char *once = command_line_clean("BOOT_IMAGE=x  a=\"b c\" initrd=y  -- d");
	char *twice = command_line_clean(once);

	(void)state;
	assert_string_equal(once, "a=\"b c\" -- d");
	assert_string_equal(twice, once);
	free(once);
	free(twice);
}

static void test_words_that_take_memory_away_are_seen(void **state)
{
	static const struct {
		const char *command_line;
		bool limits;
	} rows[] = {
	    {"", false},
	    {"quiet mem=512M", true},
	    {"memmap=exactmap memmap=1G@0 ro", true},
	    {"mem", true},
	    {"memory=1G xmem=2 memtest=4 mem_sleep_default=deep", false},
	    {"quiet -- mem=1G", false},
	    {"x=\"a mem=1G\"", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(command_line_limits_memory(rows[i].command_line), rows[i].limits);
}

static void test_words_are_taken_out_and_put_in(void **state)
{
	static const struct {
		const char *before, *remove[3], *add[3], *after;
	} rows[] = {
	    {"", {}, {}, ""},
	    {"a b", {}, {"c", "d=1"}, "a b c d=1"},
	    {"", {}, {"c"}, "c"},
	    {"quiet root=/dev/a ro root=/dev/b", {"root"}, {}, "quiet ro"},
	    {"quiet root=/dev/a ro root=/dev/b", {"root=/dev/a"}, {}, "quiet ro root=/dev/b"},
	    {"quiet quiet=1 quieter noquiet", {"quiet"}, {}, "quieter noquiet"},
	    {"a console=ttyS0 b", {"console"}, {"console=tty0"}, "a b console=tty0"},
	    {"a b", {"c", "c=d"}, {}, "a b"},
	    {"a", {"a"}, {}, ""},
	    /* What is init's stays init's, and new words are the kernel's. */
	    {"a -- a b", {"a", "b"}, {"c"}, "c -- a b"},
	    {"-- x", {}, {"c"}, "c -- x"},
	    {"x=\"a b\" y", {"x"}, {"z=\"c d\""}, "y z=\"c d\""},
	    {"x=\"a b\" y", {"x=\"a b\""}, {}, "y"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		size_t removed = 0, added = 0;
		char *after;

		while (removed < 3 && rows[i].remove[removed])
			removed++;
		while (added < 3 && rows[i].add[added])
			added++;
		after = command_line_change(rows[i].before, rows[i].remove, removed, rows[i].add,
					    added);
		assert_string_equal(after, rows[i].after);
		free(after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_a_boot_loader_left_behind_is_taken_out),
	    cmocka_unit_test(test_cleaning_twice_changes_nothing_more),
	    cmocka_unit_test(test_words_that_take_memory_away_are_seen),
	    cmocka_unit_test(test_words_are_taken_out_and_put_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
