/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which memory a dump has, and which the crash kernel may use: two maps that share nothing but what
 * both kernels need at the bottom of memory.
 */
#pragma once

#include "base/range.h"

struct machine_crash;
struct machine_kernel;
struct machine_memory;

/* What an architecture's kernels do with the memory below 1 MiB. */
struct crash_low_memory {
	struct range needed;    /* the crash kernel needs what RAM there is in it */
	struct range left_out;  /* not dumped: the running kernel keeps nothing there */
	struct range backed_up; /* or it does, and purgatory copies it away; either one is empty */
};

/*
 * On x86, where any kernel starts its CPUs from the lowest 640 KiB. Since 5.6 a kernel with a
 * reservation leaves the first MiB alone (arch/x86/kernel/crash.c, crash_reserve_low_1M()); before,
 * and where its version is unknown, the 640 KiB are saved.
 */
struct crash_low_memory crash_low_memory_x86(const struct machine_kernel *running);

/* What a dump has: all RAM but the reservation, what CMA set aside, and what is left out. 0 or
 * -ENOMEM. */
int crash_dumped_memory(struct map *dumped, const struct machine_crash *crash,
			const struct crash_low_memory *low);

/*
 * What the crash kernel is told: the low memory that it needs, the reservation with its low and its
 * CMA parts, and what the firmware calls something else than RAM; but for `holes`, which hold what
 * it must not touch. In ascending order. 0 or -ENOMEM.
 */
int crash_told_memory(struct map *told, const struct machine_crash *crash,
		      const struct machine_memory *memory, const struct crash_low_memory *low,
		      const struct map *holes);
