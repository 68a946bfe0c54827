/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "test-support/folder.h"
#include "test-support/join-files.h"
#include "test-support/test.h"

static int make_folder(void **state)
{
	static struct folder folder;

	folder_make(&folder);
	*state = &folder;
	return 0;
}

static int remove_folder(void **state)
{
	folder_remove(*state);
	return 0;
}

static struct blob *open_one(const char *path)
{
	struct blob *blob = NULL;
	struct error error = {};

	blob_open(&blob, path, &error);
	assert_no_failure(&error);
	return blob;
}

static void test_memory_is_zeroed_and_named_memory(void **state)
{
	cleanup_blob struct blob *blob = blob_new_memory(100), *empty = blob_new_memory(0);
	uint8_t bytes[100], zeros[100] = {};

	(void)state;
	assert_string_equal(blob_name(blob), "memory");
	assert_int_equal(blob_read(blob, 0, bytes, 100, NULL), 0);
	assert_memory_equal(bytes, zeros, 100);
	assert_ptr_equal(blob->address, blob->memory);
	assert_null(empty->address);
	assert_int_equal(blob_unchanged(blob, NULL), 0);
}

static void test_joined_files_start_on_page_boundaries(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct folder *folder = *state;
	cleanup_blob struct blob *blob = NULL;
	char *second = malloc(page);
	const char *paths[3];

	memset(second, 'b', page);
	paths[0] = folder_text(folder, "a", "first");
	paths[1] = folder_write(folder, "b", second, page);
	paths[2] = folder_text(folder, "c", "third");
	free(second);
	blob = join_files(paths, 3);
	assert_int_equal(blob->file_count, 3);
	assert_int_equal(blob->pieces[1].offset, page);
	assert_int_equal(blob->pieces[2].offset, 2 * page);
	assert_int_equal(blob->size, 2 * page + 5);
	assert_int_equal(blob->mapped_size, 3 * page);
	assert_string_equal(blob_name(blob), paths[0]);
	assert_null(blob->address);
	assert_int_equal(blob_map(blob, NULL), 0);
	assert_memory_equal(blob->address, "first", 6);
	assert_memory_equal(blob->address + page - 1, "\0bb", 3);
	assert_memory_equal(blob->address + 2 * page, "third", 6);
}

static void test_reading_crosses_files_and_sees_gaps_as_zeros(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct folder *folder = *state;
	cleanup_blob struct blob *blob = NULL;
	uint8_t *bytes = malloc(page + 5);
	const char *paths[2];

	paths[0] = folder_text(folder, "a", "first");
	paths[1] = folder_text(folder, "b", "second");
	blob = join_files(paths, 2);
	memset(bytes, 0xee, page + 5);
	assert_int_equal(blob_read(blob, 3, bytes, page + 2, NULL), 0);
	assert_memory_equal(bytes, "st\0", 3);
	for (uint64_t i = 2; i < page - 3; i++)
		assert_int_equal(bytes[i], 0);
	assert_memory_equal(bytes + page - 3, "secon\xee", 6);
	memset(bytes, 0xee, 4);
	assert_int_equal(blob_read(blob, 100, bytes, 3, NULL), 0);
	assert_memory_equal(bytes, "\0\0\0\xee", 4);
	free(bytes);
}

static void test_reading_outside_is_our_own_bug_and_touches_nothing(void **state)
{
	cleanup_blob struct blob *blob = blob_new_memory(10);
	struct error error = {};
	uint8_t byte = 7;

	(void)state;
	assert_int_equal(blob_read(blob, 10, &byte, 1, &error), -EINVAL);
	assert_failed(&error, ERROR_INTERNAL, "memory");
	assert_int_equal(blob_read(blob, UINT64_MAX, &byte, 1, &error), -EINVAL);
	assert_int_equal(blob_read(blob, 1, &byte, SIZE_MAX, &error), -EINVAL);
	assert_int_equal(blob_read(blob, 10, &byte, 0, &error), 0);
	assert_int_equal(byte, 7);
}

