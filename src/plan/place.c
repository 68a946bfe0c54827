/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Claiming and placing: from needs to addresses. */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "plan/plan.h"

int plan_claim(struct plan *plan, const struct plan_claim *claim, struct error *error)
{
	uint64_t wanted = claim->memory_size ? claim->memory_size : claim->content_size;
	struct plan_segment *segment;

	if (plan->segment_count == PLAN_SEGMENTS_MAX)
		return error_add(error, ERROR_TOO_LONG, 0, "claim segment", claim->name,
				 "the kernel takes at most %d segments", PLAN_SEGMENTS_MAX);
	if (wanted < claim->content_size)
		return error_add(error, ERROR_IMAGE, 0, "claim segment", claim->name,
				 "its %" PRIu64 " bytes do not fit the %" PRIu64 " it asks for",
				 claim->content_size, wanted);
	segment = &plan->segments[plan->segment_count];
	*segment = (struct plan_segment){
	    .content = claim->content,
	    .content_offset = claim->content_offset,
	    .content_size = claim->content_size,
	    .checked_size = claim->checked_size,
	    .alignment = claim->alignment ? claim->alignment : PAGE_BYTES,
	    .limits = claim->limits,
	    .lowest = claim->lowest,
	};
	snprintf(segment->name, sizeof(segment->name), "%s", claim->name);
	if (!align_up(wanted, PAGE_BYTES, &segment->memory_size))
		return error_add(error, ERROR_NO_ROOM, 0, "claim segment", claim->name,
				 "its size passes 2^64");
	return (int)plan->segment_count++;
}

int plan_claim_zeros(struct plan *plan, struct plan_claim claim, struct error *error)
{
	claim.content = plan_own(plan, blob_new_memory(claim.content_size));
	return claim.content ? plan_claim(plan, &claim, error)
			     : error_memory(error, "claim segment");
}

static int no_room(const struct plan *plan, const struct plan_segment *segment,
		   const struct map *free_memory, struct error *error)
{
	const char *step = plan->kind == PLAN_CRASH ? "place in reservation" : "place segment";
	struct range gap = map_largest(free_memory, segment->limits);

	if (!range_size(segment->limits))
		return error_add(error, ERROR_NO_ROOM, 0, step, segment->name,
				 "it must lie at or above 0x%" PRIx64
				 ", and nothing may lie at or above 0x%" PRIx64,
				 segment->limits.start, segment->limits.end);
	return error_add(
	    error, ERROR_NO_ROOM, 0, step, segment->name,
	    "it needs %" PRIu64 " KiB, aligned to %" PRIu64 " KiB, between 0x%" PRIx64
	    " and 0x%" PRIx64 "; the largest gap there is %" PRIu64 " KiB at 0x%" PRIx64,
	    segment->memory_size / 1024, segment->alignment / 1024, segment->limits.start,
	    segment->limits.end, range_size(gap) / 1024, gap.start);
}

/*
 * Where the highest eighth of memory starts. The running kernel takes the pages that it loads into
 * from where it freed some last, which early after boot is the top of memory, and then from the
 * bottom. For each page that lies in a destination it searches the list of all that it has (kernel:
 * kimage_alloc_page(), kernel/kexec_core.c), so destinations are best just below this address.
 */
static uint64_t highest_eighth(const struct map *usable)
{
	uint64_t total = map_total(usable), below = total - total / 8;

	for (size_t i = 0; i < usable->count; i++) {
		struct range range = usable->regions[i].range;

		if (below <= range_size(range))
			return align_down(range.start + below, PAGE_BYTES);
		below -= range_size(range);
	}
	return 0;
}

static bool find_room(const struct map *free_memory, uint64_t quiet_end,
		      struct plan_segment *segment)
{
	struct range quiet = segment->limits;

	if (quiet.end > quiet_end)
		quiet.end = quiet_end;
	if (!segment->lowest && quiet.start < quiet.end &&
	    map_find_room(free_memory, segment->memory_size, segment->alignment, quiet, false,
			  &segment->destination))
		return true;
	return map_find_room(free_memory, segment->memory_size, segment->alignment, segment->limits,
			     segment->lowest, &segment->destination);
}

int plan_place(struct plan *plan, struct error *error)
{
	cleanup_with(map_fini) struct map free_memory = {};
	/* A crash image is loaded straight into its reservation. */
	uint64_t quiet_end = plan->kind == PLAN_CRASH ? UINT64_MAX : highest_eighth(&plan->usable);

	if (map_copy(&free_memory, &plan->usable) < 0)
		return error_memory(error, "place segments");
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct plan_segment *segment = &plan->segments[i];

		if (!find_room(&free_memory, quiet_end, segment))
			return no_room(plan, segment, &free_memory, error);
		if (map_subtract(&free_memory, segment->destination) < 0)
			return error_memory(error, "place segments");
	}
	return 0;
}
