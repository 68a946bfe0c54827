/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/digest.h"

#include <stdbool.h>
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

/* One digest of many: of the bytes of [start, end), which arrive in order. */
struct wanted {
	uint64_t start, end;
	uint64_t digest;
	XXH3_state_t *state;
};

static void wanted_update(struct wanted *wanted, uint64_t at, const uint8_t *bytes, uint64_t size)
{
	uint64_t start = wanted->start > at ? wanted->start : at;
	uint64_t end = wanted->end < at + size ? wanted->end : at + size;

	if (start < end)
		XXH3_64bits_update(wanted->state, bytes + (start - at), end - start);
}

/* Where the bytes come from: one of the two. */
struct source {
	const struct blob *blob;
	const struct blob_file *file;
};

static int read_source(struct source source, uint64_t offset, void *to, size_t size,
		       struct error *error)
{
	return source.file ? blob_file_read(source.file, offset, to, size, error)
			   : blob_read(source.blob, offset, to, size, error);
}

/* The first one covers all others. */
static int digest(struct source source, struct wanted *wanted, size_t count, struct error *error)
{
	cleanup_free uint8_t *chunk = malloc(CHUNK_BYTES);
	uint64_t at = wanted->start;

	if (!chunk)
		return error_memory(error, "digest");
	for (size_t i = 0; i < count; i++)
		XXH3_64bits_reset(wanted[i].state);
	while (at < wanted->end) {
		uint64_t now = wanted->end - at < CHUNK_BYTES ? wanted->end - at : CHUNK_BYTES;
		int r = read_source(source, at, chunk, now, error);

		if (r < 0)
			return r;
		for (size_t i = 0; i < count; i++)
			wanted_update(&wanted[i], at, chunk, now);
		at += now;
	}
	for (size_t i = 0; i < count; i++)
		wanted[i].digest = XXH3_64bits_digest(wanted[i].state);
	return 0;
}

static int digest_one(struct source source, uint64_t offset, uint64_t size, uint64_t *result,
		      struct error *error)
{
	cleanup_with(state_free) XXH3_state_t *state = XXH3_createState();
	struct wanted wanted = {offset, offset + size, 0, state};
	int r;

	if (!state)
		return error_memory(error, "digest");
	r = digest(source, &wanted, 1, error);
	*result = wanted.digest;
	return r;
}

int digest_blob(const struct blob *blob, uint64_t offset, uint64_t size, uint64_t *result,
		struct error *error)
{
	return digest_one((struct source){.blob = blob}, offset, size, result, error);
}

int digest_part_and_whole(const struct blob *file, uint64_t offset, uint64_t size, uint64_t *part,
			  uint64_t *whole, struct error *error)
{
	cleanup_with(state_free) XXH3_state_t *of_whole = XXH3_createState();
	cleanup_with(state_free) XXH3_state_t *of_part = XXH3_createState();
	struct wanted wanted[] = {{0, file->size, 0, of_whole},
				  {offset, offset + size, 0, of_part}};
	bool is_whole = offset == 0 && size == file->size;
	int r;

	if (!of_whole || !of_part)
		return error_memory(error, "digest");
	r = digest((struct source){.blob = file}, wanted, is_whole ? 1 : 2, error);
	*whole = wanted[0].digest;
	*part = wanted[is_whole ? 0 : 1].digest;
	return r;
}

int digest_file(const struct blob_file *file, uint64_t *result, struct error *error)
{
	return digest_one((struct source){.file = file}, 0, file->size, result, error);
}
