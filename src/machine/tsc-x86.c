/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/clocks.h"

uint64_t tsc_read(void)
{
	return __builtin_ia32_rdtsc();
}
