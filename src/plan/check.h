/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of digests that purgatory verifies before the jump.
 *
 * The plan writes it when it is sealed, purgatory reads it: both compile this header, which is why
 * it needs nothing but fixed-width types. Numbers are in the machine's own byte order.
 */
#pragma once

#include <stdint.h>

#define CHECK_ENTRIES_MAX 20
#define CHECK_NAME_SIZE   24

/* One stretch of memory, and its 64-bit XXH3 digest (xxHash, seed 0). */
struct check_entry {
	char name[CHECK_NAME_SIZE]; /* NUL-terminated: what purgatory prints on a mismatch */
	uint64_t start;             /* physical address */
	uint64_t size;              /* bytes; what the kernel fills up with zeros is not checked */
	uint64_t digest;
};

struct check_table {
	uint64_t count; /* of entries in use; 0 means that nothing is checked */
	struct check_entry entries[CHECK_ENTRIES_MAX];
};
