/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A secret of 32 random bytes, of which this process keeps no copy but in disguise, so that it can
 * look for copies that others left in its memory. A program that links this has a munmap() of its
 * own. One marker at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MARKER_SIZE = 32 };

struct marker {
	uint8_t disguised[MARKER_SIZE];
};

/* A new one. */
void marker_make(struct marker *marker);

/* Writes it, `size` bytes with others around it, to a file. */
void marker_write(const struct marker *marker, const char *path, size_t size);

/* How often it is in these bytes. */
size_t marker_count(const struct marker *marker, const void *bytes, size_t size);

/*
 * How often it is in the memory that this process can write to, and was in pages that it gave back
 * to the kernel since the marker was made; the first place is printed. What is freed stays in this
 * memory, whatever its size.
 */
size_t marker_scan(const struct marker *marker);
