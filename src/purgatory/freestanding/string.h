/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for libc's header of this name, which xxhash.h includes. */
#pragma once

#include "purgatory/memory.h"

/* Freestanding code has no built-ins; these two are what makes unaligned reads one instruction. */
#define memcpy __builtin_memcpy
#define memset __builtin_memset
