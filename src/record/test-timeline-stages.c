/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/timeline-stages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test-support/test.h"

#define MS  UINT64_C(1000000) /* nanoseconds */
#define S   (1000 * MS)
#define GHZ UINT64_C(2) /* ticks a nanosecond */

enum {
	NOW = 60,    /* seconds that the next kernel has been running */
	UNKNOWN = -1 /* of a stage */
};

/* Ticks when the next kernel's clock was zero: a day after the machine was switched on. */
#define ZERO (86400 * S * GHZ)

/* A hand-over in which all is known: 5 s, 100 ms, 20 ms, 300 ms, 1400 ms, 10 s. */
static struct timeline_inputs sample(void)
{
	struct timeline_inputs inputs = {
	    .boot_id = "b",
	    .previous_boot_id = "a",
	    .ordered.stamp = {"a", ZERO - 5420 * MS * GHZ, 0, 101000 * S},
	    .jumped.stamp = {"a", ZERO - 420 * MS * GHZ, 0, 101005 * S},
	    .stamp_fact = FACT_KNOWN,
	    .stamp = {PURGATORY_STAMP_MAGIC, ZERO - 320 * MS * GHZ, ZERO - 300 * MS * GHZ, 5, 256},
	    .init_fact = FACT_KNOWN,
	    .init = 1400000,
	    .systemd = true,
	    .marks = {1410000, 11400000},
	};

	/* The raw clock started 200 ms after the log's. */
	inputs.clocks.last = (struct clock_sample){
	    ZERO + NOW * S * GHZ, 100, NOW * S - 200 * MS, NOW * S, NOW * S, 101065 * S};
	inputs.clocks.first = inputs.clocks.last;
	inputs.clocks.first.tsc -= 200 * MS * GHZ;
	inputs.clocks.first.raw -= 200 * MS;
	return inputs;
}

static const int all_known[STAGE_COUNT] = {5000, 100, 20, 300, 1400, 10000};

/* In milliseconds. */
static void assert_stages(const char *row, const struct timeline *timeline, const int *expected)
{
	for (unsigned int i = 0; i < STAGE_COUNT; i++) {
		uint64_t nanoseconds = 0;
		const char *why;
		bool known = timeline_between(timeline, i, i + 1, &nanoseconds, &why);

		if (known != (expected[i] != UNKNOWN) || (!known && !*why))
			fail_msg("%s: stage %s is %s", row, timeline_stage_name(i),
				 known ? "known" : why);
		if (known && llabs((long long)nanoseconds - expected[i] * (long long)MS) > 10000)
			fail_msg("%s: stage %s took %llu ns", row, timeline_stage_name(i),
				 (unsigned long long)nanoseconds);
	}
}

static void test_all_stages(void **state)
{
	struct timeline_inputs inputs = sample();
	struct timeline_span spans[STAGE_COUNT];
	struct timeline timeline;

	(void)state;
	timeline_compute(&timeline, &inputs);
	assert_stages("all", &timeline, all_known);
	assert_null(timeline.apart);
	assert_true(timeline.hertz > 1.9999e9 && timeline.hertz < 2.0001e9);
	/* 60 s at 200 of 400000000 ticks. */
	assert_in_range(timeline.uncertainty, 29000, 31000);
	assert_int_equal(timeline_spans(&timeline, spans), STAGE_COUNT);
	for (unsigned int i = 0; i < STAGE_COUNT; i++)
		assert_true(spans[i].from == i && spans[i].to == i + 1);
}

/* What a change of the inputs makes of the stages. */
struct row {
	const char *name;
	void (*change)(struct timeline_inputs *inputs);
	int expected[STAGE_COUNT];
	const char *why; /* in the reason of the first stage that is unknown */
};

static void no_order(struct timeline_inputs *inputs)
{
	inputs->ordered.result = -ENOENT;
}

static void no_jump(struct timeline_inputs *inputs)
{
	inputs->jumped.result = -ENOENT;
}

static void damaged_jump(struct timeline_inputs *inputs)
{
	inputs->jumped.result = -EBADMSG;
}

static void stamps_of_another_boot(struct timeline_inputs *inputs)
{
	strcpy(inputs->ordered.stamp.boot_id, "c");
	strcpy(inputs->jumped.stamp.boot_id, "c");
}

static void stamps_of_this_boot(struct timeline_inputs *inputs)
{
	strcpy(inputs->ordered.stamp.boot_id, "b");
	strcpy(inputs->jumped.stamp.boot_id, "b");
}

static void no_record(struct timeline_inputs *inputs)
{
	*inputs->previous_boot_id = '\0';
}

static void by_file(struct timeline_inputs *inputs)
{
	inputs->by_file = true;
	inputs->stamp_fact = FACT_ABSENT;
}

