/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file-digest.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/xxh3.h"

struct file_digest {
	struct xxh3_state state;
	const struct xxh3 *xxh3;
	_Atomic uint64_t size;
	atomic_flag busy;
};

struct file_digest *file_digest_new(void)
{
	struct file_digest *digest = aligned_alloc(_Alignof(struct file_digest), sizeof(*digest));

	if (!digest)
		return NULL;
	digest->xxh3 = xxh3_choose();
	digest->xxh3->begin(&digest->state);
	atomic_init(&digest->size, 0);
	atomic_flag_clear(&digest->busy);
	return digest;
}

void file_digest_add(struct file_digest *digest, uint64_t offset, const void *bytes, size_t size)
{
	uint64_t have = atomic_load(&digest->size);

	if (offset > have || atomic_flag_test_and_set(&digest->busy))
		return;
	have = atomic_load(&digest->size);
	if (offset <= have && have - offset < size) {
		digest->xxh3->add(&digest->state, (const uint8_t *)bytes + (have - offset),
				  size - (have - offset));
		atomic_store(&digest->size, offset + size);
	}
	atomic_flag_clear(&digest->busy);
}

uint64_t file_digest_size(const struct file_digest *digest)
{
	return atomic_load(&digest->size);
}

uint64_t file_digest_value(const struct file_digest *digest)
{
	return digest->xxh3->end(&digest->state);
}

void file_digest_free(struct file_digest *digest)
{
	free(digest);
}
