/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "plan/digest.h"
#include "plan/plan.h"
#include "test-support/folder.h"
#include "test-support/sample-plan.h"
#include "test-support/test.h"

static void seal(struct plan *plan)
{
	struct error error = {};

	plan_seal(plan, &error);
	assert_no_failure(&error);
	assert_true(plan->sealed);
}

static void test_digests_are_xxh3_of_the_bytes(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();

	(void)state;
	seal(plan);
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];

		assert_int_equal(segment->digest,
				 XXH3_64bits(segment->content->memory, segment->checked_size));
	}
}

static void test_a_digest_starts_at_the_contents_offset(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct plan_segment *kernel = &plan->segments[SAMPLE_KERNEL];

	(void)state;
	kernel->content_offset = 1000;
	kernel->content_size -= 1000;
	kernel->checked_size -= 1000;
	seal(plan);
	assert_int_equal(kernel->digest,
			 XXH3_64bits(kernel->content->memory + 1000, SAMPLE_KERNEL_SIZE - 1000));
}

static void test_the_table_of_checks_is_written_where_purgatory_reads_it(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct check_table table;

	(void)state;
	plan->segments[SAMPLE_INITRD].checked_size = 0;
	seal(plan);
	memcpy(&table, plan->segments[SAMPLE_PURGATORY].content->memory + SAMPLE_CHECK_OFFSET,
	       sizeof(table));
	assert_int_equal(table.count, 2);
	assert_string_equal(table.entries[0].name, "kernel");
	assert_string_equal(table.entries[1].name, "purgatory");
	assert_int_equal(table.entries[0].start, plan->segments[SAMPLE_KERNEL].destination.start);
	assert_int_equal(table.entries[0].size, SAMPLE_KERNEL_SIZE);
	assert_int_equal(table.entries[0].digest, plan->segments[SAMPLE_KERNEL].digest);
	assert_int_equal(table.entries[1].size, SAMPLE_CHECK_OFFSET);
	for (size_t i = 2; i < CHECK_ENTRIES_MAX; i++)
		assert_int_equal(table.entries[i].size, 0);
}

static void test_unchecked_plans_are_sealed_without_digests(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	const uint8_t *bytes =
	    plan->segments[SAMPLE_PURGATORY].content->memory + SAMPLE_CHECK_OFFSET;
	uint8_t before[sizeof(struct check_table)];

	(void)state;
	memcpy(before, bytes, sizeof(before));
	plan->check = false;
	seal(plan);
	assert_int_equal(plan->segments[SAMPLE_KERNEL].digest, 0);
	assert_memory_equal(bytes, before, sizeof(before));
}

/* Ways to break a plan, each with the words that must come of it. */
static void end_off_page(struct plan *plan)
{
	plan->segments[SAMPLE_INITRD].destination.end += 512;
}

static void start_off_page(struct plan *plan)
{
	plan->segments[SAMPLE_INITRD].destination.start -= 16;
}

static void too_little_memory(struct plan *plan)
{
	plan->segments[SAMPLE_INITRD].content_size =
	    range_size(plan->segments[SAMPLE_INITRD].destination) + 1;
}

static void outside_usable(struct plan *plan)
{
	plan->segments[SAMPLE_INITRD].destination = (struct range){0x7fff000, 0x8001000};
}

/* Usable memory, but another crash kernel's. */
static void outside_the_reservation(struct plan *plan)
{
	plan->kind = PLAN_CRASH;
	plan->reservation = plan->usable.regions[0].range;
	plan->reservation.start = plan->segments[SAMPLE_INITRD].destination.end;
	plan->segments[SAMPLE_KERNEL].destination.start = plan->reservation.start;
	plan->segments[SAMPLE_KERNEL].destination.end =
	    plan->reservation.start + plan->segments[SAMPLE_KERNEL].memory_size;
}

static void never_placed(struct plan *plan)
{
	plan->segments[SAMPLE_INITRD].destination = (struct range){};
	plan->segments[SAMPLE_INITRD].content_size = 0;
}

static void backwards(struct plan *plan)
{
	plan->segments[SAMPLE_INITRD].destination = (struct range){0x201000, 0x200000};
	plan->segments[SAMPLE_INITRD].content_size = 0;
}

static void overlapping(struct plan *plan)
{
	uint64_t start = plan->segments[SAMPLE_KERNEL].destination.start;

	plan->segments[SAMPLE_INITRD].destination = (struct range){start - 0x1000, start + 0x1000};
}

static void half_of_memory(struct plan *plan)
{
	plan->total_ram = 2 * range_size(plan->segments[SAMPLE_KERNEL].destination) - 1;
}

static void half_of_memory_together(struct plan *plan)
{
	plan->total_ram = 2 * range_size(plan->segments[SAMPLE_KERNEL].destination);
}