static void test_a_file_truncated_after_opening_is_an_error_and_not_a_crash(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "0123456789");
	cleanup_blob struct blob *blob = open_one(path);
	struct error error = {};
	char bytes[10];

	assert_int_equal(truncate(path, 4), 0);
	assert_int_equal(blob_read(blob, 0, bytes, 4, NULL), 0);
	assert_int_equal(blob_read(blob, 0, bytes, 10, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

static void test_what_cannot_be_loaded_is_named_with_the_reason(void **state)
{
	struct folder *folder = *state;
	const char *pipe = folder_path(folder, "pipe"), *sub = folder_path(folder, "sub");
	const struct {
		const char *path, *reason;
		int result;
	} rows[] = {
	    {folder_path(folder, "missing"), "opened", -ENOENT},
	    {folder_text(folder, "empty", ""), "empty", -EINVAL},
	    {sub, "a directory", -EINVAL},
	    {pipe, "a pipe", -EINVAL},
	    {"/dev/null", "a device", -EINVAL},
	};

	assert_int_equal(mkdir(sub, 0755), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct blob *blob = NULL;
		struct error error = {};

		assert_row(rows[i].reason,
			   blob_open(&blob, rows[i].path, &error) == rows[i].result);
		assert_null(blob);
		assert_failed(&error, ERROR_FILE, rows[i].reason);
		assert_string_equal(error.failures[0].subject, rows[i].path);
	}
}

static void test_an_untouched_file_is_unchanged(void **state)
{
	struct folder *folder = *state;
	cleanup_blob struct blob *blob = open_one(folder_text(folder, "a", "text"));
	struct error error = {};

	assert_int_equal(blob_unchanged(blob, &error), 0);
	assert_no_failure(&error);
}

static void test_a_touched_file_counts_as_changed(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "text");
	cleanup_blob struct blob *blob = open_one(path);
	struct error error = {};
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 12345, .tv_nsec = 1}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_int_equal(blob_unchanged(blob, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

static void test_a_file_that_grew_counts_as_changed(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "text");
	cleanup_blob struct blob *blob = open_one(path);
	struct stat before;

	assert_int_equal(stat(path, &before), 0);
	folder_text(folder, "a", "text and more");
	/* The time put back, so that it is the size that tells. */
	assert_int_equal(
	    utimensat(AT_FDCWD, path, (struct timespec[]){before.st_atim, before.st_mtim}, 0), 0);
	assert_int_equal(blob_unchanged(blob, NULL), -EINVAL);
}

static bool same_moment(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The time that nobody can set back; the clock behind it may tick only every few milliseconds. */
static void test_a_file_whose_time_was_put_back_counts_as_changed(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "text");
	cleanup_blob struct blob *blob = open_one(path);
	struct stat before, now;
	struct error error = {};

	assert_int_equal(stat(path, &before), 0);
	do {
		folder_text(folder, "a", "TEXT");
		assert_int_equal(utimensat(AT_FDCWD, path,
					   (struct timespec[]){before.st_atim, before.st_mtim}, 0),
				 0);
		assert_int_equal(stat(path, &now), 0);
	} while (same_moment(now.st_ctim, before.st_ctim));
	assert_true(same_moment(now.st_mtim, before.st_mtim));
	assert_int_equal(blob_unchanged(blob, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

static void test_the_second_of_several_files_is_watched_too(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "x"), folder_text(folder, "b", "y")};
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};

	blob = join_files(paths, 2);
	folder_text(folder, "b", "longer");
	assert_int_equal(blob_unchanged(blob, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, paths[1]);
}

/* So that the times of what comes after are others. */
static void wait_for_clock(void)
{
	assert_int_equal(nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL), 0);
}

/* A package upgrade renames a new file over the old one: what we hold is still the old, whole. */
static void test_a_file_replaced_by_renaming_leaves_ours_as_it_was(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_text(folder, "a", "old text");
	cleanup_blob struct blob *blob = open_one(path);
	char bytes[8];

	wait_for_clock();
	assert_int_equal(rename(folder_text(folder, "new", "new"), path), 0);
	assert_int_equal(blob_unchanged(blob, NULL), 0);
	assert_int_equal(blob_read(blob, 0, bytes, sizeof(bytes), NULL), 0);
	assert_memory_equal(bytes, "old text", 8);
}

static char *read_all(int fd, size_t *size)
{
	char *content = calloc(1, 4096);
	ssize_t n;

	assert_non_null(content);
	n = pread(fd, content, 4096, 0);
	assert_true(n >= 0);
	*size = (size_t)n;
	return content;
}

static void test_one_file_as_a_file_is_that_file(void **state)
{
	cleanup_blob struct blob *blob = open_one(folder_text(*state, "a", "text"));
	struct error error = {};
	int fd = blob_as_file(blob, 4096, &error);
	struct stat status;

	assert_no_failure(&error);
	assert_true(fd >= 0);
	assert_int_not_equal(fd, blob->files[0].fd);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_ino, blob->files[0].status.st_ino);
	assert_int_equal(status.st_dev, blob->files[0].status.st_dev);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	/* A descriptor of its own. */
	assert_int_equal(close(fd), 0);
	assert_int_equal(blob_unchanged(blob, &error), 0);
}

static void test_files_as_one_file_start_on_multiples_of_the_alignment(void **state)
{
	static const struct {
		size_t alignment;
		const char *content;
		size_t size;
	} rows[] = {
	    {1, "firstsecond!!third", 18},
	    {4, "first\0\0\0second!!third", 21},
	    {8, "first\0\0\0second!!third", 21},
	    {16, "first\0\0\0\0\0\0\0\0\0\0\0second!!\0\0\0\0\0\0\0\0third", 37},
	};
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "first"),
			       folder_text(folder, "b", "second!!"),
			       folder_text(folder, "c", "third")};
	cleanup_blob struct blob *blob = NULL;

	blob = join_files(paths, ELEMENTS(paths));
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = {};
		int fd = blob_as_file(blob, rows[i].alignment, &error);
		char *content;
		size_t size;

		assert_no_failure(&error);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		content = read_all(fd, &size);
		assert_int_equal(size, rows[i].size);
		assert_memory_equal(content, rows[i].content, size);
		free(content);
		close(fd);
	}
}

