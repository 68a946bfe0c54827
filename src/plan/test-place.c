/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plan/plan.h"
#include "test-support/test.h"

static const struct range anywhere = {0, UINT64_MAX};

static int make_plan(void **state)
{
	struct plan *plan = plan_new(PLAN_SEGMENTS);

	assert_non_null(plan);
	assert_int_equal(map_add(&plan->usable, (struct range){0x100000, 0x200000}, 1, "ram"), 0);
	assert_int_equal(map_add(&plan->usable, (struct range){0x400000, 0x800000}, 1, "ram"), 0);
	*state = plan;
	return 0;
}

static int free_plan(void **state)
{
	plan_free(*state);
	return 0;
}

static void claim(struct plan *plan, const char *name, uint64_t size, uint64_t alignment,
		  struct range limits, bool lowest)
{
	struct error error = {};
	int index = plan_claim(plan,
			       &(struct plan_claim){
				   .name = name,
				   .memory_size = size,
				   .alignment = alignment,
				   .limits = limits,
				   .lowest = lowest,
			       },
			       &error);

	assert_no_failure(&error);
	assert_int_equal(index, plan->segment_count - 1);
}

static void place(struct plan *plan)
{
	struct error error = {};

	plan_place(plan, &error);
	assert_no_failure(&error);
}

static void test_a_claim_is_rounded_up_to_whole_pages(void **state)
{
	struct plan *plan = *state;

	claim(plan, "one byte", 1, 0, anywhere, false);
	claim(plan, "a page", 4096, 0, anywhere, false);
	claim(plan, "a page and a byte", 4097, 0, anywhere, false);
	assert_int_equal(plan->segments[0].memory_size, 4096);
	assert_int_equal(plan->segments[1].memory_size, 4096);
	assert_int_equal(plan->segments[2].memory_size, 8192);
	assert_int_equal(plan->segments[0].alignment, 4096);
}

static void test_without_a_memory_size_the_content_counts(void **state)
{
	struct plan *plan = *state;
	struct plan_claim claim_of_content = {
	    .name = "x", .content_size = 5000, .checked_size = 4000, .limits = anywhere};

	assert_int_equal(plan_claim(plan, &claim_of_content, NULL), 0);
	assert_int_equal(plan->segments[0].memory_size, 8192);
	assert_int_equal(plan->segments[0].content_size, 5000);
	assert_int_equal(plan->segments[0].checked_size, 4000);
}

static void test_content_larger_than_its_memory_is_refused_by_name(void **state)
{
	struct error error = {};
	struct plan_claim too_large = {.name = "kernel", .content_size = 5000, .memory_size = 4999};

	assert_int_equal(plan_claim(*state, &too_large, &error), -EINVAL);
	assert_failed(&error, ERROR_IMAGE, "kernel");
}

static void test_a_size_that_passes_2_to_64_is_refused_by_name(void **state)
{
	struct error error = {};
	struct plan_claim huge = {.name = "initrd", .memory_size = UINT64_MAX};

	assert_int_equal(plan_claim(*state, &huge, &error), -EINVAL);
	assert_failed(&error, ERROR_NO_ROOM, "initrd");
}

static void test_the_kernel_takes_16_segments_and_no_more(void **state)
{
	struct error error = {};

	for (int i = 0; i < PLAN_SEGMENTS_MAX; i++)
		claim(*state, "segment", 4096, 0, anywhere, false);
	assert_int_equal(
	    plan_claim(*state, &(struct plan_claim){.name = "one more", .memory_size = 1}, &error),
	    -EINVAL);
	assert_failed(&error, ERROR_TOO_LONG, "one more");
}

static void test_segments_get_places_in_the_order_of_their_claims(void **state)
{
	struct plan *plan = *state;

	claim(plan, "first", 0x1000, 0, anywhere, false);
	claim(plan, "second", 0x2000, 0, anywhere, false);
	claim(plan, "low", 0x1000, 0, anywhere, true);
	claim(plan, "second low", 0x1000, 0, anywhere, true);
	place(plan);
	assert_int_equal(plan->segments[0].destination.start, 0x75f000);
	assert_int_equal(plan->segments[1].destination.start, 0x75d000);
	assert_int_equal(plan->segments[1].destination.end, 0x75f000);
	assert_int_equal(plan->segments[2].destination.start, 0x100000);
	assert_int_equal(plan->segments[3].destination.start, 0x101000);
}

/* 5 MiB of memory: the highest eighth starts at 0x760000. */
static void test_the_highest_eighth_is_used_only_where_nothing_else_has_room(void **state)
{
	struct plan *plan = *state;

	claim(plan, "small", 0x1000, 0, anywhere, false);
	claim(plan, "must be there", 0x1000, 0, (struct range){0x780000, 0x7c0000}, false);
	place(plan);
	assert_int_equal(plan->segments[0].destination.end, 0x760000);
	assert_int_equal(plan->segments[1].destination.end, 0x7c0000);
	plan->segment_count = 0;
	claim(plan, "large", 0x370000, 0, anywhere, false);
	claim(plan, "small", 0x1000, 0, anywhere, false);
	place(plan);
	assert_int_equal(plan->segments[0].destination.end, 0x800000);
	assert_int_equal(plan->segments[1].destination.end, 0x490000);
}

