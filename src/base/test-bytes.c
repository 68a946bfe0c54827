/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/bytes.h"

#include "test-support/test.h"

static const uint8_t data[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0x99};
static const struct bytes bytes = {data, sizeof(data)};

static void test_having_a_range_is_safe_against_wrapping_around(void **state)
{
	(void)state;
	assert_true(bytes_have(bytes, 0, sizeof(data)));
	assert_true(bytes_have(bytes, sizeof(data), 0));
	assert_false(bytes_have(bytes, sizeof(data), 1));
	assert_false(bytes_have(bytes, sizeof(data) + 1, 0));
	assert_false(bytes_have(bytes, 1, UINT64_MAX));
	assert_false(bytes_have(bytes, UINT64_MAX, 1));
	assert_false(bytes_have(bytes, UINT64_MAX, UINT64_MAX));
}

static void test_numbers_are_read_with_the_lowest_byte_first(void **state)
{
	uint8_t u8;
	uint16_t le16;
	uint32_t le32;
	uint64_t le64;

	(void)state;
	assert_true(bytes_u8(bytes, 7, &u8));
	assert_int_equal(u8, 0x88);
	assert_true(bytes_le16(bytes, 7, &le16));
	assert_int_equal(le16, 0x9988);
	assert_true(bytes_le32(bytes, 5, &le32));
	assert_int_equal(le32, 0x99880706);
	assert_true(bytes_le64(bytes, 1, &le64));
	assert_int_equal(le64, UINT64_C(0x9988070605040302));
	assert_int_equal(load_be(data + 5, 4), 0x06078899);
	assert_int_equal(load_be(data + 1, 8), UINT64_C(0x0203040506078899));
}

static void test_numbers_of_either_order_are_read_and_written(void **state)
{
	uint64_t value = 5;
	uint8_t room[4] = {};

	(void)state;
	assert_true(bytes_number(bytes, 5, 4, ORDER_LITTLE, &value));
	assert_int_equal(value, 0x99880706);
	assert_true(bytes_number(bytes, 5, 4, ORDER_BIG, &value));
	assert_int_equal(value, 0x06078899);
	assert_false(bytes_number(bytes, 6, 4, ORDER_BIG, &value));
	assert_int_equal(value, 0x06078899);
	store_ordered(room, 3, ORDER_BIG, 0x010203);
	assert_memory_equal(room, "\x01\x02\x03\0", 4);
	store_ordered(room, 3, ORDER_LITTLE, 0x010203);
	assert_memory_equal(room, "\x03\x02\x01\0", 4);
}

static void test_a_field_that_ends_outside_leaves_the_result_alone(void **state)
{
	uint8_t u8 = 1;
	uint16_t le16 = 2;
	uint32_t le32 = 3;
	uint64_t le64 = 4;

	(void)state;
	assert_false(bytes_u8(bytes, 9, &u8));
	assert_false(bytes_le16(bytes, 8, &le16));
	assert_false(bytes_le32(bytes, 6, &le32));
	assert_false(bytes_le64(bytes, 2, &le64));
	assert_false(bytes_le64(bytes, UINT64_MAX - 3, &le64));
	assert_int_equal(u8, 1);
	assert_int_equal(le16, 2);
	assert_int_equal(le32, 3);
	assert_int_equal(le64, 4);
}

static void test_a_pattern_matches_only_wholly_inside(void **state)
{
	(void)state;
	assert_true(bytes_match(bytes, 2, "\x03\x04", 2));
	assert_false(bytes_match(bytes, 2, "\x03\x05", 2));
	assert_false(bytes_match(bytes, 8, "\x99\x99", 2));
	assert_false(bytes_match((struct bytes){}, 0, "x", 1));
}

static void test_what_is_stored_is_loaded_again_in_any_width(void **state)
{
	uint8_t buffer[10];

	(void)state;
	for (unsigned int width = 1; width <= 8; width++) {
		uint64_t value = UINT64_C(0xf1e2d3c4b5a69788) >> (64 - 8 * width);

		memset(buffer, 0xee, sizeof(buffer));
		store_le(buffer + 1, width, value);
		assert_int_equal(load_le(buffer + 1, width), value);
		assert_int_equal(buffer[0], 0xee);
		assert_int_equal(buffer[1 + width], 0xee);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_having_a_range_is_safe_against_wrapping_around),
	    cmocka_unit_test(test_numbers_are_read_with_the_lowest_byte_first),
	    cmocka_unit_test(test_numbers_of_either_order_are_read_and_written),
	    cmocka_unit_test(test_a_field_that_ends_outside_leaves_the_result_alone),
	    cmocka_unit_test(test_a_pattern_matches_only_wholly_inside),
	    cmocka_unit_test(test_what_is_stored_is_loaded_again_in_any_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