static void test_a_file_that_became_shorter_is_not_joined(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "first"),
			       folder_text(folder, "b", "second")};
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};

	blob = join_files(paths, 2);
	assert_int_equal(truncate(paths[1], 2), 0);
	assert_true(blob_as_file(blob, 4, &error) < 0);
	assert_failed(&error, ERROR_CHANGED, paths[1]);
}

/* What grew meanwhile is cut off where it ended: blob_unchanged() tells of it. */
static void test_a_file_that_grew_is_joined_as_it_was(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "one"), folder_text(folder, "b", "two")};
	cleanup_blob struct blob *blob = NULL;
	char *content;
	size_t size;
	int fd;

	blob = join_files(paths, 2);
	folder_text(folder, "a", "one and more");
	fd = blob_as_file(blob, 4, NULL);
	content = read_all(fd, &size);
	assert_int_equal(size, 7);
	assert_memory_equal(content, "one\0two", 7);
	free(content);
	close(fd);
}

static void test_a_file_that_was_closed_cannot_be_had_as_one(void **state)
{
	struct folder *folder = *state;
	const char *paths[] = {folder_text(folder, "a", "one"), folder_text(folder, "b", "two")};

	for (size_t count = 1; count <= 2; count++) {
		cleanup_blob struct blob *blob = NULL;
		struct error error = {};

		blob = join_files(paths, count);
		/* The last: the memory file must not get its number. */
		assert_int_equal(close(blob->files[count - 1].fd), 0);
		blob->files[count - 1].fd = -1;
		assert_int_equal(blob_as_file(blob, 4, &error), -EBADF);
		assert_int_equal(error.count, 1);
		assert_string_equal(error.failures[0].subject, paths[count - 1]);
	}
}

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
	sources[0] = open_one(path);
	path = folder_write(folder, "source-1", bytes + SOURCE_SIZE, SOURCE_SIZE);
	sources[1] = open_one(path);
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
		fd = blob_as_file(blob, alignment, &error);
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
	struct blob *source = open_one(path);
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
	cleanup_blob struct blob *blob = open_one(folder_text(*state, "a", "text")),
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
	struct blob *source = open_one(path);
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

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

