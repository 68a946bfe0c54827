/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/crash-need.h"

#include <stdio.h>

#include "test-support/test.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Measured with real crashes under QEMU; the initrd was not compressed. */
static const struct {
	const char *release;
	uint64_t kernel;     /* KiB: init_size */
	uint64_t initrd;     /* MiB beside a busybox of 1972 KiB */
	unsigned int failed; /* MiB of crashkernel= */
	unsigned int worked;
} measured[] = {
    {"6.1.0-50-cloud-amd64", 52704, 0, 72, 74},
    {"6.12.107+deb13-cloud-amd64", 57204, 0, 69, 71},
    {"7.3.4+deb13-cloud-amd64", 61668, 0, 81, 83},
    {"6.1.0-50-cloud-amd64", 52704, 16, 104, 106},
    {"6.12.107+deb13-cloud-amd64", 57204, 16, 106, 108},
    {"7.3.4+deb13-cloud-amd64", 61668, 16, 114, 116},
};

/* Below the end of 1 GiB, where the kernel puts it. */
static struct crash_room room_of(uint64_t size)
{
	uint64_t start = (GIB - 48 * MIB - size) & ~(16 * MIB - 1);

	return (struct crash_room){{start, start + size}, 0};
}

static struct crash_need need_of(size_t row)
{
	uint64_t initrd = 1972 * KIB + measured[row].initrd * MIB;

	return (struct crash_need){
	    .kernel = measured[row].kernel * KIB,
	    .packed = initrd,
	    .unpacked = initrd,
	    .unpacked_known = true,
	    .unpacked_limited = true,
	    .boot = crash_need_of_boot(measured[row].release),
	};
}

static bool fits(const struct crash_need *need, uint64_t size)
{
	struct crash_room room = room_of(size);

	return crash_predict(need, &room).fit < CRASH_TOO_SMALL_TO_LOAD;
}

/* tests/test_check.py makes such crashes. */
static void test_it_is_predicted_what_was_measured_to_3_mib(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(measured); i++) {
		struct crash_need need = need_of(i);
		char row[80];

		snprintf(row, sizeof(row), "%s, %u MiB more", measured[i].release,
			 (unsigned int)measured[i].initrd);
		assert_row(row, !fits(&need, (measured[i].failed - 3) * MIB));
		assert_row(row, fits(&need, (measured[i].worked + 3) * MIB));
	}
}

static void test_what_is_needed_is_enough_and_less_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(measured); i++) {
		struct crash_need need = need_of(i);
		struct crash_room small = room_of(64 * MIB);
		struct crash_prediction prediction = crash_predict(&need, &small);
		struct crash_room exact = {{small.upper.end - prediction.needed, small.upper.end},
					   0};

		assert_row(measured[i].release, prediction.left == 0);
		exact.upper.start -= 2 * MIB; /* another section, perhaps */
		assert_row(measured[i].release,
			   crash_predict(&need, &exact).fit < CRASH_TOO_SMALL_TO_LOAD);
		exact.upper.start += 4 * MIB;
		assert_row(measured[i].release,
			   crash_predict(&need, &exact).fit >= CRASH_TOO_SMALL_TO_LOAD);
	}
}

static void test_segments_must_fit_into_the_upper_part_alone(void **state)
{
	struct crash_need need = need_of(1);
	struct crash_room room = {{5 * GIB, 5 * GIB + 56 * MIB}, 256 * MIB};

	(void)state;
	assert_int_equal(crash_predict(&need, &room).fit, CRASH_TOO_SMALL_TO_LOAD);
	room.upper.end += 4 * MIB;
	assert_int_equal(crash_predict(&need, &room).fit, CRASH_FITS);
}

static void test_buffers_for_devices_are_taken_where_memory_is_high(void **state)
{
	struct crash_need need = need_of(1);
	struct crash_room room = {{5 * GIB, 5 * GIB + 96 * MIB}, 0};

	(void)state;
	assert_int_equal(crash_predict(&need, &room).fit, CRASH_TOO_SMALL_TO_BOOT);
	assert_int_equal(crash_predict(&need, &room).swiotlb, 64 * MIB);
	room.upper = (struct range){2 * GIB, 2 * GIB + 96 * MIB};
	assert_int_equal(crash_predict(&need, &room).swiotlb, 0);
	assert_true(crash_predict(&need, &room).fit < CRASH_TOO_SMALL_TO_LOAD);
}

static void test_an_unpacked_initrd_may_be_half_of_memory_but_for_a_root(void **state)
{
	struct crash_need need = need_of(1);
	struct crash_room room = room_of(128 * MIB);

	(void)state;
	need.packed = 8 * MIB;
	need.unpacked = 40 * MIB;
	assert_int_equal(crash_predict(&need, &room).fit, CRASH_TOO_SMALL_TO_UNPACK);
	need.unpacked_limited = false;
	assert_true(crash_predict(&need, &room).fit < CRASH_TOO_SMALL_TO_LOAD);
}

static void test_little_that_is_left_is_tight(void **state)
{
	struct crash_need need = need_of(1);
	struct crash_room room = room_of(80 * MIB);

	(void)state;
	assert_int_equal(crash_predict(&need, &room).fit, CRASH_TIGHT);
	room = room_of(128 * MIB);
	assert_int_equal(crash_predict(&need, &room).fit, CRASH_FITS);
	assert_true(crash_predict(&need, &room).left > 48 * MIB);
}

static void test_absurd_sizes_do_not_wrap(void **state)
{
	struct crash_need need = {
	    .kernel = UINT32_MAX, .packed = 1ULL << 62, .unpacked = 1ULL << 62};
	struct crash_room room = {{0, 0}, 0};

	(void)state;
	assert_true(crash_predict(&need, &room).fit >= CRASH_TOO_SMALL_TO_LOAD);
	room = (struct crash_room){{0, UINT64_C(1) << 46}, 0};
	need = need_of(0);
	assert_int_equal(crash_predict(&need, &room).fit, CRASH_FITS);
}

static void test_a_kernel_without_a_version_is_taken_for_a_large_one(void **state)
{
	(void)state;
	assert_int_equal(crash_need_of_boot(""), crash_need_of_boot("7.3.4"));
	assert_int_equal(crash_need_of_boot("6.13"), crash_need_of_boot("7.3.4"));
	assert_int_equal(crash_need_of_boot("5.10.0-1"), crash_need_of_boot("6.1"));
	assert_true(crash_need_of_boot("6.6") < crash_need_of_boot("6.5"));
	/* A file may say what it likes. */
	assert_int_equal(crash_need_of_boot("4294967295.4294967295"), crash_need_of_boot("7.3.4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_it_is_predicted_what_was_measured_to_3_mib),
	    cmocka_unit_test(test_what_is_needed_is_enough_and_less_is_not),
	    cmocka_unit_test(test_segments_must_fit_into_the_upper_part_alone),
	    cmocka_unit_test(test_buffers_for_devices_are_taken_where_memory_is_high),
	    cmocka_unit_test(test_an_unpacked_initrd_may_be_half_of_memory_but_for_a_root),
	    cmocka_unit_test(test_little_that_is_left_is_tight),
	    cmocka_unit_test(test_absurd_sizes_do_not_wrap),
	    cmocka_unit_test(test_a_kernel_without_a_version_is_taken_for_a_large_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
