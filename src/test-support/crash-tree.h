/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a struct machine_tree lacks to be armed: a reservation of 256 MiB, a low part of it, two
 * CPUs with notes, vmcoreinfo, and /proc/kcore.
 */
#pragma once

#include "test-support/machine-tree.h"

enum {
	CRASH_TREE_START = 0x20000000, /* of the upper part, 256 MiB */
	CRASH_TREE_END = 0x30000000,
	CRASH_TREE_LOW_START = 0x10000000, /* of the low part, 16 MiB */
	CRASH_TREE_LOW_END = 0x11000000,
	CRASH_TREE_KERNEL_START = 0x1000000, /* of the kernel's image */
	CRASH_TREE_KERNEL_END = 0x3300000,
	CRASH_TREE_VMCOREINFO = 0x3e001000,
	CRASH_TREE_NOTES = 0x3e100000, /* of CPU 0; each CPU's 0x1000 further */
	CRASH_TREE_NOTES_SIZE = 360,
};

#define CRASH_TREE_LINEAR UINT64_C(0xffff9d0000000000)
#define CRASH_TREE_TEXT   UINT64_C(0xffffffff9a000000)

void crash_tree_add(struct machine_tree *tree);

/* Notes for one more CPU. */
void crash_tree_add_cpu(struct machine_tree *tree, unsigned int number);

/* As crash_tree_add() with an upper part of another size, a multiple of the page size. */
void crash_tree_reserve(struct machine_tree *tree, uint64_t size);

/* /proc/iomem with `count` further ranges of RAM, of two pages each, above 4 GiB. */
void crash_tree_add_ranges(struct machine_tree *tree, unsigned int count);
