/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/join-files.h"

#include "test-support/test.h"

enum { FILES_MAX = 8 };

struct blob *join_files(const char *const *paths, size_t count)
{
	struct blob *sources[FILES_MAX], *joined = NULL;
	struct blob_part parts[FILES_MAX];

	assert_true(count <= FILES_MAX);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(blob_open(&sources[i], paths[i], NULL), 0);
		parts[i] = (struct blob_part){i, 0, sources[i]->size};
	}
	assert_int_equal(blob_join(&joined, sources, count, parts, count, NULL), 0);
	return joined;
}
