/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/crash-need.h"

#include <stdio.h>

#define MIB           UINT64_C(0x100000)
#define FOUR_GIB      UINT64_C(0x100000000)
#define SECTION_BYTES (128 * MIB)

/* arch/x86/kernel/setup.c reserves the first MiB, and gives what is RAM of it to the crash kernel.
 */
#define FIRST_MIB (600 * UINT64_C(1024))

/* The kernel's default (include/linux/swiotlb.h), wherever there is memory above 4 GiB. */
#define SWIOTLB (64 * MIB)

/* What lies beside kernel and initrd: elfcorehdr, boot_params, setup_data, purgatory, and what
 * alignment costs. */
#define OTHER_SEGMENTS (2 * MIB)

/* init_size is about so much more than what a kernel keeps. */
#define KERNEL_GIVES_BACK (4 * MIB)

/* Below that programs like makedumpfile can have trouble. */
#define LITTLE (16 * MIB)

/*
 * Beside init_size, which is some MiB more than the kernel keeps. Before 6.6 tracefs had an inode
 * and a dentry for every file from the start, 8 MiB of them. Kernels in between were not measured:
 * they are taken for the next newer ones, and those that do not say what they are for the largest.
 */
static const struct {
	unsigned int major, minor; /* up to and with this one */
	uint64_t bytes;
} boot_needs[] = {
    {6, 5, 16 * MIB + MIB / 4},
    {6, 12, 8 * MIB + MIB * 3 / 4},
    {~0U, ~0U, 16 * MIB + MIB / 2},
};

uint64_t crash_need_of_boot(const char *release)
{
	unsigned int major, minor;
	size_t i = 0;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return boot_needs[sizeof(boot_needs) / sizeof(*boot_needs) - 1].bytes;
	while (boot_needs[i].major < major ||
	       (boot_needs[i].major == major && boot_needs[i].minor < minor))
		i++;
	return boot_needs[i].bytes;
}

static uint64_t less(uint64_t from, uint64_t taken)
{
	return from > taken ? from - taken : 0;
}

static uint64_t sections(struct range range)
{
	return range_size(range) ? (range.end - 1) / SECTION_BYTES - range.start / SECTION_BYTES + 1
				 : 0;
}

static uint64_t struct_pages(const struct crash_room *room)
{
	return (sections(room->upper) + (room->low + SECTION_BYTES - 1) / SECTION_BYTES) *
	       (SECTION_BYTES / PAGE_BYTES * 64);
}

/* What is left for the kernel's own work and for all programs, the initrd being there. */
static uint64_t left_beside_files(const struct crash_need *need, const struct crash_room *room,
				  uint64_t swiotlb)
{
	uint64_t all = range_size(room->upper) + room->low + FIRST_MIB;

	return less(all, need->kernel + need->packed + struct_pages(room) + swiotlb);
}

static enum crash_fit judge(const struct crash_need *need, const struct crash_room *room,
			    uint64_t beside, uint64_t left)
{
	if (need->kernel + need->packed + OTHER_SEGMENTS > range_size(room->upper))
		return CRASH_TOO_SMALL_TO_LOAD;
	if (beside < need->boot + need->unpacked)
		return CRASH_TOO_SMALL_TO_BOOT;
	if (need->unpacked_limited && (beside + KERNEL_GIVES_BACK) / 2 < need->unpacked)
		return CRASH_TOO_SMALL_TO_UNPACK;
	return left < LITTLE ? CRASH_TIGHT : CRASH_FITS;
}

/* Each of the three conditions by itself. */
static uint64_t smallest_upper(const struct crash_need *need, const struct crash_room *room,
			       uint64_t swiotlb)
{
	uint64_t files = need->kernel + need->packed;
	uint64_t work = need->boot + need->unpacked;
	uint64_t boot, load = files + OTHER_SEGMENTS;

	if (need->unpacked_limited && work + KERNEL_GIVES_BACK < 2 * need->unpacked)
		work = 2 * need->unpacked - KERNEL_GIVES_BACK;
	boot = less(files + work + struct_pages(room) + swiotlb, room->low + FIRST_MIB);
	return boot > load ? boot : load;
}

struct crash_prediction crash_predict(const struct crash_need *need, const struct crash_room *room)
{
	bool high = range_size(room->upper) && room->upper.end > FOUR_GIB;
	uint64_t swiotlb = high ? SWIOTLB : 0;
	uint64_t beside = left_beside_files(need, room, swiotlb);
	/* The packed initrd is given back, and so are init's memory and what init_size is more. */
	uint64_t left = less(beside, need->boot + need->unpacked) + need->packed;
	struct crash_prediction prediction = {
	    .fit = judge(need, room, beside, left),
	    .needed = smallest_upper(need, room, swiotlb),
	    .left = left,
	    .swiotlb = swiotlb,
	};

	if (prediction.fit >= CRASH_TOO_SMALL_TO_LOAD)
		prediction.left = 0;
	return prediction;
}
