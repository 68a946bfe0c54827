/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints how fast this machine digests memory, in bytes per second, with the code that purgatory
 * runs: XXH3 compiled for SSE2 and nothing wider. A buffer far larger than the caches, the best of
 * several passes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#define XXH_INLINE_ALL
#define XXH_VECTOR XXH_SSE2
#include <xxhash.h>

enum { BUFFER_MIB = 256, PASSES = 8 };

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void)
{
	size_t size = (size_t)BUFFER_MIB << 20;
	uint8_t *buffer = malloc(size);
	volatile uint64_t digest;
	double best = 0;

	if (!buffer)
		return 1;
	memset(buffer, 0x5a, size);
	for (int i = 0; i < PASSES; i++) {
		double start = seconds(), speed;

		digest = XXH3_64bits(buffer, size);
		speed = (double)size / (seconds() - start);
		best = speed > best ? speed : best;
	}
	(void)digest;
	printf("%.0f\n", best);
	return 0;
}
