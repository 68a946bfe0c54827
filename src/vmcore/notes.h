/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The notes of a dump, one behind the other as in an ELF file (gabi, "Note Section"): the state of
 * the CPUs when the kernel died, and VMCOREINFO.
 */
#pragma once

#include "base/bytes.h"

struct vmcoreinfo;

enum { NOTES_SIZE_MAX = 64 << 20 };

/*
 * Looks for VMCOREINFO and copies its text, if there is none yet. False without memory. A note that
 * reaches behind the end of `notes` ends the search.
 */
bool notes_find_vmcoreinfo(struct bytes notes, enum byte_order order, struct vmcoreinfo *info);
