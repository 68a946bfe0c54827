/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blobs of parts of others, and as one buffer. */
#include "base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-support/folder.h"
#include "test-support/join-files.h"
#include "test-support/test.h"

enum { PARTS_MAX = 4, SOURCE_SIZE = 3 * 4096 + 5 };

struct part_row {
	const char *row;
	size_t count;
	struct blob_part parts[PARTS_MAX];
};

/* Sources 0 and 1 are files, 2 is memory. */
static void open_sources(struct folder *folder, struct blob *sources[3], uint8_t *bytes)
{
	const char *path;

	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < SOURCE_SIZE; j++)
			bytes[i * SOURCE_SIZE + j] = (uint8_t)(1 + (j + 83 * i) % 251);
	path = folder_write(folder, "source-0", bytes, SOURCE_SIZE);
	sources[0] = open_file(path);
	path = folder_write(folder, "source-1", bytes + SOURCE_SIZE, SOURCE_SIZE);
	sources[1] = open_file(path);
	sources[2] = blob_new_memory(SOURCE_SIZE);
	memcpy(sources[2]->memory, bytes + 2 * SOURCE_SIZE, SOURCE_SIZE);
}

/* What the parts must come to, each from a multiple of the alignment; the size. */
static size_t lay_out(const struct part_row *row, const uint8_t *bytes, size_t alignment,
		      uint8_t *expected)
{
	size_t end = 0;

	for (size_t i = 0; i < row->count; i++) {
		const struct blob_part *part = &row->parts[i];

		if (part->size == 0)
			continue;
		while (end % alignment)
			expected[end++] = 0;
		memcpy(expected + end, bytes + part->source * SOURCE_SIZE + part->offset,
		       part->size);
		end += part->size;
	}
	return end;
}

static void check_joined(const struct part_row *row, struct blob *blob, const uint8_t *bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size;
	uint8_t *expected = calloc(PARTS_MAX + 1, SOURCE_SIZE + page), *read;
	struct error error = {};
	struct stat status;
	int fd;

	size = lay_out(row, bytes, page, expected);
	read = malloc(size + 1);
	assert_row(row->row, blob->size == size);
	assert_int_equal(blob_read(blob, 0, read, size, &error), 0);
	assert_row(row->row, memcmp(read, expected, size) == 0);
	assert_int_equal(blob_map(blob, &error), 0);
	/* To the end of the last page: what is behind a part in its file must not be seen. */
	memset(expected + size, 0, page);
	assert_row(row->row, memcmp(blob->address, expected, blob->mapped_size) == 0);
	assert_int_equal(blob->mapped_size % page, 0);
	assert_int_equal(blob_unchanged(blob, &error), 0);

	for (size_t alignment = 1; alignment <= 8; alignment *= 2) {
		size = lay_out(row, bytes, alignment, expected);
		fd = open_whole(blob, alignment, &error);
		assert_no_failure(&error);
		assert_int_equal(fstat(fd, &status), 0);
		assert_row(row->row, (size_t)status.st_size == size);
		read = realloc(read, size + 1);
		assert_int_equal(pread(fd, read, size + 1, 0), size);
		assert_row(row->row, memcmp(read, expected, size) == 0);
		close(fd);
	}
	free(read);
	free(expected);
}

static void join_and_check(struct folder *folder, const struct part_row *row)
{
	uint8_t *bytes = malloc(3 * SOURCE_SIZE);
	struct blob *sources[3];
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};

	open_sources(folder, sources, bytes);
	assert_int_equal(blob_join(&blob, sources, 3, row->parts, row->count, &error), 0);
	assert_no_failure(&error);
	for (size_t i = 0; i < 3; i++)
		assert_null(sources[i]);
	assert_int_equal(blob->file_count, 2);
	check_joined(row, blob, bytes);
	free(bytes);
}

static void test_parts_read_the_same_by_reading_by_mapping_and_as_a_file(void **state)
{
	static const struct part_row rows[] = {
	    {"a whole file", 1, {{0, 0, SOURCE_SIZE}}},
	    {"whole memory", 1, {{2, 0, SOURCE_SIZE}}},
	    {"the second file whole, and nothing of the first",
	     2,
	     {{0, 5, 0}, {1, 0, SOURCE_SIZE}}},
	    {"both files and memory", 3, {{0, 0, SOURCE_SIZE}, {2, 0, 7}, {1, 0, SOURCE_SIZE}}},
	    {"the end of a file put last",
	     3,
	     {{0, 0, 4097}, {1, 0, SOURCE_SIZE}, {0, 4097, SOURCE_SIZE - 4097}}},
	    {"a file cut in three and turned round",
	     3,
	     {{0, 8192, SOURCE_SIZE - 8192}, {0, 4096, 4096}, {0, 0, 4096}}},
	    {"the same part twice", 2, {{1, 10, 20}, {1, 10, 20}}},
	    {"nothing but a part of nothing", 2, {{0, 0, 0}, {2, 3, 1}}},
	    {"nothing of nothing at an end", 2, {{0, SOURCE_SIZE, 0}, {1, 1, 1}}},
	    {"the middle of memory", 2, {{2, 1, 5000}, {2, 9, 1}}},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		join_and_check(*state, &rows[i]);
}

/* Each size and offset around 4 bytes and around the boundaries of pages. */
static void test_parts_of_many_sizes_read_the_same(void **state)
{
	static const uint64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 4093, 4095, 4096, 4097, 8191, 8193};
	static const uint64_t offsets[] = {0, 1, 3, 4, 5, 4095, 4096, 4097};

	for (size_t i = 0; i < ELEMENTS(sizes); i++)
		for (size_t j = 0; j < ELEMENTS(offsets); j++) {
			struct part_row row = {
			    "sizes and offsets",
			    3,
			    {{0, offsets[j], sizes[i]},
			     {2, offsets[j], sizes[ELEMENTS(sizes) - 1 - i]},
			     {1, offsets[ELEMENTS(offsets) - 1 - j], sizes[i]}},
			};

			join_and_check(*state, &row);
		}
}

