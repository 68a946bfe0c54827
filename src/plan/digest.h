/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The digest of a segment's bytes: XXH3, 64 bits, seed 0, as purgatory computes it again.
 */
#pragma once

#include <stdint.h>

struct blob;
struct error;

/* Digest of [offset, offset + size) of the blob. 0 or a negative errno with a failure added. */
int digest_blob(const struct blob *blob, uint64_t offset, uint64_t size, uint64_t *digest,
		struct error *error);