static void entry_below(struct plan *plan)
{
	uint64_t lowest = UINT64_MAX;

	for (size_t i = 0; i < plan->segment_count; i++)
		if (plan->segments[i].destination.start < lowest)
			lowest = plan->segments[i].destination.start;
	plan->entry = lowest - 1;
}

static void entry_at_an_end(struct plan *plan)
{
	plan->entry = 0x8000000;
}

static void table_outside(struct plan *plan)
{
	plan->check_offset++;
}

static void table_under_its_own_digest(struct plan *plan)
{
	plan->segments[SAMPLE_PURGATORY].checked_size = SAMPLE_CHECK_OFFSET + 1;
}

static void test_each_broken_rule_is_named_with_the_guilty_segment(void **state)
{
	static const struct {
		void (*break_rule)(struct plan *plan);
		enum error_kind kind;
		const char *guilty, *words;
	} rows[] = {
	    {end_off_page, ERROR_INTERNAL, "initrd", "page boundaries"},
	    {start_off_page, ERROR_INTERNAL, "initrd", "page boundaries"},
	    {too_little_memory, ERROR_INTERNAL, "initrd", "more than its memory"},
	    {outside_usable, ERROR_INTERNAL, "initrd", "usable memory"},
	    {outside_the_reservation, ERROR_INTERNAL, "initrd", "reserved for a crash kernel"},
	    {never_placed, ERROR_INTERNAL, "initrd", "usable memory"},
	    {backwards, ERROR_INTERNAL, "initrd", "usable memory"},
	    {overlapping, ERROR_INTERNAL, "initrd", "overlaps"},
	    {half_of_memory, ERROR_NO_ROOM, "kernel", "half of the memory"},
	    {half_of_memory_together, ERROR_NO_ROOM, "all segments", "half of the memory"},
	    {entry_below, ERROR_INTERNAL, "entry", "in no segment"},
	    {entry_at_an_end, ERROR_INTERNAL, "entry", "in no segment"},
	    {table_outside, ERROR_INTERNAL, "purgatory", "no place for the table"},
	    {table_under_its_own_digest, ERROR_INTERNAL, "purgatory", "no place for the table"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = sample_plan();
		struct error error = {};

		rows[i].break_rule(plan);
		assert_row(rows[i].words, plan_seal(plan, &error) == -EINVAL);
		assert_failed(&error, rows[i].kind, rows[i].words);
		assert_int_equal(error.failures[0].code, 0); /* no call failed */
		assert_string_equal(error.failures[0].subject, rows[i].guilty);
		assert_int_equal(error.count, 1);
		assert_false(plan->sealed);
	}
}

static void test_exactly_half_of_memory_is_allowed(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	uint64_t total = 0;

	(void)state;
	for (size_t i = 0; i < plan->segment_count; i++)
		total += range_size(plan->segments[i].destination);
	plan->total_ram = 2 * total;
	seal(plan);
}

static void test_an_unknown_amount_of_memory_limits_nothing(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();

	(void)state;
	plan->total_ram = 0;
	seal(plan);
}

static void test_the_rules_do_not_hold_for_what_the_kernel_places(void **state)
{
	cleanup_plan struct plan *plan = plan_new(PLAN_FILE);

	(void)state;
	seal(plan);
}

static void test_a_file_that_was_truncated_cannot_be_digested(void **state)
{
	cleanup_folder struct folder folder;
	cleanup_blob struct blob *blob = NULL;
	struct error error = {};
	uint64_t digest = 7;
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_text(&folder, "kernel", "0123456789");
	assert_int_equal(blob_open(&blob, path, NULL), 0);
	assert_int_equal(digest_blob(blob, 2, 5, &digest, NULL), 0);
	assert_int_equal(digest, XXH3_64bits("23456", 5));
	folder_text(&folder, "kernel", "01");
	assert_int_equal(digest_blob(blob, 2, 5, &digest, &error), -EINVAL);
	assert_failed(&error, ERROR_CHANGED, path);
}

static struct blob *own_file(struct plan *plan, struct folder *folder, const char *name)
{
	static const uint8_t bytes[SAMPLE_INITRD_SIZE] = {'x'};
	struct blob *blob = NULL;

	assert_int_equal(blob_open(&blob, folder_write(folder, name, bytes, sizeof(bytes)), NULL),
			 0);
	assert_non_null(plan_own(plan, blob));
	return blob;
}

/* kexec_load takes addresses; kexec_file_load takes files, and then nothing is mapped. */
static void test_what_is_loaded_from_memory_is_mapped_and_nothing_else(void **state)
{
	cleanup_plan struct plan *segments = sample_plan(), *file = plan_new(PLAN_FILE);
	cleanup_folder struct folder folder;
	struct blob *content, *other, *by_file;

	(void)state;
	folder_make(&folder);
	content = own_file(segments, &folder, "initrd");
	other = own_file(segments, &folder, "vmlinuz.gz");
	segments->segments[SAMPLE_INITRD].content = content;
	assert_int_equal(plan_seal(segments, NULL), 0);
	assert_non_null(content->address);
	assert_int_equal(content->address[0], 'x');
	assert_null(other->address);
	by_file = own_file(file, &folder, "other");
	assert_int_equal(plan_seal(file, NULL), 0);
	assert_null(by_file->address);
}

/* Larger than what is read in one go, and not a multiple of it. */
static void test_a_part_and_the_whole_are_digested_in_one_reading(void **state)
{
	static const struct {
		uint64_t offset, size;
	} parts[] = {{0, 600001}, {0, 5},        {512, 599489}, {512, 262144},
		     {262144, 1}, {262143, 300}, {600001, 0}};
	static uint8_t bytes[600001];
	cleanup_folder struct folder folder;
	cleanup_blob struct blob *blob = NULL;
	const char *path;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i % 251);
	folder_make(&folder);
	path = folder_write(&folder, "kernel", bytes, sizeof(bytes));
	assert_int_equal(blob_open(&blob, path, NULL), 0);
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		uint64_t part = 0, whole = 0;

		assert_int_equal(digest_part_and_whole(blob, parts[i].offset, parts[i].size, &part,
						       &whole, NULL),
				 0);
		assert_int_equal(part, XXH3_64bits(bytes + parts[i].offset, parts[i].size));
		assert_int_equal(whole, XXH3_64bits(bytes, sizeof(bytes)));
	}
}

