/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/svg-text.h"
#include "base/utf8.h"
#include "plan/plan.h"
#include "plan/show.h"
#include "test-support/folder.h"
#include "test-support/sample-plan.h"
#include "test-support/test.h"

enum { DEPTH_MAX = 16, FOUND_MAX = 64, LABEL_HEIGHT = 40 };

static char *draw(const struct plan *plan)
{
	char *picture = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&picture, &size);

	assert_non_null(out);
	assert_int_equal(plan_show_svg(plan, out), 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(picture), size);
	return picture;
}

/* Characters that XML allows, and markup that nests; what the elements mean is not looked at. */
static void assert_well_formed(const char *xml)
{
	char names[DEPTH_MAX][16];
	size_t depth = 0, roots = 0;

	for (const char *at = xml; *at;) {
		size_t length = utf8_length(at);

		assert_true(length > 0);
		assert_true((unsigned char)*at >= 0x20 || *at == '\n' || *at == '\t');
		assert_int_not_equal(*at, 0x7f);
		if (*at == '&') {
			const char *end = strchr(at, ';');

			assert_non_null(end);
			assert_true(strspn(at + 1, "ampltgquo") == (size_t)(end - at) - 1);
		}
		assert_int_not_equal(*at, '>');
		if (*at != '<') {
			at += length;
			continue;
		}
		length = strcspn(at + 1, "<>") + 2;
		assert_int_equal(at[length - 1], '>');
		if (at[1] == '/') {
			assert_true(depth-- > 0);
			assert_true(strncmp(at + 2, names[depth], strlen(names[depth])) == 0);
		} else if (at[1] != '?' && at[length - 2] != '/') {
			assert_true(depth < DEPTH_MAX);
			roots += depth == 0;
			sscanf(at + 1, "%15[a-z]", names[depth++]);
		}
		at += length;
	}
	assert_int_equal(depth, 0);
	assert_int_equal(roots, 1);
}

struct box {
	double x, y, width, height;
	char name[CHECK_NAME_SIZE];
};

/* The segments' rectangles of the right bar, in the order in which they are drawn. */
static size_t find_segments(const char *xml, const char *class, struct box *boxes)
{
	char start[40];
	size_t count = 0;

	snprintf(start, sizeof(start), "<rect class=\"%s\"", class);
	while ((xml = strstr(xml, start))) {
		struct box *box = &boxes[count++];

		assert_true(count < FOUND_MAX);
		xml += strlen(start);
		assert_int_equal(sscanf(xml,
					" x=\"%lf\" y=\"%lf\" width=\"%lf\" height=\"%lf\" "
					"fill=\"#%*[0-9a-f]\"><title>%23[^ ]",
					&box->x, &box->y, &box->width, &box->height, box->name),
				 5);
	}
	return count;
}

static void assert_apart(const struct box *boxes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_true(boxes[i].height >= 6.9);
		for (size_t j = 0; j < i; j++)
			assert_true(boxes[i].y >= boxes[j].y + boxes[j].height - 0.02 ||
				    boxes[j].y >= boxes[i].y + boxes[i].height - 0.02);
	}
}

/* The labels' first lines, from the top. */
static void assert_labels_apart(const char *xml, size_t expected)
{
	static const char end[] = "\" class=\"name\">";
	double last = -1000;
	size_t count = 0;

	for (const char *at = xml; (at = strstr(at, end)); count++) {
		const char *start = at;
		double y;

		while (start > xml && strncmp(start, " y=\"", 4) != 0)
			start--;
		y = strtod(start + 4, NULL);
		assert_true(y >= last + LABEL_HEIGHT - 0.2);
		last = y;
		at += strlen(end);
	}
	assert_int_equal(count, expected);
}

static void test_every_segment_is_drawn_and_labelled(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct box boxes[FOUND_MAX], overview[FOUND_MAX];
	cleanup_free char *xml = NULL;

	(void)state;
	assert_int_equal(plan_seal(plan, NULL), 0);
	xml = draw(plan);
	assert_well_formed(xml);
	assert_int_equal(find_segments(xml, "segment", boxes), SAMPLE_COUNT);
	assert_int_equal(find_segments(xml, "overview", overview), SAMPLE_COUNT);
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		assert_string_equal(boxes[i].name, plan->segments[i].name);
	assert_apart(boxes, SAMPLE_COUNT);
	assert_apart(overview, SAMPLE_COUNT);
	assert_labels_apart(xml, SAMPLE_COUNT);
	assert_contains(xml, "Linux 6.12.0-test");
	assert_contains(xml, "segments (kexec_load), because a test asks for it");
	assert_contains(xml, "root=/dev/vda1 quiet");
	assert_contains(xml, "RAM where segments may lie");
	assert_lacks(xml, "ACPI tables");
	assert_lacks(xml, "<script");
}

