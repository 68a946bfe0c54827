/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Telling early archives from other initrds. Input: the initrd. */
#include "base/blob.h"
#include "base/error.h"
#include "image/initrd.h"
#include "target.h"

/* The answer for the input with `count` bytes of `filler` behind it. */
static int is_early(const uint8_t *data, size_t size, uint8_t filler, size_t count)
{
	cleanup_blob struct blob *blob = blob_new_memory(size + count);
	struct error error = {};
	int r;

	require(blob);
	if (size)
		memcpy(blob->memory, data, size);
	memset(blob->memory + size, filler, count);
	r = initrd_is_early_archive(blob, &error);
	/* Memory can always be read, so that a failure would be a read behind the end. */
	require((r == 0 || r == 1) && error.count == 0);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!is_early(data, size, 0, 0))
		return 0;
	require(size > 2 * 110);
	require(memcmp(data, "070701", 6) == 0 || memcmp(data, "070702", 6) == 0);
	require(memmem(data, size, "kernel", 6) && memmem(data, size, "TRAILER!!!", 11));
	/* With anything behind it, it is no early archive and nothing else. */
	require(!is_early(data, size, 0x1f, 1));
	require(!is_early(data, size, '0', 200));
	require(!is_early(data, size, 0, 8192));
	return 0;
}
