/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/timeline-show.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "test-support/test.h"

/* 100 ms, then 300 ms that are not told apart, then 600 ms; before and behind nothing is known. */
static struct timeline sample(void)
{
	struct timeline timeline = {.hertz = 2e9, .uncertainty = 1500};

	timeline.points[POINT_ORDERED].unknown = "<nobody> ordered & it";
	timeline.points[POINT_JUMPED].at = -400000000;
	timeline.points[POINT_ENTERED].at = -300000000;
	timeline.points[POINT_LEFT].unknown = "lost";
	timeline.points[POINT_INIT].at = 600000000;
	timeline.points[POINT_FINISHED].unknown = "no systemd";
	return timeline;
}

static char *text_of(const struct timeline *timeline, const struct purgatory_stamp *stamp)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	timeline_show_text(timeline, stamp, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_bars_follow_one_another(void **state)
{
	static const struct purgatory_stamp stamp = {.checked = 5, .width = 256};
	struct timeline timeline = sample();
	cleanup_free char *text = text_of(&timeline, &stamp);

	(void)state;
	assert_string_equal(
	    text, "shutdown                       unknown  <nobody> ordered & it\n"
		  "device shutdown, copy         100.0 ms  ####\n"
		  "digest                         unknown  lost\n"
		  "jump to kernel clock           unknown  lost\n"
		  "  these together              300.0 ms      ############  (digest + jump to "
		  "kernel clock)\n"
		  "kernel to /init               600.0 ms                  "
		  "########################\n"
		  "user space                     unknown  no systemd\n"
		  "blackout, from the jump to /init: 1.00 s\n"
		  "verified before the jump: 5 segments, with registers of 256 bits\n"
		  "the zero of the kernel's clock is known to 1.5 us\n");
}

static void test_with_two_axes_there_is_no_sum(void **state)
{
	struct timeline timeline = sample();
	cleanup_free char *text = NULL;

	(void)state;
	timeline.apart = "suspended";
	text = text_of(&timeline, NULL);
	assert_contains(text, "kernel to /init               600.0 ms");
	assert_lacks(text, "these together");
	assert_lacks(text, "blackout");
	assert_lacks(text, "verified");
}

static void test_where_nothing_is_known_nothing_is_drawn(void **state)
{
	struct timeline timeline = {.apart = "no counter"};
	cleanup_free char *text = NULL;

	(void)state;
	for (unsigned int i = 0; i < POINT_COUNT; i++)
		timeline.points[i].unknown = i == POINT_KERNEL ? NULL : "gone";
	text = text_of(&timeline, NULL);
	assert_lacks(text, "#");
	assert_contains(text, "user space                     unknown  gone\n");
}

static void test_durations(void **state)
{
	char text[DURATION_TEXT_SIZE];

	(void)state;
	assert_string_equal(duration_text(0, text), "0.0 us");
	assert_string_equal(duration_text(1500, text), "1.5 us");
	assert_string_equal(duration_text(5444822, text), "5.4 ms");
	assert_string_equal(duration_text(2309936205, text), "2.31 s");
	assert_string_equal(duration_text(UINT64_MAX, text), "18446744073.71 s");
}

static void test_the_picture_escapes_and_has_a_bar_for_each_span(void **state)
{
	struct timeline timeline = sample();
	cleanup_free char *text = NULL;
	unsigned int bars = 0;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	timeline_show_svg(&timeline, out);
	assert_int_equal(fclose(out), 0);
	assert_contains(text, "&lt;nobody&gt; ordered &amp; it");
	assert_contains(text, "<title>digest + jump to kernel clock</title>");
	for (const char *at = text; (at = strstr(at, "<title>")); at++)
		bars++;
	assert_int_equal(bars, 3);
	assert_contains(text, "</svg>\n");
}

static void test_json_has_what_is_known_and_why_not(void **state)
{
	struct timeline timeline = sample();
	cleanup_json struct json_object *object = timeline_to_json(&timeline);
	struct json_object *stages, *stage, *spans;
	uint64_t number;

	(void)state;
	assert_true(json_get_number(object, "blackout_ns", &number));
	assert_int_equal(number, 1000000000);
	assert_true(json_get_number(object, "tsc_hz", &number));
	assert_int_equal(number, 2000000000);
	assert_true(json_object_object_get_ex(object, "stages", &stages));
	assert_int_equal(json_object_array_length(stages), STAGE_COUNT);
	stage = json_object_array_get_idx(stages, STAGE_DIGEST);
	assert_string_equal(json_get_text(stage, "unknown_because"), "lost");
	assert_false(json_get_number(stage, "ns", &number));
	assert_true(json_object_object_get_ex(object, "spans", &spans));
	assert_int_equal(json_object_array_length(spans), 3);
	assert_true(json_get_number(json_object_array_get_idx(spans, 1), "ns", &number));
	assert_int_equal(number, 300000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bars_follow_one_another),
	    cmocka_unit_test(test_with_two_axes_there_is_no_sum),
	    cmocka_unit_test(test_where_nothing_is_known_nothing_is_drawn),
	    cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_the_picture_escapes_and_has_a_bar_for_each_span),
	    cmocka_unit_test(test_json_has_what_is_known_and_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
