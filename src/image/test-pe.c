/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pe.h"

#include <string.h>

#include "test-support/test.h"

enum { HEADERS = 64 + 24, FILE_SIZE = 4096 };

/* A file with so many sections, each of 16 bytes at 1024 and on. */
static size_t make(uint8_t *file, const char *const *names, uint16_t count)
{
	memset(file, 0, FILE_SIZE);
	memcpy(file, "MZ", 2);
	store_le(file + 0x3c, 4, 64);
	memcpy(file + 64, "PE\0\0", 4);
	store_le(file + 68, 2, 0x8664);
	store_le(file + 70, 2, count);
	for (unsigned int i = 0; i < count; i++) {
		uint8_t *row = file + HEADERS + 40 * i;

		strncpy((char *)row, names[i], 8);
		store_le(row + 8, 4, 16);
		store_le(row + 16, 4, 512);
		store_le(row + 20, 4, 1024 + 16 * i);
	}
	return FILE_SIZE;
}

static const char *const uki[] = {".osrel",   ".linux",   ".cmdline", ".cmdline", ".profile",
				  ".cmdline", ".profile", ".profile", ".initrd",  ".cmdline"};

static void test_sections_are_where_the_table_says(void **state)
{
	static uint8_t file[FILE_SIZE];
	struct pe pe;

	(void)state;
	assert_null(pe_read(&pe, (struct bytes){file, make(file, uki, 10)}, FILE_SIZE));
	assert_string_equal(pe_architecture(pe.machine), "x64");
	assert_int_equal(pe.count, 10);
	assert_string_equal(pe.sections[1].name, ".linux");
	assert_int_equal(pe.sections[1].offset, 1040);
	assert_int_equal(pe.sections[1].size, 16);
}

static void test_a_profile_replaces_the_sections_that_it_has(void **state)
{
	static uint8_t file[FILE_SIZE];
	struct pe pe;

	(void)state;
	assert_null(pe_read(&pe, (struct bytes){file, make(file, uki, 10)}, FILE_SIZE));
	assert_int_equal(pe_profiles(&pe), 3);
	assert_ptr_equal(pe_find(&pe, 0, ".cmdline"), &pe.sections[5]);
	assert_ptr_equal(pe_find(&pe, 1, ".cmdline"), &pe.sections[2]);
	assert_ptr_equal(pe_find(&pe, 2, ".cmdline"), &pe.sections[9]);
	assert_ptr_equal(pe_find(&pe, 2, ".profile"), &pe.sections[7]);
	assert_ptr_equal(pe_find(&pe, 2, ".linux"), &pe.sections[1]);
	assert_null(pe_find(&pe, 1, ".initrd"));
	assert_null(pe_find(&pe, 0, ".splash"));
}

static void test_without_profiles_there_is_one(void **state)
{
	static uint8_t file[FILE_SIZE];
	struct pe pe;

	(void)state;
	assert_null(pe_read(&pe, (struct bytes){file, make(file, uki, 4)}, FILE_SIZE));
	assert_int_equal(pe_profiles(&pe), 1);
	assert_ptr_equal(pe_find(&pe, 0, ".cmdline"), &pe.sections[2]);
	assert_null(pe_find(&pe, 0, ".profile"));
}

static void test_what_is_no_such_file_says_why(void **state)
{
	static const struct {
		const char *row;
		size_t offset;
		unsigned int width;
		uint64_t value;
		size_t size;
		const char *why;
	} rows[] = {
	    {"no MZ", 0, 2, 0, FILE_SIZE, "MZ"},
	    {"PE far away", 0x3c, 4, 0xffffffff, FILE_SIZE, "PE header"},
	    {"no PE", 64, 4, 0, FILE_SIZE, "PE header"},
	    {"cut off in the header", 0, 1, 'M', 70, "cut off"},
	    {"cut off in the table", 0, 1, 'M', 100, "first 64 KiB"},
	    {"too many", 70, 2, 513, FILE_SIZE, "512"},
	    {"a long optional header", 84, 2, 0xffff, FILE_SIZE, "first 64 KiB"},
	    {"a section behind the end", HEADERS + 20, 4, FILE_SIZE - 15, FILE_SIZE, "behind"},
	    {"a section at the very end", HEADERS + 20, 4, FILE_SIZE - 16, FILE_SIZE, NULL},
	    {"an offset that wraps", HEADERS + 20, 4, 0xffffffff, FILE_SIZE, "behind"},
	};
	static uint8_t file[FILE_SIZE];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct pe pe;
		const char *why;

		make(file, uki, 4);
		store_le(file + rows[i].offset, rows[i].width, rows[i].value);
		why = pe_read(&pe, (struct bytes){file, rows[i].size}, rows[i].size);
		assert_row(rows[i].row, !why == !rows[i].why);
		assert_row(rows[i].row, !why || strstr(why, rows[i].why));
	}
}

static void test_what_is_virtual_only_is_not_in_the_file(void **state)
{
	static uint8_t file[FILE_SIZE];
	struct pe pe;

	(void)state;
	make(file, uki, 4);
	store_le(file + HEADERS + 8, 4, 100000);
	store_le(file + HEADERS + 16, 4, 32);
	assert_null(pe_read(&pe, (struct bytes){file, FILE_SIZE}, FILE_SIZE));
	assert_int_equal(pe.sections[0].size, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sections_are_where_the_table_says),
	    cmocka_unit_test(test_a_profile_replaces_the_sections_that_it_has),
	    cmocka_unit_test(test_without_profiles_there_is_one),
	    cmocka_unit_test(test_what_is_no_such_file_says_why),
	    cmocka_unit_test(test_what_is_virtual_only_is_not_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
