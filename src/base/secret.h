/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for secrets: never written to swap, left out of core dumps, wiped before it is given back.
 */
#pragma once

#include <stddef.h>

/*
 * `size` bytes of zeroed memory, from a page boundary on. NULL with errno set: ENOMEM also when the
 * process may lock no more memory (RLIMIT_MEMLOCK).
 */
void *secret_new(size_t size);

/* Wipes and gives back what secret_new() gave; nothing for NULL. */
void secret_free(void *memory, size_t size);

/* The same protection for pages that are mapped already. 0 or a negative errno. */
int secret_protect(void *pages, size_t size);

/* Overwrites with zeros, in a way that no compiler leaves out. */
void secret_wipe(void *memory, size_t size);
