/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The relocations that an x86-64 kernel built for KASLR has behind its ELF file, inside the
 * bzImage: where virtual addresses stand in it, so that it can run elsewhere than it was linked
 * for.
 *
 * The table is made of 32-bit numbers, each the low half of a virtual address, and is read from its
 * end: the places of 32-bit addresses up to a 0, then those of 64-bit ones up to a 0, which is the
 * first number of the table. Older kernels (before the percpu area stopped being linked to address
 * 0) have a list between the two: 32-bit values from which the distance is subtracted. Which of the
 * two a table is, is decided by where it must begin, never by a version. Source:
 * handle_relocations() in arch/x86/boot/compressed/misc.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/range.h"

/* Each the bytes of a list in the file; empty where there is none. */
struct relocations {
	struct range add_32, subtract_32, add_64;
};

/*
 * Finds the lists between `start`, where the ELF file ends, and the end of `file`. False when the
 * table does not begin right there, or there is something else; with nothing at all behind the
 * ELF file it is true, and all lists are empty.
 */
bool relocations_find(struct relocations *relocations, struct bytes file, uint64_t start);

bool relocations_any(const struct relocations *relocations);

/*
 * Moves a kernel by `distance` bytes: `size` bytes at `image`, linked for the virtual address
 * `address`. `file` is where the lists are. False when a place is not wholly inside: the image is
 * spoiled then.
 */
bool relocations_apply(const struct relocations *relocations, struct bytes file, uint8_t *image,
		       uint64_t size, uint64_t address, uint64_t distance);
