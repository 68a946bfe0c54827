/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/file-digest.h"

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/parallel.h"
#include "base/xxh3.h"
#include "test-support/folder.h"
#include "test-support/test.h"

enum { SIZE = 600001 };

static uint8_t bytes[SIZE];

static uint64_t digest_of(const void *from, size_t size)
{
	struct xxh3_state state;

	xxh3_any.begin(&state);
	xxh3_any.add(&state, from, size);
	return xxh3_any.end(&state);
}

static void test_only_what_continues_the_start_counts(void **state)
{
	static const struct {
		uint64_t offset, size, known;
	} reads[] = {
	    {5, 3, 0}, {0, 4, 4}, {0, 2, 4}, {0, 4, 4}, {2, 4, 6}, {7, 9, 6}, {6, 0, 6}, {6, 4, 10},
	};
	struct file_digest *digest = file_digest_new();

	(void)state;
	assert_non_null(digest);
	assert_int_equal(file_digest_value(digest), digest_of(NULL, 0));
	for (size_t i = 0; i < ELEMENTS(reads); i++) {
		file_digest_add(digest, reads[i].offset, bytes + reads[i].offset, reads[i].size);
		assert_int_equal(file_digest_size(digest), reads[i].known);
		assert_int_equal(file_digest_value(digest), digest_of(bytes, reads[i].known));
	}
	file_digest_free(digest);
}

struct reader {
	struct job job;
	const struct blob *blob;
	uint64_t start, end;
};

static int run(struct job *job, struct error *error)
{
	struct reader *reader = (struct reader *)job;
	uint8_t chunk[1000];
	int r = 0;

	for (uint64_t at = reader->start; r == 0 && at < reader->end; at += sizeof(chunk))
		r = blob_read(reader->blob, at, chunk,
			      reader->end - at < sizeof(chunk) ? reader->end - at : sizeof(chunk),
			      error);
	return r;
}

/* Also where two read it at the same time; and a small gap at the start is read for it. */
static void test_a_file_that_is_read_is_digested_as_far_as_that_goes(void **state)
{
	cleanup_folder struct folder folder;
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_write(&folder, "file", bytes, sizeof(bytes));
	for (uint64_t gap = 0; gap <= 1 << 20; gap = gap ? gap * 16 : 4096) {
		struct reader readers[2] = {{{.run = run}, NULL, gap, SIZE / 2},
					    {{.run = run}, NULL, SIZE / 3, SIZE}};
		cleanup_blob struct blob *blob = NULL;
		struct jobs jobs;
		uint64_t known;

		assert_int_equal(blob_open(&blob, path, NULL), 0);
		blob_digest_while_reading(blob);
		jobs_start(&jobs, 2, NULL);
		for (size_t i = 0; i < ELEMENTS(readers); i++) {
			readers[i].blob = blob;
			jobs_add(&jobs, &readers[i].job);
		}
		jobs_finish(&jobs);
		known = file_digest_size(blob->files->digest);
		if (gap < 1 << 20)
			assert_true(known >= 1000);
		else
			assert_int_equal(known, 0);
		assert_int_equal(file_digest_value(blob->files->digest), digest_of(bytes, known));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_what_continues_the_start_counts),
	    cmocka_unit_test(test_a_file_that_is_read_is_digested_as_far_as_that_goes),
	};

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i % 251);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
