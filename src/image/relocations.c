/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/relocations.h"

enum { ENTRY_SIZE = 4, LISTS_MAX = 3 };

static uint64_t entry_at(struct bytes file, uint64_t offset)
{
	return load_le(file.data + offset, ENTRY_SIZE);
}

/* The list that ends at `end`; its 0 stands just before it. False when there is no 0. */
static bool find_list(struct bytes file, uint64_t start, uint64_t end, struct range *list)
{
	*list = (struct range){end, end};
	while (list->start - start >= ENTRY_SIZE) {
		if (entry_at(file, list->start - ENTRY_SIZE) == 0)
			return true;
		list->start -= ENTRY_SIZE;
	}
	return false;
}

bool relocations_find(struct relocations *relocations, struct bytes file, uint64_t start)
{
	struct range lists[LISTS_MAX];
	uint64_t end = file.size;
	unsigned int count = 0;

	*relocations = (struct relocations){};
	if (!align_up(start, ENTRY_SIZE, &start) || start > end || (end - start) % ENTRY_SIZE)
		return false;
	if (start == end)
		return true;
	while (end > start && count < LISTS_MAX) {
		if (!find_list(file, start, end, &lists[count]))
			return false;
		end = lists[count++].start - ENTRY_SIZE;
	}
	if (end != start || count < 2)
		return false;
	relocations->add_32 = lists[0];
	relocations->add_64 = lists[count - 1];
	if (count == LISTS_MAX)
		relocations->subtract_32 = lists[1];
	return true;
}

bool relocations_any(const struct relocations *relocations)
{
	return range_size(relocations->add_32) || range_size(relocations->subtract_32) ||
	       range_size(relocations->add_64);
}

/* An image, and where its first byte is linked to be. */
struct target {
	uint8_t *image;
	uint64_t size, address;
};

/* Numbers are low halves of addresses at the upper end of the address space. */
static uint64_t sign_extend(uint64_t value)
{
	return (uint64_t)(int64_t)(int32_t)(uint32_t)value;
}

/* The width is known where this is compiled in, which makes a third of the work of it. */
static inline void add(uint8_t *place, unsigned int width, uint64_t distance)
{
	store_le(place, width, load_le(place, width) + distance);
}

static bool apply_list(struct range list, struct bytes file, const struct target *target,
		       unsigned int width, uint64_t distance)
{
	for (uint64_t at = list.start; at < list.end; at += ENTRY_SIZE) {
		uint64_t offset = sign_extend(entry_at(file, at)) - target->address;
		uint8_t *place;

		if (offset > target->size || width > target->size - offset)
			return false;
		place = target->image + offset;
		if (width == 4)
			add(place, 4, distance);
		else
			add(place, 8, distance);
	}
	return true;
}

bool relocations_apply(const struct relocations *relocations, struct bytes file, uint8_t *image,
		       uint64_t size, uint64_t address, uint64_t distance)
{
	const struct target target = {image, size, address};

	return apply_list(relocations->add_32, file, &target, 4, distance) &&
	       apply_list(relocations->subtract_32, file, &target, 4, -distance) &&
	       apply_list(relocations->add_64, file, &target, 8, distance);
}
