/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a compiler may call even in freestanding code (GCC manual, "Standards"), and nothing more.
 */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
