/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether memory may reach a disk in the clear: swap space that is not encrypted.
 */
#pragma once

#include "base/root.h"

struct machine_swap {
	enum fact fact;        /* absent: no swap is in use that could hold a secret */
	char unencrypted[256]; /* the first swap that is not encrypted; empty when all are */
};

/*
 * Reads /proc/swaps. Compressed swap in RAM (zram) without a backing device counts as none, a
 * device below which every path leads to dm-crypt as encrypted; a swap file is judged by the device
 * of its filesystem. What cannot be found out counts as unencrypted.
 */
void machine_swap_read(struct machine_swap *swap, const struct root *root);