static void no_stamp(struct timeline_inputs *inputs)
{
	inputs->stamp_fact = FACT_ABSENT;
}

static void left_before_entered(struct timeline_inputs *inputs)
{
	inputs->stamp.left = inputs->stamp.entered - 1;
}

static void left_in_the_future(struct timeline_inputs *inputs)
{
	inputs->stamp.left = UINT64_MAX;
}

static void never_entered(struct timeline_inputs *inputs)
{
	inputs->stamp.entered = 0;
}

static void left_behind_the_zero(struct timeline_inputs *inputs)
{
	inputs->stamp.left = ZERO + 50 * MS * GHZ;
}

static void left_behind_the_init(struct timeline_inputs *inputs)
{
	inputs->stamp.left = ZERO + 1450 * MS * GHZ;
}

static void left_at_the_zero(struct timeline_inputs *inputs)
{
	inputs->stamp.left = ZERO + 10000 * GHZ; /* within what is uncertain */
}

static void jump_behind_purgatory(struct timeline_inputs *inputs)
{
	inputs->jumped.stamp.tsc = inputs->stamp.entered + 1;
}

static void jump_in_the_future(struct timeline_inputs *inputs)
{
	inputs->jumped.stamp.tsc = UINT64_MAX;
}

static void jump_without_counter(struct timeline_inputs *inputs)
{
	inputs->jumped.stamp.tsc = 0;
}

static void order_behind_jump(struct timeline_inputs *inputs)
{
	inputs->ordered.stamp.tsc = inputs->jumped.stamp.tsc + 1;
}

static void order_of_a_day_ago(struct timeline_inputs *inputs)
{
	inputs->ordered.stamp.tsc -= 80000 * S * GHZ;
	inputs->ordered.stamp.realtime -= 80000 * S;
}

static void order_of_a_day_ago_no_jump(struct timeline_inputs *inputs)
{
	order_of_a_day_ago(inputs);
	inputs->jumped.result = -ENOENT;
}

static void order_of_an_hour_ago(struct timeline_inputs *inputs)
{
	inputs->ordered.stamp.tsc -= 3595 * S * GHZ;
	inputs->ordered.stamp.realtime -= 3595 * S;
}

/* Between the stamp and this boot the machine was off: its clock went on, the counter did not. */
static void counter_reset_since_the_order(struct timeline_inputs *inputs)
{
	inputs->ordered.stamp.realtime = 0;
}

static void ordered_in_the_future(struct timeline_inputs *inputs)
{
	inputs->ordered.stamp.realtime = 102000 * S;
}

static void suspended(struct timeline_inputs *inputs)
{
	inputs->clocks.first.boottime += 3600 * S;
	inputs->clocks.last.boottime += 3600 * S;
}

/* What was stamped is nearer to the counter's new zero than it can be. */
static void counter_set_back(struct timeline_inputs *inputs)
{
	inputs->clocks.first.tsc -= ZERO + S * GHZ;
	inputs->clocks.last.tsc -= ZERO + S * GHZ;
}

static void no_counter(struct timeline_inputs *inputs)
{
	inputs->clocks.first.tsc = inputs->clocks.last.tsc = 0;
}

static void counter_stands(struct timeline_inputs *inputs)
{
	inputs->clocks.first.tsc = inputs->clocks.last.tsc;
}

static void counter_runs_backwards(struct timeline_inputs *inputs)
{
	inputs->clocks.first.tsc = UINT64_MAX;
}

static void clocks_stand(struct timeline_inputs *inputs)
{
	inputs->clocks.first.raw = inputs->clocks.last.raw;
}

static void clocks_contradict(struct timeline_inputs *inputs)
{
	inputs->clocks.first.monotonic = inputs->clocks.last.monotonic = UINT64_MAX;
	inputs->clocks.first.boottime = inputs->clocks.last.boottime = UINT64_MAX;
}

/* NTP made the kernel's clock run 100 millionths fast, in a day: 8.64 s. */
static void slewed_for_a_day(struct timeline_inputs *inputs)
{
	struct clock_sample *clocks[] = {&inputs->clocks.first, &inputs->clocks.last};

	for (size_t i = 0; i < ELEMENTS(clocks); i++) {
		clocks[i]->tsc += 86400 * S * GHZ;
		clocks[i]->raw += 86400 * S;
		clocks[i]->monotonic += 86400 * S + 8646 * MS - MS / 50;
		clocks[i]->boottime = clocks[i]->monotonic;
		clocks[i]->realtime += 86400 * S;
	}
	inputs->clocks.slewed = 100e-6;
}

static void no_log(struct timeline_inputs *inputs)
{
	inputs->init_fact = FACT_ABSENT;
}

