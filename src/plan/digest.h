/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The digest of a segment's bytes: XXH3, 64 bits, seed 0, as purgatory computes it again. And that
 * of a whole file, by which it is known again.
 */
#pragma once

#include <stdint.h>

struct blob;
struct blob_file;
struct error;

/* Digest of [offset, offset + size) of the blob. 0 or a negative errno with a failure added. */
int digest_blob(const struct blob *blob, uint64_t offset, uint64_t size, uint64_t *digest,
		struct error *error);

/*
 * The same of a blob that is one whole file, which is read once: the digest of the part, and of
 * all.
 */
int digest_part_and_whole(const struct blob *file, uint64_t offset, uint64_t size, uint64_t *part,
			  uint64_t *whole, struct error *error);

/* Digest of a whole file, as it is on disk, whatever of it a blob has; what was digested while it
 * was read for something else (base/file-digest.h) is not read again. Likewise. */
int digest_file(const struct blob_file *file, uint64_t *digest, struct error *error);
