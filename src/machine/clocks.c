/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/clocks.h"

#include <sys/timex.h>
#include <time.h>

enum { TRIES = 32, APART_MS = 200, TICK_NOMINAL = 10000 /* adjtimex(2) */ };

static uint64_t now(clockid_t clock)
{
	struct timespec time = {};

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The one of several that was least disturbed. */
void clock_sample_take(struct clock_sample *sample)
{
	for (int i = 0; i < TRIES; i++) {
		struct clock_sample taken;
		uint64_t before = tsc_read(), after;

		taken.raw = now(CLOCK_MONOTONIC_RAW);
		after = tsc_read();
		taken.monotonic = now(CLOCK_MONOTONIC);
		taken.boottime = now(CLOCK_BOOTTIME);
		taken.realtime = now(CLOCK_REALTIME);
		taken.tsc = before + (after - before) / 2;
		taken.width = after - before;
		if (i == 0 || taken.width < sample->width)
			*sample = taken;
	}
}

/* freq is in units of 2^-16 millionths, a tick more or less is 100 millionths. */
static double slewed(void)
{
	struct timex timex = {};

	if (adjtimex(&timex) < 0)
		return 0;
	return ((double)timex.freq / 65536 + (double)(timex.tick - TICK_NOMINAL) * 100) * 1e-6;
}

void clocks_read(struct clocks *clocks)
{
	struct timespec apart = {.tv_nsec = APART_MS * 1000000L};

	clock_sample_take(&clocks->first);
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &apart, &apart) != 0)
		;
	clock_sample_take(&clocks->last);
	clocks->slewed = slewed();
}
