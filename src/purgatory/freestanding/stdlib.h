/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for libc's header of this name, which xxhash.h includes. */
#pragma once

#include "purgatory/memory.h"

/* xxhash.h defines functions that allocate; purgatory calls none of them, so none is linked. */
void *malloc(size_t size);
void free(void *pointer);
