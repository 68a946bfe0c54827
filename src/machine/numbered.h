/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders of /sys that count what is in them: memmap/0, memory/memory32. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct root;

/*
 * The numbers behind `prefix` in a folder's names, in order; other names are passed over. Memory
 * that was taken away leaves gaps. `*numbers` is to be freed by the caller, also on failure. 0,
 * -EFBIG for more than `max` of them, or another negative errno.
 */
int numbered_list(const struct root *root, const char *folder, const char *prefix, size_t max,
		  uint64_t **numbers, size_t *count);
