/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/kaslr.h"

#include "base/bytes.h"
#include "base/cleanup.h"
#include "machine/memory.h"

#define HUGE_PAGE         (UINT64_C(1) << 30)
#define KERNEL_IMAGE_SIZE (UINT64_C(1) << 30) /* arch/x86/include/asm/page_64_types.h */

/* Of 2^64 numbers and at most 2^40 slots no slot gets a 2^24th more than another. */
static uint64_t draw(const uint8_t *seed, uint64_t slots)
{
	return load_le(seed, 8) % slots;
}

/* Slots in a range. */
static uint64_t count_slots(struct range range, const struct kaslr_source *source, uint64_t *first)
{
	if (range.start < source->limits.start)
		range.start = source->limits.start;
	if (range.end > source->limits.end)
		range.end = source->limits.end;
	if (!align_up(range.start, source->alignment, first) || *first > range.end ||
	    range.end - *first < source->size)
		return 0;
	return (range.end - *first - source->size) / source->alignment + 1;
}

/* The kernel gets whole pages of 1 GiB only from memory that nothing lies in: the first ones. */
static int leave_huge_pages(struct map *memory, uint64_t pages)
{
	cleanup_with(map_fini) struct map huge = {};
	int r = 0;

	for (size_t i = 0; r == 0 && pages > 0 && i < memory->count; i++) {
		struct range range = memory->regions[i].range;
		uint64_t count;

		if (!align_up(range.start, HUGE_PAGE, &range.start) || range.start >= range.end)
			continue;
		count = (range.end - range.start) / HUGE_PAGE;
		if (count > pages)
			count = pages;
		range.end = range.start + count * HUGE_PAGE;
		pages -= count;
		r = map_add(&huge, range, 0, "");
	}
	return r < 0 ? r : map_subtract_all(memory, &huge);
}

static int find_memory(struct map *memory, const struct kaslr_source *source)
{
	const struct kaslr_options *options = source->options;
	cleanup_with(map_fini) struct map ram = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < source->told->count; i++)
		if (source->told->regions[i].type == MEMORY_RAM)
			r = map_add(&ram, source->told->regions[i].range, 0, "");
	map_normalise(&ram);
	if (r == 0)
		r = map_subtract(&ram, (struct range){0, source->limits.start});
	if (r == 0)
		r = map_subtract(&ram, (struct range){options->memory_end, UINT64_MAX});
	if (r == 0)
		r = map_subtract_all(&ram, &options->taken);
	if (r == 0)
		r = leave_huge_pages(&ram, options->huge_pages);
	if (r == 0)
		r = map_intersect(memory, &ram, source->usable);
	return r;
}

int kaslr_draw_physical(const struct kaslr_source *source, bool *found, uint64_t *address)
{
	cleanup_with(map_fini) struct map memory = {};
	uint64_t slots = 0, first, slot;
	int r = find_memory(&memory, source);

	*found = false;
	if (r < 0)
		return r;
	for (size_t i = 0; i < memory.count; i++)
		slots += count_slots(memory.regions[i].range, source, &first);
	if (slots == 0)
		return 0;
	slot = draw(source->seed, slots);
	for (size_t i = 0; i < memory.count; i++) {
		uint64_t here = count_slots(memory.regions[i].range, source, &first);

		if (slot < here) {
			*found = true;
			*address = first + slot * source->alignment;
			break;
		}
		slot -= here;
	}
	return 0;
}

uint64_t kaslr_draw_virtual(const struct kaslr_source *source, uint64_t physical)
{
	uint64_t used = physical + source->size;
	uint64_t room = used < KERNEL_IMAGE_SIZE ? KERNEL_IMAGE_SIZE - used : 0;

	return draw(source->seed + 8, room / source->alignment + 1) * source->alignment;
}
