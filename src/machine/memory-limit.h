/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the control groups that this process is in leave it of the memory: a process that takes more
 * is killed, though there may be plenty (Documentation/admin-guide/cgroup-v2.rst, "Memory";
 * cgroup-v1/memory.rst).
 */
#pragma once

#include <stdint.h>

#include "base/root.h"

/*
 * Bytes, the least of all groups up to the one that is seen as the root; what the kernel would give
 * back of files' pages counts as left. UINT64_MAX: no group limits it. 0 also where there is a
 * limit that cannot be understood. `*room` is set with 0; -ENOMEM is the only failure.
 */
int memory_limit_read(uint64_t *room, const struct root *root);
