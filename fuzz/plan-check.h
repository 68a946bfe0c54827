/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel file through the whole of make_plan() on a machine that does not exist, and everything
 * that a plan promises, computed again by other means. A promise that is broken aborts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What is asked for, beside the kernel. */
struct scenario {
	unsigned int machine; /* enum in fake-machine.h, modulo their number */
	unsigned int initrds; /* 0 to 2 files, the second an early archive */
	unsigned int words;   /* length of the command line */
	bool check;           /* digests, of the whole kernel */
	bool five_level_paging;
	bool limits; /* --mem-min and --mem-max */
};

/* What came of it, the same for the same scenario and file. */
struct outcome {
	bool planned;
	uint64_t trace; /* of all addresses in the plan, or of the failure */
};

/* `path` is a kernel file that nobody else changes; it may be empty or no kernel at all. */
struct outcome plan_and_check(const struct scenario *scenario, const char *path);
