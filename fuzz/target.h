/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every fuzz target includes. A target feeds bytes to one reader; the sanitizers catch what
 * the reader must not do, require() what it must not say.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls it with each input, which is a heap block of exactly this size. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, which is a finding, unless a documented property holds. */
#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* A copy of the input as text, for readers of text; an input with NULs ends at the first. */
static inline char *text_of(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	require(text);
	return text;
}
