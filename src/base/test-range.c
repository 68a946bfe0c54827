/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/range.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/test.h"

#define cleanup_map cleanup_with(map_fini)

static const struct range everything = {0, UINT64_MAX};

static void add(struct map *map, uint64_t start, uint64_t end, const char *name)
{
	assert_int_equal(map_add(map, (struct range){start, end}, 1, name), 0);
}

static void assert_region(const struct map *map, size_t index, uint64_t start, uint64_t end,
			  const char *name)
{
	assert_true(index < map->count);
	assert_int_equal(map->regions[index].range.start, start);
	assert_int_equal(map->regions[index].range.end, end);
	assert_string_equal(map->regions[index].name, name);
}

static void test_a_range_may_end_at_but_not_pass_2_to_64(void **state)
{
	struct range range = {7, 8};

	(void)state;
	assert_true(range_from_size(UINT64_MAX - 5, 5, &range));
	assert_int_equal(range.end, UINT64_MAX);
	assert_false(range_from_size(UINT64_MAX - 5, 6, &range));
	assert_false(range_from_size(1, UINT64_MAX, &range));
	assert_int_equal(range.end, UINT64_MAX);
}

static void test_ranges_overlap_and_contain_as_half_open_intervals(void **state)
{
	static const struct {
		const char *name;
		struct range a, b;
		bool overlap, contain;
	} rows[] = {
	    {"same", {10, 20}, {10, 20}, true, true},
	    {"inside", {10, 20}, {12, 18}, true, true},
	    {"across the end", {10, 20}, {15, 25}, true, false},
	    {"across the start", {10, 20}, {5, 15}, true, false},
	    {"around", {10, 20}, {5, 25}, true, false},
	    {"touching above", {10, 20}, {20, 30}, false, false},
	    {"touching below", {10, 20}, {5, 10}, false, false},
	    {"empty inside", {10, 20}, {15, 15}, false, false},
	    {"backwards", {10, 20}, {18, 12}, false, false},
	    {"empty outer", {10, 10}, {10, 10}, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_row(rows[i].name, range_overlaps(rows[i].a, rows[i].b) == rows[i].overlap);
		assert_row(rows[i].name, range_overlaps(rows[i].b, rows[i].a) == rows[i].overlap);
		assert_row(rows[i].name, range_contains(rows[i].a, rows[i].b) == rows[i].contain);
	}
}

static void test_aligning_up_refuses_to_wrap(void **state)
{
	uint64_t aligned = 5;

	(void)state;
	assert_true(align_up(0, 4096, &aligned));
	assert_int_equal(aligned, 0);
	assert_true(align_up(1, 4096, &aligned));
	assert_int_equal(aligned, 4096);
	assert_true(align_up(UINT64_MAX - 4095, 4096, &aligned));
	assert_int_equal(aligned, UINT64_MAX - 4095);
	assert_false(align_up(UINT64_MAX - 4094, 4096, &aligned));
	assert_int_equal(align_down(UINT64_MAX, 4096), UINT64_MAX - 4095);
	assert_int_equal(align_down(4095, 4096), 0);
}

static void test_powers_of_two_are_told_from_other_numbers(void **state)
{
	(void)state;
	assert_false(is_power_of_two(0));
	for (unsigned int bit = 0; bit < 64; bit++)
		assert_true(is_power_of_two(UINT64_C(1) << bit));
	assert_false(is_power_of_two(3));
	assert_false(is_power_of_two(UINT64_MAX));
}

static void test_an_empty_range_adds_nothing(void **state)
{
	cleanup_map struct map map = {};

	(void)state;
	add(&map, 5, 5, "ram");
	add(&map, 9, 5, "ram");
	assert_int_equal(map.count, 0);
}

static void test_a_long_name_is_cut(void **state)
{
	cleanup_map struct map map = {};

	(void)state;
	add(&map, 0, 1, "a name that has more characters than a region can hold");
	assert_int_equal(strlen(map.regions[0].name), sizeof(map.regions[0].name) - 1);
	assert_int_equal(map_add(&map, (struct range){2, 3}, 1, NULL), 0);
	assert_string_equal(map.regions[1].name, "");
}

static void test_a_copy_is_added_behind_what_is_there(void **state)
{
	cleanup_map struct map from = {}, to = {};

	(void)state;
	assert_int_equal(map_copy(&to, &from), 0);
	add(&to, 0, 1, "old");
	for (uint64_t i = 0; i < 40; i++)
		add(&from, i * 10, i * 10 + 5, "new");
	assert_int_equal(map_copy(&to, &from), 0);
	assert_int_equal(to.count, 41);
	assert_region(&to, 0, 0, 1, "old");
	assert_region(&to, 40, 390, 395, "new");
}

static void test_subtracting_the_middle_leaves_two_parts(void **state)
{
	cleanup_map struct map map = {};

	(void)state;
	add(&map, 10, 30, "ram");
	map.regions[0].type = 7;
	assert_int_equal(map_subtract(&map, (struct range){15, 20}), 0);
	assert_int_equal(map.count, 2);
	assert_region(&map, 0, 10, 15, "ram");
	assert_region(&map, 1, 20, 30, "ram");
	assert_int_equal(map.regions[0].type, 7);
	assert_int_equal(map.regions[1].type, 7);
}

static void test_subtracting_leaves_what_lies_outside(void **state)
{
	static const struct {
		const char *name;
		struct range taken;
		uint64_t left; /* of [10, 30) and [40, 50) */
	} rows[] = {
	    {"nothing", {20, 20}, 30},   {"the start", {5, 12}, 28},    {"the end", {28, 35}, 28},
	    {"one whole", {10, 30}, 10}, {"across both", {20, 45}, 15}, {"all", {0, UINT64_MAX}, 0},
	    {"the gap", {30, 40}, 30},   {"backwards", {25, 15}, 30},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_map struct map map = {};

		add(&map, 10, 30, "a");
		add(&map, 40, 50, "b");
		assert_int_equal(map_subtract(&map, rows[i].taken), 0);
		assert_row(rows[i].name, map_total(&map) == rows[i].left);
		for (size_t j = 0; j < map.count; j++)
			assert_row(rows[i].name,
				   !range_overlaps(map.regions[j].range, rows[i].taken));
	}
}

static void test_a_whole_map_is_taken_out_in_any_order(void **state)
{
	cleanup_map struct map map = {}, taken = {};

	(void)state;
	add(&map, 200, 300, "second");
	add(&map, 0, 100, "first");
	add(&taken, 260, 400, "z");
	add(&taken, 90, 95, "y");
	add(&taken, 10, 20, "x");
	add(&taken, 15, 30, "overlaps");
	add(&taken, 100, 200, "between");
	assert_int_equal(map_subtract_all(&map, &taken), 0);
	assert_int_equal(map.count, 4);
	assert_region(&map, 0, 200, 260, "second");
	assert_region(&map, 1, 0, 10, "first");
	assert_region(&map, 2, 30, 90, "first");
	assert_region(&map, 3, 95, 100, "first");
	assert_int_equal(taken.count, 5);
	assert_int_equal(map_subtract_all(&map, &(struct map){}), 0);
	assert_int_equal(map.count, 4);
}

/* Each region against each would take minutes. */
static void test_many_regions_take_no_time(void **state)
{
	enum { MANY = 100000 };
	cleanup_map struct map map = {}, taken = {}, common = {}, whole = {};

	(void)state;
	add(&whole, 0, 10 * MANY, "whole");
	for (uint64_t i = 0; i < MANY; i++) {
		add(&map, 10 * i, 10 * i + 8, "x");
		add(&taken, 10 * i + 4, 10 * i + 6, "y");
	}
	alarm(5); /* instead of the test's whole time limit */
	assert_int_equal(map_intersect(&common, &map, &taken), 0);
	assert_int_equal(map_total(&common), 2 * MANY);
	assert_int_equal(map_subtract_all(&map, &taken), 0);
	assert_int_equal(map_total(&map), 6 * MANY);
	assert_int_equal(map.count, 2 * MANY);
	assert_int_equal(map_subtract_all(&whole, &taken), 0);
	assert_int_equal(whole.count, MANY + 1);
	alarm(0);
}

static void test_an_intersection_keeps_the_first_maps_names(void **state)
{
	cleanup_map struct map a = {}, b = {}, common = {};

	(void)state;
	add(&a, 0, 100, "first");
	add(&a, 200, 300, "second");
	add(&b, 50, 250, "other");
	assert_int_equal(map_intersect(&common, &a, &b), 0);
	assert_int_equal(common.count, 2);
	assert_region(&common, 0, 50, 100, "first");
	assert_region(&common, 1, 200, 250, "second");
}

static void test_an_intersection_of_touching_maps_is_empty(void **state)
{
	cleanup_map struct map a = {}, b = {}, common = {};

	(void)state;
	add(&a, 0, 100, "a");
	add(&b, 100, 200, "b");
	assert_int_equal(map_intersect(&common, &a, &b), 0);
	assert_int_equal(common.count, 0);
}

static void test_normalising_sorts_and_joins_neighbours_of_one_kind(void **state)
{
	cleanup_map struct map map = {};

	(void)state;
	add(&map, 50, 60, "ram");
	add(&map, 20, 30, "ram");
	add(&map, 30, 40, "ram");
	add(&map, 22, 25, "ram");
	add(&map, 60, 70, "reserved");
	map_normalise(&map);
	assert_int_equal(map.count, 3);
	assert_region(&map, 0, 20, 40, "ram");
	assert_region(&map, 1, 50, 60, "ram");
	assert_region(&map, 2, 60, 70, "reserved");
}

static void test_normalising_keeps_neighbours_of_different_types_apart(void **state)
{
	cleanup_map struct map map = {};

	(void)state;
	assert_int_equal(map_add(&map, (struct range){0, 10}, 1, "x"), 0);
	assert_int_equal(map_add(&map, (struct range){10, 20}, 2, "x"), 0);
	map_normalise(&map);
	assert_int_equal(map.count, 2);
}

static void test_only_one_region_can_contain_a_range(void **state)
{
	cleanup_map struct map map = {};

	(void)state;
	add(&map, 0, 10, "a");
	add(&map, 10, 20, "b");
	assert_true(map_contains(&map, (struct range){3, 10}));
	assert_false(map_contains(&map, (struct range){5, 15}));
	assert_false(map_contains(&map, (struct range){5, 5}));
}

static void test_room_is_found_by_size_alignment_and_limits(void **state)
{
	static const struct {
		const char *name;
		uint64_t size, alignment;
		struct range limits;
		bool lowest;
		uint64_t start; /* UINT64_MAX: none */
	} rows[] = {
	    {"highest", 0x1000, 0x1000, {0, UINT64_MAX}, false, 0x1f000},
	    {"lowest", 0x1000, 0x1000, {0, UINT64_MAX}, true, 0x1000},
	    {"only in the second", 0x5000, 0x1000, {0, UINT64_MAX}, true, 0x9000},
	    {"exactly fits", 0x4000, 0x800, {0, 0x6000}, true, 0x1000},
	    {"one byte too many", 0x4001, 1, {0, 0x6000}, true, UINT64_MAX},
	    {"aligned up", 0x1000, 0x4000, {0, UINT64_MAX}, true, 0x4000},
	    {"aligned down", 0x1000, 0x10000, {0, UINT64_MAX}, false, 0x10000},
	    {"one aligned place", 0x10000, 0x10000, {0, 0x20000}, false, 0x10000},
	    {"no aligned place", 0x10001, 0x10000, {0, 0x20000}, false, UINT64_MAX},
	    {"alignment beyond all", 0x1000, UINT64_C(1) << 63, {0, UINT64_MAX}, true, UINT64_MAX},
	    {"limits cut the highest", 0x1000, 0x800, {0, 0x9800}, false, 0x8800},
	    {"limits leave the first", 0x1000, 0x1000, {0, 0x9800}, false, 0x4000},
	    {"limits cut the lowest", 0x1000, 0x1000, {0x2800, UINT64_MAX}, true, 0x3000},
	    {"limits in the gap", 0x1000, 0x1000, {0x5000, 0x8800}, true, UINT64_MAX},
	    {"empty limits", 1, 1, {0x2000, 0x2000}, true, UINT64_MAX},
	    {"backward limits", 1, 1, {0x3000, 0x2000}, true, UINT64_MAX},
	    {"as large as can be", UINT64_MAX, 1, {0, UINT64_MAX}, true, UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_map struct map map = {};
		struct range found = {1, 2};
		uint64_t wanted = rows[i].start;
		bool any;

		add(&map, 0x1000, 0x5000, "a");
		add(&map, 0x8800, 0x20000, "b");
		any = map_find_room(&map, rows[i].size, rows[i].alignment, rows[i].limits,
				    rows[i].lowest, &found);
		assert_row(rows[i].name, any == (rows[i].start != UINT64_MAX));
		if (!any)
			continue;
		assert_row(rows[i].name, found.start == wanted);
		assert_row(rows[i].name, found.end == wanted + rows[i].size);
	}
}

static void test_room_at_the_end_of_all_addresses_does_not_wrap(void **state)
{
	cleanup_map struct map map = {};
	struct range found;

	(void)state;
	add(&map, UINT64_MAX - 0x1fff, UINT64_MAX, "top");
	assert_true(map_find_room(&map, 0x1000, 0x1000, everything, true, &found));
	assert_int_equal(found.start, UINT64_MAX - 0x1fff);
	assert_false(map_find_room(&map, 0x1000, 0x2000, (struct range){UINT64_MAX - 5, UINT64_MAX},
				   true, &found));
	assert_false(map_find_room(&map, 0x3000, 1, everything, false, &found));
}

static void test_the_largest_gap_is_measured_inside_the_limits(void **state)
{
	cleanup_map struct map map = {};
	struct range largest;

	(void)state;
	add(&map, 0, 100, "a");
	add(&map, 200, 500, "b");
	largest = map_largest(&map, everything);
	assert_int_equal(largest.start, 200);
	largest = map_largest(&map, (struct range){50, 230});
	assert_int_equal(largest.start, 50);
	assert_int_equal(largest.end, 100);
	assert_int_equal(range_size(map_largest(&map, (struct range){100, 200})), 0);
}

/* The same operations on one bit per address: what the maps must agree with. */
enum { UNIVERSE = 48 };

static uint64_t bits_of(const struct map *map)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < map->count; i++)
		for (uint64_t j = map->regions[i].range.start; j < map->regions[i].range.end; j++)
			bits |= UINT64_C(1) << j;
	return bits;
}

