/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ranges of physical memory, half-open, and maps of them.
 *
 * A range is [start, end), in bytes; an empty one has start == end. All arithmetic is safe against
 * wrap-around. A map is a list of regions (a range with a type and a name); what a type means is
 * the owner's business. A map that was normalised is sorted, has no empty regions, and
 * neighbours that touch or overlap and agree in type and name are one region.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a page: what destinations are counted in. On x86 always this many. */
#define PAGE_BYTES UINT64_C(4096)

struct range {
	uint64_t start;
	uint64_t end;
};

struct region {
	struct range range;
	uint32_t type;
	char name[40];
};

struct map {
	struct region *regions;
	size_t count;
	size_t capacity;
};

static inline uint64_t range_size(struct range range)
{
	return range.end > range.start ? range.end - range.start : 0;
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return range_size(a) && range_size(b) && a.start < b.end && b.start < a.end;
}

/* Whether `inner`, which must not be empty, lies wholly inside `outer`. */
static inline bool range_contains(struct range outer, struct range inner)
{
	return inner.start < inner.end && outer.start <= inner.start && inner.end <= outer.end;
}

/* False when start + size passes 2^64. */
bool range_from_size(uint64_t start, uint64_t size, struct range *range);

/* Align up or down; `alignment` is a power of two. Up returns false when it would wrap. */
bool align_up(uint64_t value, uint64_t alignment, uint64_t *aligned);
uint64_t align_down(uint64_t value, uint64_t alignment);
bool is_power_of_two(uint64_t value);

/* All return 0 or -ENOMEM; on failure the map is as it was. An empty range adds nothing. */
int map_add(struct map *map, struct range range, uint32_t type, const char *name);
int map_copy(struct map *to, const struct map *from);

/*
 * Takes `range`, or all regions of `taken`, out of every region of the map, cutting regions in two
 * where it lies inside. The map keeps its order.
 */
int map_subtract(struct map *map, struct range range);
int map_subtract_all(struct map *map, const struct map *taken);

/*
 * Adds to `to` the parts of a's regions that lie inside b, with a's type and name and in a's order.
 * What touches or overlaps in b counts as one.
 */
int map_intersect(struct map *to, const struct map *a, const struct map *b);

/* Sorts, drops empty regions, joins neighbours that touch or overlap and agree in type and name. */
void map_normalise(struct map *map);

/* Whether one region of a normalised map holds all of `range`. */
bool map_contains(const struct map *map, struct range range);

/* The first region that ends behind `address`, or the count: of a normalised map whose regions do
 * not overlap, as those of one type and name. */
size_t map_search(const struct map *map, uint64_t address);

/* Sum of all sizes, in bytes. */
uint64_t map_total(const struct map *map);

/*
 * Finds room: `size` bytes (not 0) at an address that is a multiple of `alignment`, wholly inside
 * one region of the normalised map and inside `limits`; the highest such address, or with
 * `lowest` the lowest. False when there is none.
 */
bool map_find_room(const struct map *map, uint64_t size, uint64_t alignment, struct range limits,
		   bool lowest, struct range *found);

/* The largest range inside `limits`, for messages; an empty range when there is none. */
struct range map_largest(const struct map *map, struct range limits);

void map_fini(struct map *map);