/* Of a blob that has only parts of it, too. */
static void test_a_file_is_digested_as_it_is_on_disk(void **state)
{
	static const struct blob_part parts[] = {{0, 3, 4}, {1, 0, 2}};
	cleanup_folder struct folder folder;
	cleanup_blob struct blob *joined = NULL;
	struct blob *blobs[2] = {};
	const char *paths[2];
	uint64_t digest;

	(void)state;
	folder_make(&folder);
	paths[0] = folder_text(&folder, "one", "0123456789");
	paths[1] = folder_text(&folder, "two", "abcdef");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(blob_open(&blobs[i], paths[i], NULL), 0);
	assert_int_equal(blob_join(&joined, blobs, 2, parts, 2, NULL), 0);
	assert_int_equal(digest_file(&joined->files[0], &digest, NULL), 0);
	assert_int_equal(digest, XXH3_64bits("0123456789", 10));
	assert_int_equal(digest_file(&joined->files[1], &digest, NULL), 0);
	assert_int_equal(digest, XXH3_64bits("abcdef", 6));
}

static void test_kexec_file_load_takes_files_of_at_most_4_gib(void **state)
{
	cleanup_folder struct folder folder;

	(void)state;
	folder_make(&folder);
	for (uint64_t more = 0; more < 2; more++) {
		cleanup_plan struct plan *plan = plan_new(PLAN_FILE);
		struct blob *blob;
		struct error error = {};

		folder_text(&folder, "initrd", "x");
		assert_int_equal(
		    truncate(folder_path(&folder, "initrd"), (off_t)((UINT64_C(4) << 30) + more)),
		    0);
		assert_int_equal(blob_open(&blob, folder_path(&folder, "initrd"), &error), 0);
		plan->initrds = plan_own(plan, blob);
		assert_int_equal(plan_seal(plan, &error), more ? -EINVAL : 0);
		if (more)
			assert_failed(&error, ERROR_TOO_LONG, "at most 4096");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kexec_file_load_takes_files_of_at_most_4_gib),
	    cmocka_unit_test(test_digests_are_xxh3_of_the_bytes),
	    cmocka_unit_test(test_a_digest_starts_at_the_contents_offset),
	    cmocka_unit_test(test_the_table_of_checks_is_written_where_purgatory_reads_it),
	    cmocka_unit_test(test_unchecked_plans_are_sealed_without_digests),
	    cmocka_unit_test(test_each_broken_rule_is_named_with_the_guilty_segment),
	    cmocka_unit_test(test_exactly_half_of_memory_is_allowed),
	    cmocka_unit_test(test_an_unknown_amount_of_memory_limits_nothing),
	    cmocka_unit_test(test_the_rules_do_not_hold_for_what_the_kernel_places),
	    cmocka_unit_test(test_a_file_that_was_truncated_cannot_be_digested),
	    cmocka_unit_test(test_what_is_loaded_from_memory_is_mapped_and_nothing_else),
	    cmocka_unit_test(test_a_part_and_the_whole_are_digested_in_one_reading),
	    cmocka_unit_test(test_a_file_is_digested_as_it_is_on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
