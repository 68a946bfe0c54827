/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Physical memory as the running kernel shows it: its bytes (/dev/mem) and its pages' flags
 * (/proc/kpageflags). Both go through a root, so that a recorded machine can answer.
 */
#pragma once

#include "base/root.h"

/* Bits of /proc/kpageflags (linux/kernel-page-flags.h). */
#define PAGE_FLAG_POISONED 19

/*
 * Reads `size` bytes at a physical address. 0 or a negative errno: -EIO when only a part of it can
 * be read, or when it is no part of a recording.
 */
int root_read_physical(const struct root *root, uint64_t address, void *to, size_t size);

/*
 * Adds to `found` every page whose flag is set, of those that [start, end) touches, which counts
 * in bytes. 0 or a negative errno, and then some may have been added: -EIO when not all flags can
 * be read or are part of a recording.
 */
int root_find_pages(const struct root *root, struct range bytes, unsigned int flag,
		    struct map *found);
