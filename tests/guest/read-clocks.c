/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints ACPI's power management timer, whose I/O port is the argument, the kernel's clock in
 * nanoseconds, and the time stamp counter, all of one moment: "CLOCKS 1234 5678 9012". Under QEMU
 * the timer shows the emulator's own clock, whatever the kernel makes of the others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <time.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
	unsigned long port = argc > 1 ? strtoul(argv[1], NULL, 16) : 0;
	struct timespec now;
	unsigned long long tsc;
	unsigned int timer;

	if (!port || port > 0xffff || ioperm(port, 4, 1) < 0)
		return 1;
	timer = inl((unsigned short)port);
	clock_gettime(CLOCK_BOOTTIME, &now);
	tsc = __rdtsc();
	printf("CLOCKS %u %lld %llu\n", timer, now.tv_sec * 1000000000LL + now.tv_nsec, tsc);
	return 0;
}
