/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/digest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/file-digest.h"
#include "base/secret.h"
#include "base/xxh3.h"

/* Fits a second-level cache, so that what pread() copied is still there when it is digested. */
#define CHUNK_BYTES (UINT64_C(256) << 10)

enum { WANTED_MAX = 2 };

/* What has bytes of the source in it: memory for secrets when those are. */
struct work {
	struct xxh3_state states[WANTED_MAX];
	uint8_t chunk[CHUNK_BYTES];
};

_Static_assert(sizeof(struct work) % _Alignof(struct work) == 0, "as aligned_alloc() wants it");

static void work_free(struct work *work, bool secret)
{
	if (secret)
		secret_free(work, sizeof(*work));
	else
		free(work);
}

/* One digest of many: of the bytes of [start, end), which arrive in order. */
struct wanted {
	uint64_t start, end;
	uint64_t digest;
};

static void update(const struct xxh3 *xxh3, struct xxh3_state *state, const struct wanted *wanted,
		   uint64_t at, const uint8_t *bytes, uint64_t size)
{
	uint64_t start = wanted->start > at ? wanted->start : at;
	uint64_t end = wanted->end < at + size ? wanted->end : at + size;

	if (start < end)
		xxh3->add(state, bytes + (start - at), end - start);
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

static int digest_with(struct work *work, struct source source, struct wanted *wanted, size_t count,
		       struct error *error)
{
	const struct xxh3 *xxh3 = xxh3_choose();
	uint64_t at = wanted->start;

	for (size_t i = 0; i < count; i++)
		xxh3->begin(&work->states[i]);
	while (at < wanted->end) {
		uint64_t now = wanted->end - at < CHUNK_BYTES ? wanted->end - at : CHUNK_BYTES;
		const uint8_t *view = source.blob ? blob_view(source.blob, at, now) : NULL;
		int r = view ? 0 : read_source(source, at, work->chunk, now, error);

		if (r < 0)
			return r;
		for (size_t i = 0; i < count; i++)
			update(xxh3, &work->states[i], &wanted[i], at, view ? view : work->chunk,
			       now);
		at += now;
	}
	for (size_t i = 0; i < count; i++)
		wanted[i].digest = xxh3->end(&work->states[i]);
	return 0;
}

/* At most WANTED_MAX, of which the first one covers all others. */
static int digest(struct source source, struct wanted *wanted, size_t count, struct error *error)
{
	bool secret = source.blob && source.blob->secret;
	struct work *work = secret ? secret_new(sizeof(*work))
				   : aligned_alloc(_Alignof(struct work), sizeof(*work));
	int r;

	if (!work)
		return secret ? secret_failed(error, errno, "digest", blob_name(source.blob))
			      : error_memory(error, "digest");
	r = digest_with(work, source, wanted, count, error);
	work_free(work, secret);
	return r;
}

static int digest_one(struct source source, uint64_t offset, uint64_t size, uint64_t *result,
		      struct error *error)
{
	struct wanted wanted = {offset, offset + size, 0};
	int r = digest(source, &wanted, 1, error);

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
	struct wanted wanted[] = {{0, file->size, 0}, {offset, offset + size, 0}};
	bool is_whole = offset == 0 && size == file->size;
	int r;

	r = digest((struct source){.blob = file}, wanted, is_whole ? 1 : 2, error);
	*whole = wanted[0].digest;
	*part = wanted[is_whole ? 0 : 1].digest;
	return r;
}

/* What was not read yet is read now. */
static int finish(const struct blob_file *file, struct error *error)
{
	uint8_t *chunk = malloc(CHUNK_BYTES);
	uint64_t at, left;
	int r = chunk ? 0 : error_memory(error, "digest");

	while (r == 0 && (at = file_digest_size(file->digest)) < file->size) {
		left = file->size - at;
		r = blob_file_read(file, at, chunk, left < CHUNK_BYTES ? left : CHUNK_BYTES, error);
	}
	free(chunk);
	return r;
}

int digest_file(const struct blob_file *file, uint64_t *result, struct error *error)
{
	int r;

	if (!file->digest)
		return digest_one((struct source){.file = file}, 0, file->size, result, error);
	r = finish(file, error);
	if (r == 0)
		*result = file_digest_value(file->digest);
	return r;
}
