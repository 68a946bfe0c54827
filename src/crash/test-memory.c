/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash/memory.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/crash.h"
#include "machine/kernel.h"
#include "machine/memory.h"
#include "test-support/test.h"

struct machine {
	struct machine_crash crash;
	struct machine_memory memory;
};

static void add(struct map *map, uint64_t start, uint64_t end, uint32_t type, const char *name)
{
	assert_int_equal(map_add(map, (struct range){start, end}, type, name), 0);
}

/* 1 GiB, with an upper and a low part, and 16 MiB of CMA. */
static void make(struct machine *machine)
{
	*machine = (struct machine){};
	add(&machine->crash.ram, 0x1000, 0x9fc00, 0, NULL);
	add(&machine->crash.ram, 0x100000, 0x40000000, 0, NULL);
	add(&machine->crash.reserved, 0x10000000, 0x11000000, 0, NULL);
	add(&machine->crash.reserved, 0x20000000, 0x30000000, 0, NULL);
	add(&machine->crash.cma, 0x38000000, 0x39000000, 0, NULL);
	machine->crash.upper = (struct range){0x20000000, 0x30000000};
	add(&machine->memory.firmware, 0, 0x9fc00, MEMORY_RAM, "System RAM");
	add(&machine->memory.firmware, 0x9fc00, 0x100000, MEMORY_RESERVED, "Reserved");
	add(&machine->memory.firmware, 0x100000, 0x40000000, MEMORY_RAM, "System RAM");
	add(&machine->memory.firmware, 0x40000000, 0x40010000, MEMORY_ACPI_TABLES, "ACPI Tables");
}

static void destroy(struct machine *machine)
{
	machine->crash.cpus = NULL;
	machine_crash_fini(&machine->crash);
	machine_memory_fini(&machine->memory);
}
#define cleanup_machine cleanup_with(destroy)

static const char *text_of(const struct map *map)
{
	static char text[1024];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < map->count; i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s%llx-%llx/%u", i ? " " : "",
		    (unsigned long long)map->regions[i].range.start,
		    (unsigned long long)map->regions[i].range.end, map->regions[i].type);
	return text;
}

static void test_low_memory_is_left_out_or_backed_up_by_the_kernels_version(void **state)
{
	static const struct {
		const char *release;
		bool backed_up;
	} rows[] = {
	    {"5.6.0", false}, {"7.3.4-cloud", false}, {"5.5.9", true}, {"4.19.0", true}, {"", true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct machine_kernel kernel = {};
		struct crash_low_memory low;

		snprintf(kernel.release, sizeof(kernel.release), "%s", rows[i].release);
		low = crash_low_memory_x86(&kernel);
		assert_row(rows[i].release, low.needed.end == 0x100000);
		assert_row(rows[i].release,
			   range_size(low.backed_up) == (rows[i].backed_up ? 0xa0000 : 0));
		assert_row(rows[i].release,
			   range_size(low.left_out) == (rows[i].backed_up ? 0 : 0x100000));
	}
}

static void test_a_dump_has_all_ram_but_what_is_the_crash_kernels_own(void **state)
{
	static const struct crash_low_memory lows[] = {
	    {.needed = {0, 0x100000}, .left_out = {0, 0x100000}},
	    {.needed = {0, 0x100000}, .backed_up = {0, 0xa0000}},
	};
	static const char *const wanted[] = {
	    "100000-10000000/0 11000000-20000000/0 30000000-38000000/0 39000000-40000000/0",
	    "1000-9fc00/0 100000-10000000/0 11000000-20000000/0 30000000-38000000/0 "
	    "39000000-40000000/0",
	};
	cleanup_machine struct machine machine;

	(void)state;
	make(&machine);
	for (size_t i = 0; i < ELEMENTS(lows); i++) {
		cleanup_with(map_fini) struct map dumped = {};

		assert_int_equal(crash_dumped_memory(&dumped, &machine.crash, &lows[i]), 0);
		assert_string_equal(text_of(&dumped), wanted[i]);
	}
}

static void test_the_crash_kernel_is_told_what_is_its_own_and_what_is_no_ram(void **state)
{
	static const struct crash_low_memory low = {.needed = {0, 0x100000}};
	struct region hole = {.range = {0x20000000, 0x20010000}};
	struct map holes = {&hole, 1, 1};
	cleanup_with(map_fini) struct map told = {};
	cleanup_machine struct machine machine;

	(void)state;
	make(&machine);
	assert_int_equal(crash_told_memory(&told, &machine.crash, &machine.memory, &low, &holes),
			 0);
	assert_string_equal(text_of(&told),
			    "1000-9fc00/1 9fc00-100000/2 10000000-11000000/1 20010000-30000000/1 "
			    "38000000-39000000/1 40000000-40010000/3");
	assert_string_equal(told.regions[0].name, "System RAM");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_low_memory_is_left_out_or_backed_up_by_the_kernels_version),
	    cmocka_unit_test(test_a_dump_has_all_ram_but_what_is_the_crash_kernels_own),
	    cmocka_unit_test(test_the_crash_kernel_is_told_what_is_its_own_and_what_is_no_ram),
	};

	return cmocka_run_group_tests_name("crash/memory", tests, NULL, NULL);
}