static void test_alignment_and_limits_are_kept(void **state)
{
	struct plan *plan = *state;

	claim(plan, "aligned", 0x1000, 0x200000, (struct range){0x200000, 0x700000}, true);
	claim(plan, "above", 0x1000, 0, (struct range){0x600000, UINT64_MAX}, true);
	claim(plan, "below", 0x1000, 0, (struct range){0, 0x600000}, false);
	place(plan);
	assert_int_equal(plan->segments[0].destination.start, 0x400000);
	assert_int_equal(plan->segments[1].destination.start, 0x600000);
	assert_int_equal(plan->segments[2].destination.end, 0x600000);
}

static void test_without_room_the_segment_and_the_largest_gap_are_named(void **state)
{
	struct plan *plan = *state;
	struct error error = {};

	claim(plan, "large", 0x3f0000, 0, anywhere, false);
	claim(plan, "initrd", 0x180000, 0, (struct range){0x80000, 0x500000}, false);
	assert_int_equal(plan_place(plan, &error), -EINVAL);
	assert_failed(&error, ERROR_NO_ROOM, "initrd");
	assert_contains(error.failures[0].detail, "1536 KiB");
	assert_contains(error.failures[0].detail, "between 0x80000 and 0x500000");
	assert_contains(error.failures[0].detail, "largest gap there is 1024 KiB at 0x100000");
}

static void test_empty_and_inverted_limits_have_no_room_and_are_named(void **state)
{
	static const struct {
		struct range limits;
		const char *words;
	} rows[] = {
	    {{0x500000, 0x500000},
	     "must lie at or above 0x500000, and nothing may lie at or above 0x500000"},
	    {{0x700000, 0x500000},
	     "must lie at or above 0x700000, and nothing may lie at or above 0x500000"},
	    {{UINT64_MAX, 0}, "must lie at or above 0xffffffffffffffff"},
	};
	struct plan *plan = *state;

	for (size_t i = 0; i < ELEMENTS(rows) * 2; i++) {
		struct error error = {};

		plan->segment_count = 0;
		claim(plan, "kernel", 1, 0, rows[i / 2].limits, i % 2);
		assert_int_equal(plan_place(plan, &error), -EINVAL);
		assert_failed(&error, ERROR_NO_ROOM, "kernel");
		assert_contains(error.failures[0].detail, rows[i / 2].words);
		assert_lacks(error.failures[0].detail, "largest gap");
	}
}

static void test_limits_without_any_memory_have_no_room(void **state)
{
	struct error error = {};

	claim(*state, "x", 1, 0, (struct range){0x300000, 0x400000}, false);
	assert_int_equal(plan_place(*state, &error), -EINVAL);
	assert_contains(error.failures[0].detail, "largest gap there is 0 KiB");
}

static void test_a_plan_owns_its_notes_and_blobs(void **state)
{
	struct plan *plan = *state;
	struct blob *blob = blob_new_memory(10);

	assert_ptr_equal(plan_own(plan, blob), blob);
	assert_null(plan_own(plan, NULL));
	assert_int_equal(plan->blob_count, 1);
	assert_int_equal(plan_note(plan, PLAN_NOTE, "%d notes", 1), 0);
	assert_int_equal(plan_note(plan, PLAN_WARNING, "and another"), 0);
	assert_int_equal(plan->note_count, 2);
	assert_string_equal(plan->notes[0].text, "1 notes");
	assert_string_equal(plan->notes[1].text, "and another");
	assert_int_equal(plan->notes[0].weight, PLAN_NOTE);
	assert_int_equal(plan->notes[1].weight, PLAN_WARNING);
}

#define PLAN_TEST(name) cmocka_unit_test_setup_teardown(name, make_plan, free_plan)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAN_TEST(test_a_claim_is_rounded_up_to_whole_pages),
	    PLAN_TEST(test_without_a_memory_size_the_content_counts),
	    PLAN_TEST(test_content_larger_than_its_memory_is_refused_by_name),
	    PLAN_TEST(test_a_size_that_passes_2_to_64_is_refused_by_name),
	    PLAN_TEST(test_the_kernel_takes_16_segments_and_no_more),
	    PLAN_TEST(test_segments_get_places_in_the_order_of_their_claims),
	    PLAN_TEST(test_the_highest_eighth_is_used_only_where_nothing_else_has_room),
	    PLAN_TEST(test_alignment_and_limits_are_kept),
	    PLAN_TEST(test_without_room_the_segment_and_the_largest_gap_are_named),
	    PLAN_TEST(test_empty_and_inverted_limits_have_no_room_and_are_named),
	    PLAN_TEST(test_limits_without_any_memory_have_no_room),
	    PLAN_TEST(test_a_plan_owns_its_notes_and_blobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