static void test_a_memory_file_becomes_a_sealed_blob(void **state)
{
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};
	uint8_t bytes[5];
	int fd = blob_memory_file("x");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "seven b", 7), 7);
	assert_int_equal(blob_from_memory_file(&blob, fd, "/boot/k: inside x", &error), 0);
	assert_no_failure(&error);
	assert_string_equal(blob_name(blob), "/boot/k: inside x");
	assert_int_equal(blob->size, 7);
	assert_int_equal(blob_map(blob, &error), 0);
	assert_memory_equal(blob->address, "seven b\0", 8);
	assert_int_equal(blob_read(blob, 2, bytes, 5, &error), 0);
	assert_memory_equal(bytes, "ven b", 5);
	assert_int_equal(blob_unchanged(blob, &error), 0);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 8), -1);
	assert_int_equal(ftruncate(fd, 6), -1);
}

static void test_a_file_that_cannot_be_sealed_is_no_memory_file(void **state)
{
	struct blob *blob = NULL;
	struct error error = {};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_true(blob_from_memory_file(&blob, fd, "null", &error) < 0);
	assert_failed(&error, ERROR_FILE, "cannot be sealed");
	assert_null(blob);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* it was taken over */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory_is_zeroed_and_named_memory),
	    FOLDER_TEST(test_joined_files_start_on_page_boundaries),
	    FOLDER_TEST(test_reading_crosses_files_and_sees_gaps_as_zeros),
	    cmocka_unit_test(test_reading_outside_is_our_own_bug_and_touches_nothing),
	    FOLDER_TEST(test_a_file_truncated_after_opening_is_an_error_and_not_a_crash),
	    FOLDER_TEST(test_what_cannot_be_loaded_is_named_with_the_reason),
	    FOLDER_TEST(test_an_untouched_file_is_unchanged),
	    FOLDER_TEST(test_a_touched_file_counts_as_changed),
	    FOLDER_TEST(test_a_file_that_grew_counts_as_changed),
	    FOLDER_TEST(test_a_file_whose_time_was_put_back_counts_as_changed),
	    FOLDER_TEST(test_one_file_as_a_file_is_that_file),
	    FOLDER_TEST(test_files_as_one_file_start_on_multiples_of_the_alignment),
	    FOLDER_TEST(test_a_file_that_became_shorter_is_not_joined),
	    FOLDER_TEST(test_a_file_that_grew_is_joined_as_it_was),
	    FOLDER_TEST(test_a_file_that_was_closed_cannot_be_had_as_one),
	    FOLDER_TEST(test_the_second_of_several_files_is_watched_too),
	    FOLDER_TEST(test_parts_read_the_same_by_reading_by_mapping_and_as_a_file),
	    FOLDER_TEST(test_parts_of_many_sizes_read_the_same),
	    FOLDER_TEST(test_a_part_outside_its_source_is_our_own_bug_and_the_sources_stay),
	    FOLDER_TEST(test_what_was_joined_is_not_joined_again),
	    FOLDER_TEST(test_a_file_cut_short_before_it_is_mapped_is_an_error_and_not_a_crash),
	    FOLDER_TEST(test_a_blob_is_mapped_once_and_memory_not_at_all),
	    FOLDER_TEST(test_a_file_of_a_part_is_watched),
	    FOLDER_TEST(test_a_file_replaced_by_renaming_leaves_ours_as_it_was),
	    cmocka_unit_test(test_a_memory_file_becomes_a_sealed_blob),
	    cmocka_unit_test(test_a_file_that_cannot_be_sealed_is_no_memory_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
