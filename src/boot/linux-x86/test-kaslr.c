/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/kaslr.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "machine/memory.h"
#include "test-support/test.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

struct scene {
	struct map told, usable;
	struct kaslr_options options;
	uint8_t seed[KASLR_SEED_SIZE];
	struct kaslr_source source;
};

/* 8 MiB to 1 GiB, and 4 to 6 GiB; a kernel of 50 MiB. */
static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	map_add(&scene->told, (struct range){0, GIB}, MEMORY_RAM, "System RAM");
	map_add(&scene->told, (struct range){4 * GIB, 6 * GIB}, MEMORY_RAM, "System RAM");
	map_add(&scene->usable, (struct range){8 * MIB, GIB}, 0, "");
	map_add(&scene->usable, (struct range){4 * GIB, 6 * GIB}, 0, "");
	kaslr_options_read(&scene->options, "");
	scene->source = (struct kaslr_source){
	    .told = &scene->told,
	    .usable = &scene->usable,
	    .options = &scene->options,
	    .limits = {16 * MIB, UINT64_MAX},
	    .size = 50 * MIB,
	    .alignment = 2 * MIB,
	    .seed = scene->seed,
	};
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	map_fini(&scene->told);
	map_fini(&scene->usable);
	kaslr_options_fini(&scene->options);
	free(scene);
	return 0;
}

static uint64_t physical(struct scene *scene, uint64_t number, bool *found)
{
	uint64_t address = 0;

	store_le(scene->seed, 8, number);
	assert_int_equal(kaslr_draw_physical(&scene->source, found, &address), 0);
	return address;
}

static void set_options(struct scene *scene, const char *command_line)
{
	kaslr_options_fini(&scene->options);
	assert_int_equal(kaslr_options_read(&scene->options, command_line), 0);
	assert_null(scene->options.obstacle);
}

/* From one slot to the next, up to where they begin again; how many there are. */
static uint64_t count_slots(struct scene *scene, const struct range *ranges)
{
	uint64_t expected = ranges->start, first = 0, count = 0;
	bool found;

	for (;; count++) {
		uint64_t address = physical(scene, count, &found);

		if (!found || (count > 0 && address == first))
			break;
		first = count ? first : address;
		if (expected + scene->source.size > ranges->end)
			expected = (++ranges)->start;
		assert_int_equal(address, expected);
		expected += scene->source.alignment;
	}
	assert_true(count == 0 || expected + scene->source.size > ranges->end);
	return count;
}

static void test_every_slot_is_drawn_and_each_by_one_number(void **state)
{
	static const struct range ranges[] = {{16 * MIB, GIB}, {4 * GIB, 6 * GIB}};

	assert_int_equal(count_slots(*state, ranges), (1008 - 50) / 2 + 1 + (2048 - 50) / 2 + 1);
}

static void test_only_what_is_told_as_ram_and_may_be_written_to_has_slots(void **state)
{
	static const struct range ranges[] = {{64 * MIB, 128 * MIB}, {256 * MIB, 512 * MIB}};
	struct scene *scene = *state;

	map_subtract(&scene->usable, (struct range){0, 63 * MIB});
	map_subtract(&scene->usable, (struct range){128 * MIB + 1, 256 * MIB});
	map_subtract(&scene->usable, (struct range){512 * MIB, 800 * MIB});
	map_subtract(&scene->told, (struct range){800 * MIB, GIB});
	scene->told.regions[scene->told.count - 1].type = MEMORY_PERSISTENT;
	count_slots(scene, ranges);
}

static void test_neighbours_in_the_map_are_one_place(void **state)
{
	struct scene *scene = *state;

	map_fini(&scene->told);
	map_add(&scene->told, (struct range){0, 40 * MIB}, MEMORY_RAM, "a");
	map_add(&scene->told, (struct range){40 * MIB, 67 * MIB}, MEMORY_RAM, "b");
	assert_int_equal(count_slots(scene, (struct range[]){{16 * MIB, 67 * MIB}}), 1);
}

static void test_limits_hold(void **state)
{
	struct scene *scene = *state;
	bool found;

	scene->source.limits = (struct range){101 * MIB, 153 * MIB};
	assert_int_equal(count_slots(scene, (struct range[]){{102 * MIB, 153 * MIB}}), 1);
	scene->source.limits.end = 152 * MIB - 1;
	physical(scene, 0, &found);
	assert_false(found);
}

static void test_the_command_line_takes_memory_away(void **state)
{
	static const struct {
		const char *words;
		struct range ranges[3];
		uint64_t slots;
	} rows[] = {
	    {"mem=100M", {{16 * MIB, 100 * MIB}}, 18},
	    {"memmap=100M", {{16 * MIB, 100 * MIB}}, 18},
	    {"memmap=900M$100M mem=1G", {{16 * MIB, 100 * MIB}}, 18},
	    {"memmap=1G!64M,2G#4G", {{16 * MIB, 64 * MIB}}, 0},
	    {"memmap=1G!66M,2G#4G", {{16 * MIB, 66 * MIB}}, 1},
	    {"hugepagesz=1G hugepages=1", {{16 * MIB, GIB}, {5 * GIB, 6 * GIB}}, 480 + 488},
	    {"hugepagesz=1G hugepages=9", {{16 * MIB, GIB}}, 480},
	    {"hugepagesz=2M hugepages=9", {{16 * MIB, GIB}, {4 * GIB, 6 * GIB}}, 480 + 1000},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		set_options(*state, rows[i].words);
		assert_int_equal(count_slots(*state, rows[i].ranges), rows[i].slots);
	}
}

static void test_the_virtual_distance_ends_within_the_first_gib(void **state)
{
	struct scene *scene = *state;
	uint64_t slots = (1024 - 16 - 50) / 2 + 1;

	for (uint64_t i = 0; i < slots; i++) {
		store_le(scene->seed + 8, 8, i + slots);
		assert_int_equal(kaslr_draw_virtual(&scene->source, 16 * MIB), i * 2 * MIB);
	}
	scene->source.size = GIB - 16 * MIB;
	store_le(scene->seed + 8, 8, 12345);
	assert_int_equal(kaslr_draw_virtual(&scene->source, 16 * MIB), 0);
	scene->source.size = GIB;
	assert_int_equal(kaslr_draw_virtual(&scene->source, 16 * MIB), 0);
}

static void test_one_address_tells_nothing_of_the_other(void **state)
{
	struct scene *scene = *state;
	bool found;
	uint64_t first = physical(scene, 7, &found);

	memset(scene->seed + 8, 0xff, 8);
	assert_int_equal(physical(scene, 7, &found), first);
}

#define KASLR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    KASLR_TEST(test_every_slot_is_drawn_and_each_by_one_number),
	    KASLR_TEST(test_only_what_is_told_as_ram_and_may_be_written_to_has_slots),
	    KASLR_TEST(test_neighbours_in_the_map_are_one_place),
	    KASLR_TEST(test_limits_hold),
	    KASLR_TEST(test_the_command_line_takes_memory_away),
	    KASLR_TEST(test_the_virtual_distance_ends_within_the_first_gib),
	    KASLR_TEST(test_one_address_tells_nothing_of_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
