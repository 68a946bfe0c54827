/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a kernel is put so that nobody can guess it: what the kernel's decompressor does, done at
 * load time (find_random_phys_addr() and find_random_virt_addr(),
 * arch/x86/boot/compressed/kaslr.c).
 *
 * All slots, which are the multiples of the kernel's alignment where it fits, are equally likely.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/range.h"
#include "boot/linux-x86/kaslr-options.h"

enum { KASLR_SEED_SIZE = 16 };

/* What the choice depends on. */
struct kaslr_source {
	const struct map *told;   /* what the next kernel is told of memory */
	const struct map *usable; /* what may be written to */
	const struct kaslr_options *options;
	struct range limits; /* the kernel lies wholly inside */
	uint64_t size;       /* bytes in memory, not 0 */
	uint64_t alignment;  /* a power of two */
	const uint8_t *seed; /* KASLR_SEED_SIZE random bytes that are used for nothing else */
};

/*
 * Draws the physical address. *found is false when there is no slot: all memory is too small, or
 * taken. 0 or -ENOMEM.
 */
int kaslr_draw_physical(const struct kaslr_source *source, bool *found, uint64_t *address);

/*
 * Draws by how much the virtual address is moved up: a multiple of the alignment, so that the
 * kernel, linked to the physical address `physical`, ends within its first GiB.
 */
uint64_t kaslr_draw_virtual(const struct kaslr_source *source, uint64_t physical);