/* Two pages side by side at the one end of 6 GiB, what is large at the other. */
static void test_a_page_among_gigabytes_can_be_seen(void **state)
{
	static const struct range places[SAMPLE_COUNT] = {
	    {0x1fffb6000, 0x200000000}, {0x100000, 0x101000}, {0x101000, 0x102000}};
	cleanup_plan struct plan *plan = sample_plan();
	struct box boxes[FOUND_MAX];
	cleanup_free char *xml = NULL;

	(void)state;
	map_fini(&plan->told);
	map_fini(&plan->usable);
	assert_int_equal(map_add(&plan->told, (struct range){0, 0x80000000}, 1, "System RAM"), 0);
	assert_int_equal(map_add(&plan->told, (struct range){0xfec00000, 0xfec01000}, 2, "R"), 0);
	assert_int_equal(
	    map_add(&plan->told, (struct range){0x100000000, 0x200000000}, 1, "System RAM"), 0);
	assert_int_equal(map_add(&plan->told, (struct range){0xfd00000000, 0x10000000000}, 2, "R"),
			 0);
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		plan->segments[i].destination = places[i];
	xml = draw(plan);
	assert_well_formed(xml);
	assert_int_equal(find_segments(xml, "overview", boxes), SAMPLE_COUNT);
	assert_apart(boxes, SAMPLE_COUNT);
	assert_true(boxes[1].y < boxes[2].y && boxes[2].y < boxes[0].y);
	assert_int_equal(find_segments(xml, "segment", boxes), SAMPLE_COUNT);
	assert_apart(boxes, SAMPLE_COUNT);
	assert_labels_apart(xml, SAMPLE_COUNT);
	assert_contains(xml, "0x0000101000-0x0000102000");
	assert_contains(xml, "class=\"break\"");
}

/* As many as the kernel takes, side by side in the last pages of all addresses. */
static void test_many_small_segments_have_labels_of_their_own(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	struct box boxes[FOUND_MAX];
	cleanup_free char *xml = NULL;

	(void)state;
	plan->segment_count = PLAN_SEGMENTS_MAX;
	for (size_t i = 0; i < PLAN_SEGMENTS_MAX; i++) {
		uint64_t start = UINT64_MAX - 0x1000 * (i + 1);

		plan->segments[i].destination = (struct range){start, start + 0x1000};
		snprintf(plan->segments[i].name, CHECK_NAME_SIZE, "number-%zu", i);
	}
	xml = draw(plan);
	assert_well_formed(xml);
	assert_int_equal(find_segments(xml, "segment", boxes), PLAN_SEGMENTS_MAX);
	assert_apart(boxes, PLAN_SEGMENTS_MAX);
	assert_int_equal(find_segments(xml, "overview", boxes), PLAN_SEGMENTS_MAX);
	assert_apart(boxes, PLAN_SEGMENTS_MAX);
	assert_labels_apart(xml, PLAN_SEGMENTS_MAX);
}

static void test_a_map_of_many_ranges_keeps_the_picture_small(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_free char *xml = NULL;
	unsigned int height;

	(void)state;
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(
		    map_add(&plan->told,
			    (struct range){0x10000000 + i * 0x3000, 0x10001000 + i * 0x3000}, i % 9,
			    "x"),
		    0);
	xml = draw(plan);
	assert_well_formed(xml);
	assert_int_equal(sscanf(strstr(xml, "height="), "height=\"%u\"", &height), 1);
	assert_true(height < 1200);
}

