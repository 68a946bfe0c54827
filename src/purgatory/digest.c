/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The build gives XXH_VECTOR, the flags that belong to it, and the function's name. */
#include "purgatory/digest.h"

#include "purgatory/memory.h"
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t PURGATORY_DIGEST(const void *bytes, size_t size)
{
	return XXH3_64bits(bytes, size);
}
