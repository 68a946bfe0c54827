/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/svg-bar.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "plan/plan.h"

enum {
	TYPE_RAM = 1, /* ACPI 6.5 section 15 */
	SEGMENT_HEIGHT_MIN = 7,
	MEMORY_HEIGHT_MIN = 1,
	SLICES_WITH_MINIMUM = 300, /* of more the least are too many to be seen */
};

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t add_borders(uint64_t *borders, size_t count, struct range range)
{
	borders[count] = range.start;
	borders[count + 1] = range.end;
	return count + 2;
}

/* One slice between every two neighbouring borders of anything. 0 or -ENOMEM. */
static int cut_slices(struct svg_bar *bar, const struct plan *plan)
{
	size_t most = 2 * (plan->told.count + plan->usable.count + plan->segment_count) + 1;
	cleanup_free uint64_t *borders = calloc(most, sizeof(*borders));
	size_t count = 0;

	bar->slices = calloc(most, sizeof(*bar->slices));
	if (!borders || !bar->slices)
		return -ENOMEM;
	for (size_t i = 0; i < plan->told.count; i++)
		count = add_borders(borders, count, plan->told.regions[i].range);
	for (size_t i = 0; i < plan->usable.count; i++)
		count = add_borders(borders, count, plan->usable.regions[i].range);
	for (size_t i = 0; i < plan->segment_count; i++)
		count = add_borders(borders, count, plan->segments[i].destination);
	qsort(borders, count, sizeof(*borders), compare_numbers);
	for (size_t i = 0; i + 1 < count; i++)
		if (borders[i] < borders[i + 1])
			bar->slices[bar->count++].range =
			    (struct range){borders[i], borders[i + 1]};
	return 0;
}

static bool is_in_segment(const struct plan *plan, struct range range)
{
	for (size_t i = 0; i < plan->segment_count; i++)
		if (range_overlaps(plan->segments[i].destination, range))
			return true;
	return false;
}

/* `*at` goes along: the slices come in order, and so do the regions of a normalised map. */
static bool is_in_map(const struct map *map, size_t *at, struct range range)
{
	while (*at < map->count && map->regions[*at].range.end <= range.start)
		(*at)++;
	return *at < map->count && range_overlaps(map->regions[*at].range, range);
}

/* Where there is no RAM, but for short gaps: nothing at all, or a large range for devices. */
static void break_holes(struct svg_bar *bar, const struct plan *plan, const struct map *ram)
{
	uint64_t total = map_total(ram);
	size_t in_ram = 0, in_usable = 0;

	for (size_t i = 0; i < bar->count; i++) {
		struct svg_slice *slice = &bar->slices[i];
		bool has_ram = is_in_map(ram, &in_ram, slice->range) ||
			       is_in_map(&plan->usable, &in_usable, slice->range) ||
			       is_in_segment(plan, slice->range);

		slice->broken = !has_ram && range_size(slice->range) > total / 100;
	}
}

/* What is no segment, but for short distances between them. */
static void break_distances(struct svg_bar *bar, const struct plan *plan)
{
	uint64_t total = 0;

	for (size_t i = 0; i < plan->segment_count; i++)
		total += range_size(plan->segments[i].destination);
	for (size_t i = 0; i < bar->count; i++) {
		struct svg_slice *slice = &bar->slices[i];

		slice->broken = !is_in_segment(plan, slice->range);
	}
	/* A run of slices without a segment is one distance. */
	for (size_t i = 0; i < bar->count;) {
		uint64_t distance = 0;
		size_t j = i;

		for (; j < bar->count && bar->slices[j].broken; j++)
			distance += range_size(bar->slices[j].range);
		for (size_t k = i; distance <= total / 16 && k < j; k++)
			bar->slices[k].broken = false;
		i = j == i ? i + 1 : j;
	}
}

/* Gives every slice its height and its place. A run of broken ones is one break. */
static void lay_out(struct svg_bar *bar, const struct plan *plan)
{
	double shown = 0, y = 0;

	for (size_t i = 0; i < bar->count; i++)
		if (!bar->slices[i].broken)
			shown += (double)range_size(bar->slices[i].range);
	for (size_t i = 0; i < bar->count; i++) {
		struct svg_slice *slice = &bar->slices[i];
		double least = is_in_segment(plan, slice->range)  ? SEGMENT_HEIGHT_MIN
			       : bar->count > SLICES_WITH_MINIMUM ? 0
								  : MEMORY_HEIGHT_MIN;

		if (slice->broken)
			slice->height = i && bar->slices[i - 1].broken ? 0 : SVG_BREAK_HEIGHT;
		else
			slice->height = (double)range_size(slice->range) / shown * SVG_BAR_HEIGHT;
		if (!slice->broken && slice->height < least)
			slice->height = least;
		slice->y = y;
		y += slice->height;
	}
	bar->height = y;
}

static int ram_of(const struct plan *plan, struct map *ram)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->told.count; i++)
		if (plan->told.regions[i].type == TYPE_RAM)
			r = map_add(ram, plan->told.regions[i].range, 0, "");
	map_normalise(ram);
	return r;
}

int svg_bar_of_all(struct svg_bar *bar, const struct plan *plan)
{
	cleanup_with(map_fini) struct map ram = {};
	int r;

	*bar = (struct svg_bar){};
	r = ram_of(plan, &ram);
	if (r == 0)
		r = cut_slices(bar, plan);
	if (r < 0)
		return r;
	break_holes(bar, plan, &ram);
	lay_out(bar, plan);
	return 0;
}

int svg_bar_of_segments(struct svg_bar *bar, const struct plan *plan)
{
	int r;

	*bar = (struct svg_bar){};
	r = cut_slices(bar, plan);
	if (r < 0)
		return r;
	break_distances(bar, plan);
	lay_out(bar, plan);
	return 0;
}

void svg_bar_fini(struct svg_bar *bar)
{
	free(bar->slices);
}

double svg_bar_place(const struct svg_bar *bar, uint64_t address)
{
	size_t low = 0, high = bar->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct svg_slice *slice = &bar->slices[middle];

		if (address < slice->range.start)
			high = middle;
		else if (address >= slice->range.end)
			low = middle + 1;
		else
			return slice->y + slice->height * (double)(address - slice->range.start) /
					      (double)range_size(slice->range);
	}
	return low < bar->count ? bar->slices[low].y : bar->height;
}