static void test_a_part_outside_its_source_is_our_own_bug_and_the_sources_stay(void **state)
{
	static const struct blob_part parts[] = {
	    {0, 0, SOURCE_SIZE + 1}, {0, SOURCE_SIZE + 1, 0}, {1, SOURCE_SIZE, 1},
	    {1, 1, UINT64_MAX},      {0, UINT64_MAX, 1},      {2, UINT64_MAX - 1, 5},
	};
	uint8_t *bytes = malloc(3 * SOURCE_SIZE), byte;
	struct blob *sources[3];

	open_sources(*state, sources, bytes);
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		struct blob *blob = NULL;
		struct error error = {};

		assert_int_equal(blob_join(&blob, sources, 3, &parts[i], 1, &error), -EINVAL);
		assert_failed(&error, ERROR_INTERNAL, "bytes at offset");
		assert_null(blob);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(blob_read(sources[i], 100, &byte, 1, NULL), 0);
		assert_int_equal(byte, bytes[i * SOURCE_SIZE + 100]);
		blob_free(sources[i]);
	}
	free(bytes);
}

static void test_what_was_joined_is_not_joined_again(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "x"), folder_text(folder, "b", "y")};
	cleanup_blob struct blob *source = NULL;
	struct blob *joined = NULL;
	struct error error = {};

	source = join_files(paths, 2);
	assert_int_equal(blob_join(&joined, &source, 1, &(struct blob_part){0, 0, 1}, 1, &error),
			 -EINVAL);
	assert_failed(&error, ERROR_INTERNAL, paths[0]);
	assert_int_equal(source->file_count, 2);
}

static void test_a_file_cut_short_before_it_is_mapped_is_an_error_and_not_a_crash(void **state)
{
	const char *path = folder_text(*state, "a", "0123456789");
	struct blob *source = open_file(path);
	cleanup_blob struct blob *joined = NULL;
	struct error error = {};

	assert_int_equal(blob_join(&joined, &source, 1, &(struct blob_part){0, 0, 9}, 1, NULL), 0);
	assert_int_equal(truncate(path, 4), 0);
	assert_int_equal(blob_map(joined, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
	assert_null(joined->address);
	folder_text(*state, "a", "0123456789");
	assert_int_equal(blob_map(joined, NULL), 0);
	assert_memory_equal(joined->address, "012345678\0", 10);
}

static void test_a_blob_is_mapped_once_and_memory_not_at_all(void **state)
{
	cleanup_blob struct blob *blob = open_file(folder_text(*state, "a", "text")),
				 *memory = blob_new_memory(9), *empty = blob_new_memory(0);
	const uint8_t *address;

	assert_null(blob->address);
	assert_int_equal(blob_map(blob, NULL), 0);
	address = blob->address;
	assert_int_equal(blob_map(blob, NULL), 0);
	assert_ptr_equal(blob->address, address);
	assert_int_equal(blob_map(memory, NULL), 0);
	assert_ptr_equal(memory->address, memory->memory);
	assert_int_equal(blob_map(empty, NULL), 0);
	assert_null(empty->address);
}

static void test_a_file_of_a_part_is_watched(void **state)
{
	const char *path = folder_text(*state, "a", "0123456789");
	struct blob *source = open_file(path);
	cleanup_blob struct blob *joined = NULL;
	struct error error = {};

	assert_int_equal(blob_join(&joined, &source, 1, &(struct blob_part){0, 2, 3}, 1, &error),
			 0);
	assert_string_equal(blob_name(joined), path);
	assert_int_equal(blob_unchanged(joined, &error), 0);
	folder_text(*state, "a", "changed, and longer");
	assert_int_equal(blob_unchanged(joined, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_parts_read_the_same_by_reading_by_mapping_and_as_a_file),
	    FOLDER_TEST(test_parts_of_many_sizes_read_the_same),
	    FOLDER_TEST(test_a_part_outside_its_source_is_our_own_bug_and_the_sources_stay),
	    FOLDER_TEST(test_what_was_joined_is_not_joined_again),
	    FOLDER_TEST(test_a_file_cut_short_before_it_is_mapped_is_an_error_and_not_a_crash),
	    FOLDER_TEST(test_a_blob_is_mapped_once_and_memory_not_at_all),
	    FOLDER_TEST(test_a_file_of_a_part_is_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
