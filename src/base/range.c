/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/range.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

bool range_from_size(uint64_t start, uint64_t size, struct range *range)
{
	if (size > UINT64_MAX - start)
		return false;
	*range = (struct range){start, start + size};
	return true;
}

bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

bool align_up(uint64_t value, uint64_t alignment, uint64_t *aligned)
{
	uint64_t mask = alignment - 1;

	if (value > UINT64_MAX - mask)
		return false;
	*aligned = (value + mask) & ~mask;
	return true;
}

uint64_t align_down(uint64_t value, uint64_t alignment)
{
	return value & ~(alignment - 1);
}

static struct range range_intersect(struct range a, struct range b)
{
	struct range common = {a.start > b.start ? a.start : b.start,
			       a.end < b.end ? a.end : b.end};

	return common.start < common.end ? common : (struct range){0, 0};
}

static int map_reserve(struct map *map, size_t count)
{
	size_t capacity = map->capacity ? map->capacity : 16;
	struct region *regions;

	while (capacity < count)
		capacity *= 2;
	if (capacity == map->capacity)
		return 0;
	regions = reallocarray(map->regions, capacity, sizeof(*regions));
	if (!regions)
		return -ENOMEM;
	map->regions = regions;
	map->capacity = capacity;
	return 0;
}

int map_add(struct map *map, struct range range, uint32_t type, const char *name)
{
	struct region *region;
	int r;

	if (!range_size(range))
		return 0;
	r = map_reserve(map, map->count + 1);
	if (r < 0)
		return r;
	region = &map->regions[map->count++];
	*region = (struct region){.range = range, .type = type};
	snprintf(region->name, sizeof(region->name), "%s", name ? name : "");
	return 0;
}

int map_copy(struct map *to, const struct map *from)
{
	size_t before = to->count;
	int r;

	r = map_reserve(to, before + from->count);
	if (r < 0)
		return r;
	if (from->count)
		memcpy(to->regions + before, from->regions, from->count * sizeof(*from->regions));
	to->count = before + from->count;
	return 0;
}

static int region_compare(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	if (x->range.start != y->range.start)
		return x->range.start < y->range.start ? -1 : 1;
	if (x->range.end != y->range.end)
		return x->range.end < y->range.end ? -1 : 1;
	return 0;
}

void map_normalise(struct map *map)
{
	size_t kept = 0;

	if (map->count)
		qsort(map->regions, map->count, sizeof(*map->regions), region_compare);
	for (size_t i = 0; i < map->count; i++) {
		struct region *last = kept ? &map->regions[kept - 1] : NULL;
		const struct region *next = &map->regions[i];

		if (last && next->range.start <= last->range.end && last->type == next->type &&
		    strcmp(last->name, next->name) == 0) {
			if (next->range.end > last->range.end)
				last->range.end = next->range.end;
			continue;
		}
		map->regions[kept++] = *next;
	}
	map->count = kept;
}

/* The same addresses as the map's, as sorted regions that neither touch nor overlap. */
static int map_cover(struct map *cover, const struct map *map)
{
	int r = map_copy(cover, map);

	for (size_t i = 0; i < cover->count; i++) {
		cover->regions[i].type = 0;
		cover->regions[i].name[0] = '\0';
	}
	map_normalise(cover);
	return r;
}

size_t map_search(const struct map *map, uint64_t address)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->regions[middle].range.end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Adds what is left of a region when the cover is taken away. */
static int add_outside(struct map *to, const struct region *region, const struct map *cover)
{
	uint64_t start = region->range.start, end = region->range.end;
	int r = 0;

	for (size_t i = map_search(cover, start); r == 0 && i < cover->count; i++) {
		struct range taken = cover->regions[i].range;

		if (taken.start >= end)
			break;
		if (taken.start > start)
			r = map_add(to, (struct range){start, taken.start}, region->type,
				    region->name);
		start = taken.end;
	}
	if (r == 0 && start < end)
		r = map_add(to, (struct range){start, end}, region->type, region->name);
	return r;
}

int map_subtract_all(struct map *map, const struct map *taken)
{
	cleanup_with(map_fini) struct map cover = {}, result = {};
	int r = map_cover(&cover, taken);

	for (size_t i = 0; r == 0 && i < map->count; i++)
		r = add_outside(&result, &map->regions[i], &cover);
	if (r < 0)
		return r;
	free(map->regions);
	*map = result;
	result = (struct map){};
	return 0;
}

int map_subtract(struct map *map, struct range range)
{
	struct region region = {.range = range};

	return range_size(range) ? map_subtract_all(map, &(struct map){&region, 1, 1}) : 0;
}

int map_intersect(struct map *to, const struct map *a, const struct map *b)
{
	cleanup_with(map_fini) struct map cover = {};
	int r = map_cover(&cover, b);

	for (size_t i = 0; r == 0 && i < a->count; i++) {
		const struct region *region = &a->regions[i];

		for (size_t j = map_search(&cover, region->range.start);
		     r == 0 && j < cover.count && cover.regions[j].range.start < region->range.end;
		     j++)
			r = map_add(to, range_intersect(region->range, cover.regions[j].range),
				    region->type, region->name);
	}
	return r;
}

bool map_contains(const struct map *map, struct range range)
{
	for (size_t i = 0; i < map->count; i++)
		if (range_contains(map->regions[i].range, range))
			return true;
	return false;
}

uint64_t map_total(const struct map *map)
{
	uint64_t total = 0;

	for (size_t i = 0; i < map->count; i++)
		total += range_size(map->regions[i].range);
	return total;
}

static bool find_room_in(struct range room, uint64_t size, uint64_t alignment, bool lowest,
			 uint64_t *start)
{
	if (range_size(room) < size)
		return false;
	if (!lowest) {
		*start = align_down(room.end - size, alignment);
		return *start >= room.start;
	}
	return align_up(room.start, alignment, start) && *start <= room.end - size;
}

bool map_find_room(const struct map *map, uint64_t size, uint64_t alignment, struct range limits,
		   bool lowest, struct range *found)
{
	bool any = false;

	for (size_t i = 0; i < map->count; i++) {
		uint64_t start;

		if (!find_room_in(range_intersect(map->regions[i].range, limits), size, alignment,
				  lowest, &start))
			continue;
		if (any && lowest != (start < found->start))
			continue;
		*found = (struct range){start, start + size};
		any = true;
	}
	return any;
}

struct range map_largest(const struct map *map, struct range limits)
{
	struct range largest = {0, 0};

	for (size_t i = 0; i < map->count; i++) {
		struct range common = range_intersect(map->regions[i].range, limits);

		if (range_size(common) > range_size(largest))
			largest = common;
	}
	return largest;
}

void map_fini(struct map *map)
{
	free(map->regions);
	*map = (struct map){};
}
