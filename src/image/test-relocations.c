/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/relocations.h"

#include <stdlib.h>

#include "test-support/test.h"

#define ADDRESS UINT64_C(0xffffffff81000000)

enum { IMAGE_SIZE = 64, NUMBERS_MAX = 12 };

/* A file of numbers, and nothing before them. */
struct table {
	uint8_t bytes[NUMBERS_MAX * 4];
	uint64_t size;
};

static struct bytes table_of(struct table *table, const uint32_t *numbers, size_t count)
{
	assert_in_range(count, 0, NUMBERS_MAX);
	for (size_t i = 0; i < count; i++)
		store_le(table->bytes + 4 * i, 4, numbers[i]);
	table->size = 4 * count;
	return (struct bytes){table->bytes, table->size};
}

#define TABLE(table, ...)                                                                          \
	table_of(table, (const uint32_t[]){__VA_ARGS__},                                           \
		 sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void assert_list(struct range list, uint64_t first, uint64_t count)
{
	assert_int_equal(list.start, 4 * first);
	assert_int_equal(list.end, 4 * (first + count));
}

static void test_two_lists_are_those_of_64_and_32_bits(void **state)
{
	struct relocations found;
	struct table table;

	(void)state;
	assert_true(relocations_find(&found, TABLE(&table, 0, 1, 2, 0, 3, 4, 5), 0));
	assert_list(found.add_64, 1, 2);
	assert_list(found.add_32, 4, 3);
	assert_int_equal(range_size(found.subtract_32), 0);
	assert_true(relocations_any(&found));
}

static void test_the_middle_one_of_three_is_inverse(void **state)
{
	struct relocations found;
	struct table table;

	(void)state;
	assert_true(relocations_find(&found, TABLE(&table, 0, 1, 0, 2, 3, 0, 4), 0));
	assert_list(found.add_64, 1, 1);
	assert_list(found.subtract_32, 3, 2);
	assert_list(found.add_32, 6, 1);
}

static void test_lists_may_be_empty(void **state)
{
	struct relocations found;
	struct table table;

	(void)state;
	assert_true(relocations_find(&found, TABLE(&table, 0, 1, 0, 0, 4), 0));
	assert_list(found.add_64, 1, 1);
	assert_int_equal(range_size(found.subtract_32), 0);
	assert_true(relocations_find(&found, TABLE(&table, 0, 0), 0));
	assert_false(relocations_any(&found));
}

static void test_a_table_begins_where_the_file_before_it_ends(void **state)
{
	struct relocations found;
	struct table table;
	struct bytes file = TABLE(&table, 9, 9, 0, 1, 0, 2);

	(void)state;
	assert_true(relocations_find(&found, file, 8));
	assert_list(found.add_64, 3, 1);
	assert_true(relocations_find(&found, file, 5)); /* padded to a multiple of 4 */
	assert_false(relocations_find(&found, file, 4));
	assert_false(relocations_find(&found, file, 12));
	file.size--;
	assert_false(relocations_find(&found, file, 8));
}

static void test_other_numbers_of_lists_are_no_table(void **state)
{
	struct relocations found;
	struct table table;

	(void)state;
	assert_false(relocations_find(&found, TABLE(&table, 0, 1, 2), 0));
	assert_false(relocations_find(&found, TABLE(&table, 0, 1, 0, 2, 0, 3, 0, 4), 0));
	assert_false(relocations_find(&found, TABLE(&table, 7, 0, 1, 0, 2), 0));
	assert_false(relocations_find(&found, TABLE(&table, 1, 2), 0));
}

static void test_nothing_behind_the_file_is_no_relocations(void **state)
{
	uint8_t bytes[8] = {};
	struct relocations found;

	(void)state;
	assert_true(relocations_find(&found, (struct bytes){bytes, 8}, 8));
	assert_false(relocations_any(&found));
	assert_false(relocations_find(&found, (struct bytes){bytes, 8}, 12));
	assert_false(relocations_find(&found, (struct bytes){bytes, 8}, UINT64_MAX));
}

static void test_each_list_moves_its_places(void **state)
{
	uint8_t image[IMAGE_SIZE] = {};
	struct relocations found;
	struct table table;
	struct bytes file = TABLE(&table, 0, 0x81000008, 0, 0x81000021, 0, 0x81000000, 0x8100003c);

	(void)state;
	store_le(image, 4, 0x81000040);
	store_le(image + 8, 8, ADDRESS + 0x10);
	store_le(image + 0x21, 4, 0x100);
	store_le(image + 0x3c, 4, 0xfffffff0);
	assert_true(relocations_find(&found, file, 0));
	assert_true(relocations_apply(&found, file, image, IMAGE_SIZE, ADDRESS, 0x200000));
	assert_int_equal(load_le(image, 8), 0x81200040);
	assert_int_equal(load_le(image + 8, 8), ADDRESS + 0x200010);
	assert_int_equal(load_le(image + 0x21, 8), 0xffe00100);
	assert_int_equal(load_le(image + 0x3c, 4), 0x1ffff0);
}

static void test_a_place_that_is_not_wholly_inside_is_refused(void **state)
{
	static const struct {
		uint32_t wide, narrow;
		bool right;
	} rows[] = {
	    {0x81000038, 0x8100003c, true},  {0x81000039, 0x81000000, false},
	    {0x81000000, 0x8100003d, false}, {0x80ffffff, 0x81000000, false},
	    {0x81000000, 0x80fffffc, false}, {0x1, 0x81000000, false},
	    {0x81000000, 0x81000040, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t *image = calloc(1, IMAGE_SIZE); /* for the sanitizer's sake */
		struct relocations found;
		struct table table;
		struct bytes file = TABLE(&table, 0, rows[i].wide, 0, rows[i].narrow);

		assert_non_null(image);
		assert_true(relocations_find(&found, file, 0));
		assert_int_equal(
		    relocations_apply(&found, file, image, IMAGE_SIZE, ADDRESS, 0x200000),
		    rows[i].right);
		free(image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_lists_are_those_of_64_and_32_bits),
	    cmocka_unit_test(test_the_middle_one_of_three_is_inverse),
	    cmocka_unit_test(test_lists_may_be_empty),
	    cmocka_unit_test(test_a_table_begins_where_the_file_before_it_ends),
	    cmocka_unit_test(test_other_numbers_of_lists_are_no_table),
	    cmocka_unit_test(test_nothing_behind_the_file_is_no_relocations),
	    cmocka_unit_test(test_each_list_moves_its_places),
	    cmocka_unit_test(test_a_place_that_is_not_wholly_inside_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
