/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/join-files.h"

#include "test-support/test.h"

enum { FILES_MAX = 8 };

struct blob *open_file(const char *path)
{
	struct blob *blob = NULL;
	struct error error = {};

	blob_open(&blob, path, &error);
	assert_no_failure(&error);
	return blob;
}

struct blob *join_files(const char *const *paths, size_t count)
{
	struct blob *sources[FILES_MAX], *joined = NULL;
	struct blob_part parts[FILES_MAX];

	assert_true(count <= FILES_MAX);
	for (size_t i = 0; i < count; i++) {
		sources[i] = open_file(paths[i]);
		parts[i] = (struct blob_part){i, 0, sources[i]->size};
	}
	assert_int_equal(blob_join(&joined, sources, count, parts, count, NULL), 0);
	return joined;
}

int open_whole(const struct blob *blob, size_t alignment, struct error *error)
{
	struct blob_whole whole;
	int r = blob_whole_open(&whole, blob, alignment, error);

	assert_null(whole.locked);
	return r < 0 ? r : whole.fd;
}
