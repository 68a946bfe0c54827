/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/boot-option.h"

#include <string.h>

#include "base/cleanup.h"
#include "machine/efi-variables.h"
#include "test-support/folder.h"
#include "test-support/test.h"

#define VARIABLE(name) "sys/firmware/efi/efivars/" name "-" EFI_GLOBAL_GUID

/* A hard drive's node, of a partition 04030201-0605-0807-090a-0b0c0d0e0f10. */
#define HARD_DRIVE                                                                                 \
	"\4\1\x2a\0"                                                                               \
	"\1\0\0\0"                                                                                 \
	"\0\0\0\0\0\0\0\0"                                                                         \
	"\0\0\0\0\0\0\0\0"                                                                         \
	"\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10"                                               \
	"\2\2"
#define FILE_NODE "\4\4\xa\0\\\0k\0\0\0"
#define END       "\x7f\xff\4\0"
#define PATHS     HARD_DRIVE FILE_NODE END /* 56 bytes */
#define HEAD      "\7\0\0\0"               /* the variable's attributes */
#define ACTIVE    "\1\0\0\0"
#define INACTIVE  "\0\0\0\0"
#define NAME      "D\0\0\0"

#define WRITE(folder, name, bytes) folder_write(folder, VARIABLE(name), bytes, sizeof(bytes) - 1)

static void read_option(struct machine_boot_option *option, struct folder *folder)
{
	cleanup_with(root_close) struct root root = {-1};
	struct error error = {};

	assert_int_equal(root_open(&root, folder->path, &error), 0);
	assert_int_equal(machine_boot_option_read(option, &root), 0);
}

#define cleanup_option __attribute__((cleanup(machine_boot_option_fini)))

static void test_the_first_active_option_is_read(void **state)
{
	cleanup_option struct machine_boot_option option;
	struct folder *folder = *state;

	WRITE(folder, "BootOrder", HEAD "\1\0\2\0\x0b\0\3\0");
	WRITE(folder, "Boot0002", HEAD INACTIVE "\x38\0" NAME PATHS);
	WRITE(folder, "Boot000B",
	      HEAD ACTIVE "\x38\0" NAME PATHS "a\0=\0"
			  "1\0");
	WRITE(folder, "Boot0003", HEAD ACTIVE "\x38\0" NAME PATHS);
	read_option(&option, folder);
	assert_true(option.found);
	assert_false(option.once);
	assert_int_equal(option.number, 11);
	assert_string_equal(option.description, "D");
	assert_string_equal(option.path, "\\k");
	assert_string_equal(option.options, "a=1");
	assert_string_equal(option.partition_uuid, "04030201-0605-0807-090a-0b0c0d0e0f10");
}

static void test_what_is_asked_for_once_comes_first(void **state)
{
	cleanup_option struct machine_boot_option option;
	struct folder *folder = *state;

	WRITE(folder, "BootOrder", HEAD "\1\0");
	WRITE(folder, "BootNext", HEAD "\2\0");
	WRITE(folder, "Boot0001", HEAD ACTIVE "\x38\0" NAME PATHS);
	WRITE(folder, "Boot0002", HEAD INACTIVE "\x38\0" NAME PATHS);
	read_option(&option, folder);
	assert_true(option.once);
	assert_int_equal(option.number, 2);
}

static void test_without_an_order_there_is_none(void **state)
{
	cleanup_option struct machine_boot_option option, another;
	struct folder *folder = *state;

	read_option(&option, folder);
	assert_false(option.found);
	WRITE(folder, "BootOrder", HEAD "\1\0\2");
	read_option(&another, folder);
	assert_false(another.found);
}

/* Each is found, so that the next one is not taken in its place, and names no program. */
static void test_a_broken_option_has_no_path(void **state)
{
	static const struct {
		const char *row, *bytes;
		size_t size;
	} rows[] = {
#define ROW(name, bytes) {name, bytes, sizeof(bytes) - 1}
	    ROW("nothing behind its attributes", HEAD ACTIVE),
	    ROW("no description", HEAD ACTIVE "\x38\0"),
	    ROW("a description without an end", HEAD ACTIVE "\x38\0"
							    "D\0D\0"),
	    ROW("paths behind the end", HEAD ACTIVE "\xff\xff" NAME PATHS),
	    ROW("no paths", HEAD ACTIVE "\0\0" NAME),
	    ROW("a node of no size", HEAD ACTIVE "\x08\0" NAME "\4\4\0\0" END),
	    ROW("a node of three bytes", HEAD ACTIVE "\x08\0" NAME "\4\4\3\0" END),
	    ROW("a node behind the end", HEAD ACTIVE "\x08\0" NAME "\4\4\xff\xff" END),
	    ROW("half a character", HEAD ACTIVE "\x0d\0" NAME "\4\4\x9\0\\\0k\0\0" END),
	    ROW("another kind of path", HEAD ACTIVE "\x0c\0" NAME "\3\x18\x8\0abcd" END),
	    ROW("the end before the file", HEAD ACTIVE "\x0e\0" NAME END FILE_NODE),
#undef ROW
	};
	struct folder *folder = *state;

	WRITE(folder, "BootOrder", HEAD "\1\0\2\0");
	WRITE(folder, "Boot0002", HEAD ACTIVE "\x38\0" NAME PATHS);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_option struct machine_boot_option option;

		folder_write(folder, VARIABLE("Boot0001"), rows[i].bytes, rows[i].size);
		read_option(&option, folder);
		assert_row(rows[i].row, option.found && option.number == 1);
		assert_row(rows[i].row, !option.path);
		assert_row(rows[i].row, option.options);
	}
}

static void test_options_that_are_no_text_are_none(void **state)
{
	cleanup_option struct machine_boot_option option, another;
	struct folder *folder = *state;

	WRITE(folder, "BootOrder", HEAD "\1\0");
	WRITE(folder, "Boot0001", HEAD ACTIVE "\x38\0" NAME PATHS "a\0\1\0");
	read_option(&option, folder);
	assert_string_equal(option.options, "");
	WRITE(folder, "Boot0001", HEAD ACTIVE "\x38\0" NAME PATHS "a\0b");
	read_option(&another, folder);
	assert_string_equal(another.options, "");
	assert_string_equal(another.path, "\\k");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_the_first_active_option_is_read),
	    FOLDER_TEST(test_what_is_asked_for_once_comes_first),
	    FOLDER_TEST(test_without_an_order_there_is_none),
	    FOLDER_TEST(test_a_broken_option_has_no_path),
	    FOLDER_TEST(test_options_that_are_no_text_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
