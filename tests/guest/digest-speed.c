/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints how fast this machine digests memory, in bytes per second, with the very objects that
 * purgatory is linked of: a line each, "avx2 35000000000". A buffer far larger than the caches, the
 * best of several passes. "scalar" is what runs on an architecture without SIMD.
 */
#include "purgatory/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUFFER_MIB = 512, PASSES = 8 };

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *name, uint64_t (*digest_of)(const void *bytes, size_t size),
		    const uint8_t *buffer, size_t size)
{
	volatile uint64_t digest;
	double best = 0;

	for (int i = 0; i < PASSES; i++) {
		double start = seconds(), speed;

		digest = digest_of(buffer, size);
		speed = (double)size / (seconds() - start);
		best = speed > best ? speed : best;
	}
	(void)digest;
	printf("%s %.0f\n", name, best);
}

int main(void)
{
	size_t size = (size_t)BUFFER_MIB << 20;
	uint8_t *buffer = malloc(size);

	if (!buffer)
		return 1;
	memset(buffer, 0x5a, size);
	if (__builtin_cpu_supports("avx2"))
		measure("avx2", purgatory_digest_avx2, buffer, size);
	measure("sse2", purgatory_digest_sse2, buffer, size);
	measure("scalar", purgatory_digest_scalar, buffer, size);
	free(buffer);
	return 0;
}