static void test_foreign_text_does_no_harm(void **state)
{
	static const char *const texts[] = {
	    "<script>alert(1)</script> & \"quotes\" 'too' ]]> <!-- -->",
	    "\x01\x02\t\n\r\x1b[31m\x7f",
	    "\x80\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82",
	    "\xef\xbf\xbe\xef\xbf\xbf\xc2\x85 f\xc3\xbcr \xf0\x9f\x98\x80",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		cleanup_plan struct plan *plan = sample_plan();
		cleanup_free char *xml = NULL;

		free(plan->command_line);
		free(plan->kernel_version);
		free(plan->method_reason);
		plan->command_line = strdup(texts[i]);
		plan->kernel_version = strdup(texts[i]);
		plan->method_reason = strdup(texts[i]);
		snprintf(plan->segments[0].name, CHECK_NAME_SIZE, "%s", texts[i]);
		assert_int_equal(plan_note(plan, PLAN_NOTE, "%s", texts[i]), 0);
		xml = draw(plan);
		assert_well_formed(xml);
		assert_lacks(xml, "<script");
		if (i == 3)
			assert_contains(xml, "??? f\xc3\xbcr \xf0\x9f\x98\x80");
	}
}

static void test_a_long_command_line_is_shortened_and_says_so(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_free char *xml = NULL;
	char line[2048];

	(void)state;
	memset(line, 'w', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	free(plan->command_line);
	plan->command_line = strdup(line);
	xml = draw(plan);
	assert_well_formed(xml);
	assert_contains(xml, "wwww\xe2\x80\xa6</text>");
	assert_lacks(xml, line);
}

/* The user's file, not what came out of it. */
static void test_a_wrapped_kernel_is_named_by_its_file(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_folder struct folder folder;
	struct blob *wrapped = NULL;
	cleanup_free char *xml = NULL;
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_text(&folder, "vmlinuz.gz", "x");
	assert_int_equal(blob_open(&wrapped, path, NULL), 0);
	plan->wrapped = plan_own(plan, wrapped);
	xml = draw(plan);
	assert_contains(xml, "vmlinuz.gz, 1 bytes");
}

static char *cut_path(const char *path, size_t max)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	svg_put_path(out, path, max);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_a_long_path_loses_its_beginning_by_characters(void **state)
{
	static const struct {
		const char *path, *cut;
	} rows[] = {
	    {"", ""},
	    {"abcd", "abcd"},
	    {"abcde", "…cde"},
	    {"äöüß", "äöüß"},
	    {"aäöüß", "…öüß"},
	    {"€€€€€€", "…€€€"},
	    {"\xff\xff"
	     "abc",
	     "…abc"},
	    {"\xff\xff"
	     "ab",
	     "??ab"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *cut = cut_path(rows[i].path, 4);

		assert_string_equal(cut, rows[i].cut);
	}
}

static void test_by_file_the_kernel_places_the_segments(void **state)
{
	cleanup_plan struct plan *plan = plan_new(PLAN_FILE);
	struct box boxes[FOUND_MAX];
	cleanup_free char *xml = NULL;

	(void)state;
	assert_non_null(plan);
	plan->method_reason = strdup("-s asks for it");
	plan->protocol = strdup("test protocol");
	plan->kernel_version = strdup("");
	plan->command_line = strdup("quiet");
	xml = draw(plan);
	assert_well_formed(xml);
	assert_int_equal(find_segments(xml, "segment", boxes), 0);
	assert_contains(xml, "The running kernel places the segments");
	assert_contains(xml, "file (kexec_file_load), because -s asks for it");
}

static void test_what_is_for_a_panic_says_so(void **state)
{
	cleanup_plan struct plan *plan = plan_new(PLAN_FILE);
	cleanup_free char *normal = NULL, *crash = NULL;

	(void)state;
	assert_non_null(plan);
	plan->method_reason = strdup("-s asks for it");
	plan->protocol = strdup("test protocol");
	plan->kernel_version = strdup("");
	plan->command_line = strdup("quiet");
	normal = draw(plan);
	assert_lacks(normal, "a panic");
	plan->kind = PLAN_CRASH;
	crash = draw(plan);
	assert_well_formed(crash);
	assert_contains(crash, "a panic");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_segment_is_drawn_and_labelled),
	    cmocka_unit_test(test_a_page_among_gigabytes_can_be_seen),
	    cmocka_unit_test(test_many_small_segments_have_labels_of_their_own),
	    cmocka_unit_test(test_a_map_of_many_ranges_keeps_the_picture_small),
	    cmocka_unit_test(test_foreign_text_does_no_harm),
	    cmocka_unit_test(test_a_long_command_line_is_shortened_and_says_so),
	    cmocka_unit_test(test_a_wrapped_kernel_is_named_by_its_file),
	    cmocka_unit_test(test_a_long_path_loses_its_beginning_by_characters),
	    cmocka_unit_test(test_by_file_the_kernel_places_the_segments),
	    cmocka_unit_test(test_what_is_for_a_panic_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
