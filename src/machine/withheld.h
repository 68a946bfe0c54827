/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that /proc/iomem shows as ordinary RAM and that is not there to be written to: blocks that
 * were taken offline, and ramoops' record of past crashes where it lies in RAM (reserve_mem=).
 */
#pragma once

#include "base/range.h"
#include "base/root.h"

/* Takes it out of `usable`. What the running kernel does not tell of is left in. 0 or -ENOMEM. */
int withheld_subtract(struct map *usable, const struct root *root);