static struct range random_range(unsigned int *seed)
{
	uint64_t start = (uint64_t)rand_r(seed) % UNIVERSE;

	return (struct range){start, start + 1 + (uint64_t)rand_r(seed) % (UNIVERSE - start)};
}

static void random_map(struct map *map, unsigned int *seed)
{
	unsigned int count = (unsigned int)rand_r(seed) % 6;

	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(map_add(map, random_range(seed), 1, "x"), 0);
}

static uint64_t room_by_trying(const struct map *map, uint64_t size, uint64_t alignment,
			       struct range limits, bool lowest)
{
	uint64_t best = UINT64_MAX;

	for (uint64_t start = 0; start < UNIVERSE; start += alignment) {
		struct range range = {start, start + size};

		if (!map_contains(map, range) || !range_contains(limits, range))
			continue;
		if (!lowest || best == UINT64_MAX)
			best = start;
	}
	return best;
}

static void test_the_algebra_agrees_with_one_bit_per_address(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 3000; seed++) {
		cleanup_map struct map a = {}, b = {}, common = {}, left = {};
		unsigned int random = seed;
		struct range taken = random_range(&random), limits = random_range(&random);
		uint64_t size = 1 + (uint64_t)rand_r(&random) % 12, before, best;
		uint64_t alignment = UINT64_C(1) << (rand_r(&random) % 4);
		bool lowest = rand_r(&random) % 2, any;
		struct range found = {};

		random_map(&a, &random);
		random_map(&b, &random);
		assert_int_equal(map_intersect(&common, &a, &b), 0);
		assert_int_equal(bits_of(&common), bits_of(&a) & bits_of(&b));
		assert_int_equal(map_copy(&left, &a), 0);
		assert_int_equal(map_subtract_all(&left, &b), 0);
		assert_int_equal(bits_of(&left), bits_of(&a) & ~bits_of(&b));
		before = bits_of(&a);
		map_normalise(&a);
		assert_int_equal(bits_of(&a), before);
		assert_int_equal(map_total(&a), __builtin_popcountll(before));
		any = map_find_room(&a, size, alignment, limits, lowest, &found);
		best = room_by_trying(&a, size, alignment, limits, lowest);
		assert_int_equal(any ? found.start : UINT64_MAX, best);
		assert_int_equal(map_subtract(&a, taken), 0);
		for (uint64_t i = taken.start; i < taken.end; i++)
			before &= ~(UINT64_C(1) << i);
		assert_int_equal(bits_of(&a), before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_range_may_end_at_but_not_pass_2_to_64),
	    cmocka_unit_test(test_ranges_overlap_and_contain_as_half_open_intervals),
	    cmocka_unit_test(test_aligning_up_refuses_to_wrap),
	    cmocka_unit_test(test_powers_of_two_are_told_from_other_numbers),
	    cmocka_unit_test(test_an_empty_range_adds_nothing),
	    cmocka_unit_test(test_a_long_name_is_cut),
	    cmocka_unit_test(test_a_copy_is_added_behind_what_is_there),
	    cmocka_unit_test(test_subtracting_the_middle_leaves_two_parts),
	    cmocka_unit_test(test_subtracting_leaves_what_lies_outside),
	    cmocka_unit_test(test_a_whole_map_is_taken_out_in_any_order),
	    cmocka_unit_test(test_many_regions_take_no_time),
	    cmocka_unit_test(test_an_intersection_keeps_the_first_maps_names),
	    cmocka_unit_test(test_an_intersection_of_touching_maps_is_empty),
	    cmocka_unit_test(test_normalising_sorts_and_joins_neighbours_of_one_kind),
	    cmocka_unit_test(test_normalising_keeps_neighbours_of_different_types_apart),
	    cmocka_unit_test(test_only_one_region_can_contain_a_range),
	    cmocka_unit_test(test_room_is_found_by_size_alignment_and_limits),
	    cmocka_unit_test(test_room_at_the_end_of_all_addresses_does_not_wrap),
	    cmocka_unit_test(test_the_largest_gap_is_measured_inside_the_limits),
	    cmocka_unit_test(test_the_algebra_agrees_with_one_bit_per_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
