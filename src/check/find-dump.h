/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking for the dump of a crash: a file below a folder that tells, in the vmcoreinfo near its
 * start (ELF, kdump-compressed, or either in makedumpfile's flattened form), the kernel's release
 * and the time of the crash.
 */
#pragma once

#include <stdint.h>

#include "base/root.h"

struct error;

struct dump_wish {
	const char *folder;  /* on the machine of the root */
	const char *release; /* of the kernel that crashed */
	uint64_t earliest,
	    latest; /* seconds since 1970; a crash at one of them or between counts */
};

struct dump_found {
	char path[512];      /* empty: there is none that fits */
	uint64_t crash_time; /* seconds since 1970 */
	uint64_t size;       /* bytes */
	unsigned int others; /* dumps that do not fit: incomplete, of other kernels or times */
};

/* The one that fits, of several the earliest crash. 0, or a negative errno with a failure added
 * where the folder cannot be read. */
int dump_find(struct dump_found *found, const struct dump_wish *wish, const struct root *root,
	      struct error *error);