static void no_log_no_systemd(struct timeline_inputs *inputs)
{
	inputs->init_fact = FACT_UNREADABLE;
	inputs->systemd = false;
}

static void init_in_the_future(struct timeline_inputs *inputs)
{
	inputs->init = UINT64_MAX;
}

static void finished_before_init(struct timeline_inputs *inputs)
{
	inputs->marks.finish = 1;
}

static void not_finished(struct timeline_inputs *inputs)
{
	inputs->marks.finish = 0;
}

static void finished_in_the_future(struct timeline_inputs *inputs)
{
	inputs->marks.finish = UINT64_MAX / 2;
}

static void nothing_at_all(struct timeline_inputs *inputs)
{
	*inputs = (struct timeline_inputs){};
	inputs->ordered.result = inputs->jumped.result = -ENOENT;
}

#define X UNKNOWN
static const struct row rows[] = {
    {"no order", no_order, {X, 100, 20, 300, 1400, 10000}, "not `kexec reboot`"},
    {"no jump", no_jump, {X, X, 20, 300, 1400, 10000}, "something else"},
    {"damaged jump", damaged_jump, {X, X, 20, 300, 1400, 10000}, "cannot be read"},
    {"stamps of another boot", stamps_of_another_boot, {X, X, 20, 300, 1400, 10000}, "not `kexec"},
    {"stamps of this boot", stamps_of_this_boot, {X, X, 20, 300, 1400, 10000}, "of this boot"},
    {"no record", no_record, {X, X, 20, 300, 1400, 10000}, "without a record"},
    {"by file", by_file, {5000, X, X, X, 1400, 10000}, "kexec_file_load"},
    {"no stamp", no_stamp, {5000, X, X, X, 1400, 10000}, "no purgatory of this program"},
    {"left before entered", left_before_entered, {5000, X, X, X, 1400, 10000}, "contradict"},
    {"left in the future", left_in_the_future, {5000, X, X, X, 1400, 10000}, "contradict"},
    {"never entered", never_entered, {5000, X, X, X, 1400, 10000}, "contradict"},
    {"left behind the zero", left_behind_the_zero, {5000, 100, 370, X, X, 10000}, "ran ahead"},
    {"left behind /init", left_behind_the_init, {5000, 100, 1770, X, 1400, 10000}, "lie behind"},
    {"left at the zero", left_at_the_zero, {5000, 100, 320, 0, 1400, 10000}, NULL},
    {"jump behind purgatory", jump_behind_purgatory, {X, X, 20, 300, 1400, 10000}, "lies behind"},
    {"order of a day ago", order_of_a_day_ago, {X, 100, 20, 300, 1400, 10000}, "not carried out"},
    {"likewise, no jump", order_of_a_day_ago_no_jump, {X, X, 20, 300, 1400, 10000}, "carried out"},
    {"order of an hour ago", order_of_an_hour_ago, {3600000, 100, 20, 300, 1400, 10000}, NULL},
    {"jump in the future", jump_in_the_future, {X, X, 20, 300, 1400, 10000}, "was set since"},
    {"jump without counter", jump_without_counter, {X, X, 20, 300, 1400, 10000}, "has no time"},
    {"order behind jump", order_behind_jump, {X, 100, 20, 300, 1400, 10000}, "lies behind"},
    {"counter reset",
     counter_reset_since_the_order,
     {X, 100, 20, 300, 1400, 10000},
     "was set since"},
    {"ordered later", ordered_in_the_future, {X, 100, 20, 300, 1400, 10000}, "was set since"},
    {"suspended", suspended, {5000, 100, 20, X, 1400, 10000}, "suspended"},
    {"counter set back", counter_set_back, {X, X, X, X, 1400, 10000}, "was set since"},
    {"no counter", no_counter, {X, X, X, X, 1400, 10000}, "no time stamp counter"},
    {"counter stands", counter_stands, {X, X, X, X, 1400, 10000}, "does not run"},
    {"counter backwards", counter_runs_backwards, {X, X, X, X, 1400, 10000}, "does not run"},
    {"clocks stand", clocks_stand, {X, X, X, X, 1400, 10000}, "does not run"},
    {"clocks contradict", clocks_contradict, {5000, 100, 20, X, 1400, 10000}, "contradict"},
    {"no log", no_log, {5000, 100, 20, 300, 1410, 9990}, NULL},
    {"no log, no systemd", no_log_no_systemd, {5000, 100, 20, 300, X, X}, "cannot be read"},
    {"init in the future", init_in_the_future, {5000, 100, 20, 300, X, X}, "contradicts"},
    {"finished before init", finished_before_init, {5000, 100, 20, 300, 1400, X}, "contradicts"},
    {"not finished", not_finished, {5000, 100, 20, 300, 1400, X}, "not finished"},
    {"finished later", finished_in_the_future, {5000, 100, 20, 300, 1400, X}, "contradicts"},
    {"nothing at all", nothing_at_all, {X, X, X, X, X, X}, "no time stamp counter"},
};

