/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pages that the running kernel has found broken (hardware poisoned): no destination of a segment.
 */
#pragma once

#include "base/range.h"
#include "base/root.h"

/*
 * Takes the poisoned pages out of `usable`. /proc/kpageflags is read only when /proc/meminfo counts
 * any (HardwareCorrupted). Known: none is left in the map; unreadable: there are some, and nobody
 * says where. 0 or -ENOMEM.
 */
int poison_subtract(struct map *usable, const struct root *root, enum fact *fact);
