/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes one allocation fail. A test that links this has malloc, calloc, realloc and aligned_alloc
 * of its own, and through them all of libc's and json-c's allocations. Not for builds with a
 * sanitizer, which brings its own.
 */
#pragma once

/* From now on allocations are counted from 1, and number `n` fails; 0: none does. */
void fail_allocation_start(unsigned long n);

/* Allocations since then; they are counted no further, and none fails. */
unsigned long fail_allocation_stop(void);
