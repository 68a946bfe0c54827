/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash/memory.h"

#include "machine/crash.h"
#include "machine/kernel.h"
#include "machine/memory.h"

#define ONE_MIB     UINT64_C(0x100000)
#define LOW_640_KIB UINT64_C(0xa0000)

struct crash_low_memory crash_low_memory_x86(const struct machine_kernel *running)
{
	struct crash_low_memory low = {.needed = {0, ONE_MIB}};

	if (machine_kernel_at_least(running, 5, 6))
		low.left_out = (struct range){0, ONE_MIB};
	else
		low.backed_up = (struct range){0, LOW_640_KIB};
	return low;
}

int crash_dumped_memory(struct map *dumped, const struct machine_crash *crash,
			const struct crash_low_memory *low)
{
	int r = map_copy(dumped, &crash->ram);

	if (r == 0)
		r = map_subtract_all(dumped, &crash->reserved);
	if (r == 0)
		r = map_subtract_all(dumped, &crash->cma);
	return r < 0 ? r : map_subtract(dumped, low->left_out);
}

static int add_as_ram(struct map *told, const struct map *map)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < map->count; i++)
		r = map_add(told, map->regions[i].range, MEMORY_RAM, "System RAM");
	return r;
}

static int add_low_memory(struct map *told, const struct map *ram, struct range needed)
{
	struct region region = {.range = needed};
	struct map limit = {&region, 1, 1}, low = {};
	int r = map_intersect(&low, ram, &limit);

	if (r == 0)
		r = add_as_ram(told, &low);
	map_fini(&low);
	return r;
}

int crash_told_memory(struct map *told, const struct machine_crash *crash,
		      const struct machine_memory *memory, const struct crash_low_memory *low,
		      const struct map *holes)
{
	int r = add_low_memory(told, &crash->ram, low->needed);

	if (r == 0)
		r = add_as_ram(told, &crash->reserved);
	if (r == 0)
		r = add_as_ram(told, &crash->cma);
	for (size_t i = 0; r == 0 && i < memory->firmware.count; i++) {
		const struct region *region = &memory->firmware.regions[i];

		if (region->type != MEMORY_RAM)
			r = map_add(told, region->range, region->type, region->name);
	}
	map_normalise(told);
	return r < 0 ? r : map_subtract_all(told, holes);
}
