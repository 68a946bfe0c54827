/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/digest.h"

#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"

/* Fits a second-level cache, so that what pread() copied is still there when it is digested. */
#define CHUNK_BYTES (UINT64_C(256) << 10)

static void state_free(XXH3_state_t **state)
{
	XXH3_freeState(*state);
}

int digest_blob(const struct blob *blob, uint64_t offset, uint64_t size, uint64_t *digest,
		struct error *error)
{
	cleanup_with(state_free) XXH3_state_t *state = XXH3_createState();
	cleanup_free uint8_t *chunk = malloc(CHUNK_BYTES);

	if (!state || !chunk)
		return error_memory(error, "digest");
	XXH3_64bits_reset(state);
	while (size > 0) {
		uint64_t now = size < CHUNK_BYTES ? size : CHUNK_BYTES;
		int r = blob_read(blob, offset, chunk, now, error);

		if (r < 0)
			return r;
		XXH3_64bits_update(state, chunk, now);
		offset += now;
		size -= now;
	}
	*digest = XXH3_64bits_digest(state);
	return 0;
}
