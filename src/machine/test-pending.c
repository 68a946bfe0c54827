/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/pending.h"

#include <stdio.h>
#include <string.h>

#include "test-support/folder.h"
#include "test-support/test.h"

#define VARIABLES "sys/firmware/efi/efivars/"
#define GUID      "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* Bytes of a variable as efivarfs shows it: four of attributes, then the value. */
struct variable {
	const char *bytes;
	size_t size;
};

static void write_variable(struct folder *folder, const char *name, struct variable variable)
{
	char path[160];

	snprintf(path, sizeof(path), VARIABLES "%s" GUID, name);
	if (variable.bytes)
		folder_write(folder, path, variable.bytes, variable.size);
}

#define VARIABLE(literal)                                                                          \
	{                                                                                          \
		(literal), sizeof(literal) - 1                                                     \
	}
#define ATTRIBUTES "\x07\0\0\0"

static void test_what_waits_for_the_firmware_is_found(void **state)
{
	static const struct {
		const char *row;
		struct variable next, indications;
		struct machine_pending expected;
	} rows[] = {
	    {"nothing", {}, {}, {FACT_KNOWN, false, 0, false, false}},
	    {"the next boot",
	     VARIABLE(ATTRIBUTES "\x03\x80"),
	     {},
	     {FACT_KNOWN, true, 0x8003, false, false}},
	    {"the setup screen",
	     {},
	     VARIABLE(ATTRIBUTES "\1\0\0\0\0\0\0\0"),
	     {FACT_KNOWN, false, 0, true, false}},
	    {"a capsule",
	     {},
	     VARIABLE(ATTRIBUTES "\4\0\0\0\0\0\0\0"),
	     {FACT_KNOWN, false, 0, false, true}},
	    {"recovery",
	     {},
	     VARIABLE(ATTRIBUTES "\x20\0\0\0\0\0\0\0"),
	     {FACT_KNOWN, false, 0, false, true}},
	    {"an indication of nothing",
	     {},
	     VARIABLE(ATTRIBUTES "\0\0\0\0\0\0\0\0"),
	     {FACT_KNOWN, false, 0, false, false}},
	    {"all",
	     VARIABLE(ATTRIBUTES "\0\0"),
	     VARIABLE(ATTRIBUTES "\xff\0\0\0\0\0\0\0"),
	     {FACT_KNOWN, true, 0, true, true}},
	    {"BootNext cut short",
	     VARIABLE(ATTRIBUTES "\1"),
	     {},
	     {FACT_UNREADABLE, false, 0, false, false}},
	    {"BootNext too long",
	     VARIABLE(ATTRIBUTES "\1\0\0"),
	     {},
	     {FACT_UNREADABLE, false, 0, false, false}},
	    {"indications without a value",
	     {},
	     VARIABLE(ATTRIBUTES),
	     {FACT_UNREADABLE, false, 0, false, false}},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_folder struct folder folder;
		struct root root = {-1};
		struct machine_pending found;
		const struct machine_pending *expected = &rows[i].expected;

		folder_make(&folder);
		write_variable(&folder, "BootOrder", (struct variable)VARIABLE(ATTRIBUTES "\1\0"));
		write_variable(&folder, "BootNext", rows[i].next);
		write_variable(&folder, "OsIndications", rows[i].indications);
		assert_int_equal(root_open(&root, folder.path, NULL), 0);
		machine_pending_read(&found, &root);
		assert_row(rows[i].row, found.fact == expected->fact &&
					    found.boot_next == expected->boot_next &&
					    found.boot_next_entry == expected->boot_next_entry &&
					    found.setup_screen == expected->setup_screen &&
					    found.capsules == expected->capsules);
		assert_row(rows[i].row, machine_pending_any(&found) ==
					    (expected->boot_next || expected->setup_screen ||
					     expected->capsules));
		root_close(&root);
	}
}

static void test_no_efi_and_no_efivarfs_are_two_things(void **state)
{
	cleanup_folder struct folder folder;
	struct machine_pending found;
	struct root root = {-1};

	(void)state;
	folder_make(&folder);
	assert_int_equal(root_open(&root, folder.path, NULL), 0);
	machine_pending_read(&found, &root);
	assert_int_equal(found.fact, FACT_ABSENT);
	folder_text(&folder, "sys/firmware/efi/fw_platform_size", "64\n");
	machine_pending_read(&found, &root);
	assert_int_equal(found.fact, FACT_UNREADABLE);
	assert_false(machine_pending_any(&found));
	root_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_waits_for_the_firmware_is_found),
	    cmocka_unit_test(test_no_efi_and_no_efivarfs_are_two_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
