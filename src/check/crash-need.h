/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much memory a crash kernel needs until it has unpacked its initrd and runs a first program,
 * predicted.
 *
 * The figures were measured with Debian's cloud kernels, with one CPU (tests/test_check.py holds
 * them against real crashes around the edge): an initrd counts packed and unpacked, because both
 * are there at the same time, and each 128 MiB section of memory that is touched costs 2 MiB for
 * its struct pages.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/range.h"

struct crash_need {
	uint64_t kernel;   /* bytes that it wants in one piece (init_size of its header) */
	uint64_t packed;   /* of its initrds */
	uint64_t unpacked; /* of the files that they become, in whole pages */
	bool unpacked_known;
	/* Without root= the first root filesystem is a tmpfs, and may have half of all memory
	 * (init/do_mounts.c, mm/shmem.c). */
	bool unpacked_limited;
	uint64_t boot; /* of what it allocates until its first program runs */
};

struct crash_room {
	struct range upper; /* of the reservation */
	uint64_t low;       /* bytes of its other parts */
};

enum crash_fit {
	CRASH_FITS,
	CRASH_TIGHT,             /* little is left for the programs that save the dump */
	CRASH_TOO_SMALL_TO_LOAD, /* the segments */
	CRASH_TOO_SMALL_TO_BOOT,
	CRASH_TOO_SMALL_TO_UNPACK, /* the first root filesystem may be half as large as memory */
};

struct crash_prediction {
	enum crash_fit fit;
	uint64_t needed;  /* bytes of the reservation's upper part that would be enough */
	uint64_t left;    /* bytes that programs then have, about; 0 when it does not fit */
	uint64_t swiotlb; /* bytes that go into buffers for devices, because `upper` is high */
};

/* What a kernel of that release ("6.12.3-…"; empty: unknown) allocates while it boots. */
uint64_t crash_need_of_boot(const char *release);

struct crash_prediction crash_predict(const struct crash_need *need, const struct crash_room *room);
