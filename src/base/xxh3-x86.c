/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/xxh3.h"

extern const struct xxh3 xxh3_avx2;

/* The compiler's runtime also asks whether the system saves those registers. */
const struct xxh3 *xxh3_choose(void)
{
	return __builtin_cpu_supports("avx2") ? &xxh3_avx2 : &xxh3_any;
}
