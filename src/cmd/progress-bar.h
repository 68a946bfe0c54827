/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bar on a terminal for work that takes longer than a second. It is one line, which is drawn over
 * itself and erased at the end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Begin with `out` set and everything else zero. */
struct progress_bar {
	FILE *out;
	bool started, drawn;
	uint64_t start, last; /* milliseconds, of whatever clock */
};

/* So far is it now, in bytes; done == total ends it, and the next call begins another. */
void progress_bar_tell(struct progress_bar *bar, uint64_t now, uint64_t done, uint64_t total);

/* The same on stderr, by the clock: for a request. */
void show_progress(uint64_t done, uint64_t total);
