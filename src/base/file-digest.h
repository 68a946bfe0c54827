/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The XXH3 of a whole file, taken while the file is read for something else: as long as it is read
 * from its start on without gaps, so far it need not be read again for its digest. What is read
 * twice, or by another thread at the same moment, or behind a gap, is left out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct file_digest;

/* Of nothing yet. NULL without memory. */
struct file_digest *file_digest_new(void);

/* Bytes that were read, in any order, by any thread. */
void file_digest_add(struct file_digest *digest, uint64_t offset, const void *bytes, size_t size);

/* How many bytes from the start on it has. */
uint64_t file_digest_size(const struct file_digest *digest);

/* Of those; when nobody adds. */
uint64_t file_digest_value(const struct file_digest *digest);

void file_digest_free(struct file_digest *digest);