static void test_what_is_missing_or_hostile_is_unknown_and_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct timeline_inputs inputs = sample();
		struct timeline timeline;

		rows[i].change(&inputs);
		timeline_compute(&timeline, &inputs);
		assert_stages(rows[i].name, &timeline, rows[i].expected);
		for (unsigned int s = 0; rows[i].why && s < STAGE_COUNT; s++) {
			uint64_t ignored;
			const char *why;

			if (timeline_between(&timeline, s, s + 1, &ignored, &why))
				continue;
			if (!strstr(why, rows[i].why))
				fail_msg("%s: %s", rows[i].name, why);
			break;
		}
	}
}

static void test_slewing_is_taken_out_and_makes_it_uncertain(void **state)
{
	struct timeline_inputs inputs = sample();
	uint64_t nanoseconds;
	struct timeline timeline;
	const char *why;

	(void)state;
	slewed_for_a_day(&inputs);
	timeline_compute(&timeline, &inputs);
	assert_true(timeline_between(&timeline, POINT_LEFT, POINT_KERNEL, &nanoseconds, &why));
	assert_in_range(nanoseconds, 299 * MS, 301 * MS);
	assert_in_range(timeline.uncertainty, 1700 * MS, 1800 * MS);
}

static void test_stages_that_are_not_told_apart_are_one_span(void **state)
{
	struct timeline_inputs inputs = sample();
	struct timeline_span spans[STAGE_COUNT];
	struct timeline timeline;

	(void)state;
	by_file(&inputs);
	timeline_compute(&timeline, &inputs);
	assert_int_equal(timeline_spans(&timeline, spans), 4);
	assert_int_equal(spans[1].from, POINT_JUMPED);
	assert_int_equal(spans[1].to, POINT_KERNEL);
	assert_in_range(spans[1].nanoseconds, 420 * MS - 1000, 420 * MS + 1000);
	/* On two axes nothing goes from one to the other. */
	suspended(&inputs);
	timeline_compute(&timeline, &inputs);
	assert_int_equal(timeline_spans(&timeline, spans), 3);
	assert_int_equal(spans[0].to, POINT_JUMPED);
	assert_int_equal(spans[1].from, POINT_KERNEL);
}

/* Whatever the numbers are: no stage is longer than what there is, and nothing is undefined. */
static void test_any_numbers(void **state)
{
	unsigned int seed = 11;

	(void)state;
	for (unsigned int round = 0; round < 200000; round++) {
		struct timeline_inputs inputs = sample();
		uint64_t *numbers[] = {
		    &inputs.clocks.first.tsc,
		    &inputs.clocks.last.tsc,
		    &inputs.clocks.first.raw,
		    &inputs.clocks.last.raw,
		    &inputs.clocks.last.monotonic,
		    &inputs.clocks.last.boottime,
		    &inputs.clocks.last.realtime,
		    &inputs.clocks.last.width,
		    &inputs.ordered.stamp.tsc,
		    &inputs.jumped.stamp.tsc,
		    &inputs.jumped.stamp.realtime,
		    &inputs.stamp.entered,
		    &inputs.stamp.left,
		    &inputs.init,
		    &inputs.marks.finish,
		};
		struct timeline_span spans[STAGE_COUNT];
		struct timeline timeline;
		unsigned int count;

		for (unsigned int i = 0; i < 3; i++) {
			uint64_t *number = numbers[(unsigned int)rand_r(&seed) % ELEMENTS(numbers)];
			uint64_t random = (uint64_t)rand_r(&seed) << 33 ^ (uint64_t)rand_r(&seed);

			*number = rand_r(&seed) % 4 ? random >> rand_r(&seed) % 64
						    : -(uint64_t)(rand_r(&seed) % 2);
		}
		timeline_compute(&timeline, &inputs);
		count = timeline_spans(&timeline, spans);
		assert_true(count <= STAGE_COUNT);
		for (unsigned int i = 0; i < count; i++)
			assert_true(spans[i].nanoseconds <= INT64_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_stages),
	    cmocka_unit_test(test_what_is_missing_or_hostile_is_unknown_and_why),
	    cmocka_unit_test(test_slewing_is_taken_out_and_makes_it_uncertain),
	    cmocka_unit_test(test_stages_that_are_not_told_apart_are_one_span),
	    cmocka_unit_test(test_any_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
