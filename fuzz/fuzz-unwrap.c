/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unwrapping a file, and explaining what follows. Input: the file. */
#include "base/blob.h"
#include "base/bytes.h"
#include "base/error.h"
#include "image/recognise.h"
#include "image/unwrap/formats.h"
#include "image/unwrap/unwrap.h"
#include "target.h"

enum { LIMIT = 1 << 18 };

static void check_unwrapped(const struct unwrapped *unwrapped)
{
	uint8_t head[FORMAT_HEAD_SIZE];
	uint64_t size = unwrapped->blob->size;

	require(unwrapped->count >= 1 && unwrapped->count <= UNWRAP_LAYERS_MAX);
	require(*unwrapped->layers);
	require(size > 0 && size <= LIMIT);
	if (size > sizeof(head))
		size = sizeof(head);
	require(blob_read(unwrapped->blob, 0, head, size, NULL) == 0);
	require(!format_find((struct bytes){head, size}));
	require(blob_map(unwrapped->blob, NULL) == 0);
	require(memcmp(head, unwrapped->blob->address, size) == 0);
}

static void check_refusal(const struct error *error)
{
	enum error_kind kind = error_kind(error);

	require(error->count == 1);
	require(kind == ERROR_IMAGE || kind == ERROR_TOO_LONG || kind == ERROR_UNSUPPORTED);
	require(*error->failures[0].detail);
}

static void check_trailing(const struct blob *blob, uint64_t offset)
{
	char text[TRAILING_TEXT_SIZE];
	struct error error = {};

	if (trailing_explain(blob, offset, "it", text, &error) < 0)
		check_refusal(&error);
	else
		require((offset == blob->size) == (*text == '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_blob struct blob *blob = blob_new_memory(size);
	struct unwrapped unwrapped;
	struct error error = {};

	require(blob);
	if (size)
		memcpy(blob->memory, data, size);
	if (unwrap(&unwrapped, blob, LIMIT, &error) < 0) {
		check_refusal(&error);
		require(!unwrapped.blob && unwrapped.count == 0);
	} else {
		require(error.count == 0);
		require((unwrapped.count > 0) == (unwrapped.blob != NULL));
		if (unwrapped.blob)
			check_unwrapped(&unwrapped);
	}
	blob_free(unwrapped.blob);
	check_trailing(blob, size < 5 ? 0 : data[0] % size);
	return 0;
}
