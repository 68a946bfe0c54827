/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much memory a test may lock, and whether a page is locked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Gives away for ever the right to lock more than so much. */
void limit_locked_memory(size_t size);

/* Whether the page is locked and left out of core dumps and children, as /proc/self/smaps says. */
bool is_protected(const void *page);
