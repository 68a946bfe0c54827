/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The running kernel's clocks beside the time stamp counter, which alone goes on over a hand-over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* All at (nearly) one moment: ticks, and nanoseconds. */
struct clock_sample {
	uint64_t tsc;
	uint64_t width; /* ticks that it took: how sure the moment is */
	uint64_t raw, monotonic, boottime, realtime; /* clock_gettime(2) */
};

/* Two moments, so that the counter's rate can be told. */
struct clocks {
	struct clock_sample first, last;
	double slewed; /* how much faster CLOCK_MONOTONIC is made to run than the raw one: 1e-6 */
};

/* The counter; 0 where this architecture has none that user space can read. */
uint64_t tsc_read(void);

/* Samples all clocks once. */
void clock_sample_take(struct clock_sample *sample);

/* Samples twice, 200 ms apart. */
void clocks_read(struct clocks *clocks);
