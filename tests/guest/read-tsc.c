/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints the time stamp counter. Under QEMU's -icount shift=0 it counts executed instructions, and
 * it goes on counting over a hand-over.
 */
#include <stdio.h>
#include <x86intrin.h>

int main(void)
{
	printf("TSC %llu\n", __rdtsc());
	return 0;
}
