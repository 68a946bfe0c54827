/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/show.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/join-files.h"
#include "test-support/sample-plan.h"
#include "test-support/test.h"

static void put_json(struct json_object **object)
{
	json_object_put(*object);
}
#define cleanup_json cleanup_with(put_json)

static char *shown(const struct plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	plan_show_text(plan, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Through text and back, as a reader gets it. */
static struct json_object *parsed(const struct plan *plan)
{
	cleanup_json struct json_object *object = plan_to_json(plan);
	struct json_object *again = json_tokener_parse(json_object_to_json_string(object));

	assert_non_null(again);
	return again;
}

static struct json_object *field(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_row(key, json_object_object_get_ex(object, key, &value));
	return value;
}

static const char *text_field(struct json_object *object, const char *key)
{
	return json_object_get_string(field(object, key));
}

static void test_json_has_its_schema_and_every_segment(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_json struct json_object *json = NULL;
	struct json_object *segments;
	char text[32];

	(void)state;
	assert_int_equal(plan_note(plan, PLAN_NOTE, "a \"note\" with a \\ in it"), 0);
	assert_int_equal(plan_seal(plan, NULL), 0);
	json = parsed(plan);
	assert_string_equal(text_field(json, "schema"), "kexec-plan");
	assert_int_equal(json_object_get_int(field(json, "schema_version")), PLAN_SCHEMA_VERSION);
	assert_string_equal(text_field(json, "method"), "segments");
	assert_string_equal(text_field(json, "method_reason"), plan->method_reason);
	assert_string_equal(text_field(json, "form"), "plain");
	assert_string_equal(text_field(json, "form_reason"), plan->form_reason);
	assert_string_equal(text_field(json, "protocol"), plan->protocol);
	assert_string_equal(text_field(json, "kernel"), plan->kernel_path);
	assert_string_equal(text_field(json, "kernel_version"), plan->kernel_version);
	assert_string_equal(text_field(json, "command_line"), plan->command_line);
	assert_int_equal(json_object_array_length(field(json, "initrds")), 0);
	assert_string_equal(
	    json_object_get_string(json_object_array_get_idx(field(json, "notes"), 0)),
	    "a \"note\" with a \\ in it");
	assert_int_equal(json_object_array_length(field(json, "told_memory")), 1);
	assert_int_equal(json_object_array_length(field(json, "usable_memory")), 1);
	assert_true(json_object_get_boolean(field(json, "checked")));
	segments = field(json, "segments");
	assert_int_equal(json_object_array_length(segments), plan->segment_count);
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct json_object *segment = json_object_array_get_idx(segments, i);

		assert_string_equal(text_field(segment, "name"), plan->segments[i].name);
		snprintf(text, sizeof(text), "0x%" PRIx64, plan->segments[i].destination.start);
		assert_string_equal(text_field(segment, "start"), text);
		snprintf(text, sizeof(text), "0x%" PRIx64, plan->segments[i].digest);
		assert_string_equal(text_field(segment, "xxh3"), text);
		assert_int_equal(json_object_get_int64(field(segment, "content_size")),
				 plan->segments[i].content_size);
	}
}

/* RFC 3629, section 4: each byte that is part of no sequence becomes one '?'. */
static void test_json_is_utf8_whatever_the_bytes_of_a_path_or_command_line(void **state)
{
	static const struct {
		const char *bytes, *shown;
	} rows[] = {
	    {"plain", "plain"},
	    {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7"},
	    {"\xff-\xfe", "?-?"},
	    {"\x80", "?"},
	    {"\xc3(", "?("},
	    {"\xc0\xaf", "??"},
	    {"\xe0\x80\xaf", "???"},
	    {"\xe0\xa0\x80", "\xe0\xa0\x80"},
	    {"\xed\x9f\xbf", "\xed\x9f\xbf"},
	    {"\xed\xa0\x80", "???"}, /* half of a surrogate pair */
	    {"\xf0\x8f\xbf\xbf", "????"},
	    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
	    {"\xf4\x90\x80\x80", "????"},
	    {"\xf5\x80\x80\x80", "????"},
	    {"cut \xe2\x82", "cut ??"},
	    {"cut \xf0", "cut ?"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = sample_plan();
		cleanup_json struct json_object *json = NULL;

		free(plan->kernel_path);
		free(plan->command_line);
		plan->kernel_path = strdup(rows[i].bytes);
		plan->command_line = strdup(rows[i].bytes);
		json = parsed(plan);
		assert_string_equal(text_field(json, "kernel"), rows[i].shown);
		assert_string_equal(text_field(json, "command_line"), rows[i].shown);
		assert_string_equal(plan->kernel_path, rows[i].bytes);
	}
}

static void test_json_of_an_unchecked_plan_has_no_digests(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_json struct json_object *json = NULL;
	struct json_object *segment;

	(void)state;
	plan->check = false;
	assert_int_equal(plan_seal(plan, NULL), 0);
	json = parsed(plan);
	segment = json_object_array_get_idx(field(json, "segments"), 0);
	assert_false(json_object_object_get_ex(segment, "xxh3", NULL));
	assert_int_equal(json_object_get_int(field(segment, "checked_size")), 0);
	assert_false(json_object_get_boolean(field(json, "checked")));
}

static void test_json_of_a_plan_by_file_has_no_addresses(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_json struct json_object *json = NULL;

	(void)state;
	plan->method = PLAN_FILE;
	json = parsed(plan);
	assert_string_equal(text_field(json, "method"), "file");
	assert_false(json_object_object_get_ex(json, "segments", NULL));
	assert_false(json_object_object_get_ex(json, "entry", NULL));
}

static void test_the_text_names_every_segment_with_its_digest(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_free char *text = NULL;
	char number[40];

	(void)state;
	assert_int_equal(plan_note(plan, PLAN_NOTE, "something to know"), 0);
	assert_int_equal(plan_note(plan, PLAN_WARNING, "something to fear"), 0);
	assert_int_equal(plan_seal(plan, NULL), 0);
	text = shown(plan);
	assert_contains(text, "segments (kexec_load), because a test asks for it");
	assert_contains(text, "form:         plain, because a test asks for that\n");
	assert_contains(text, plan->command_line);
	assert_contains(text, "note:         something to know\n");
	assert_contains(text, "warning:      something to fear\n");
	for (size_t i = 0; i < plan->segment_count; i++) {
		assert_contains(text, plan->segments[i].name);
		snprintf(number, sizeof(number), "%016" PRIx64, plan->segments[i].digest);
		assert_contains(text, number);
	}
	snprintf(number, sizeof(number), "entry: 0x%" PRIx64, plan->entry);
	assert_contains(text, number);
}

/* From a recording, a kernel's header, a file's name. */
static void test_the_text_holds_nothing_that_moves_a_cursor(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_free char *text = NULL;
	cleanup_folder struct folder folder;
	struct blob *initrd = NULL;
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_text(&folder, "initrd\x1b[31m", "x");
	assert_int_equal(blob_open(&initrd, path, NULL), 0);
	plan->initrds = plan_own(plan, initrd);
	free(plan->command_line);
	free(plan->kernel_version);
	plan->command_line = strdup("quiet\rline \xc3\xa4 \x9b");
	plan->kernel_version = strdup("6.1\x1b[2J");
	assert_int_equal(plan_note(plan, PLAN_NOTE, "note\nsecond\x1b"), 0);
	text = shown(plan);
	assert_contains(text, "initrd?[31m, 1 bytes\n");
	assert_contains(text, "quiet?line \xc3\xa4 ?\n");
	assert_contains(text, "6.1?[2J\n");
	assert_contains(text, "note?second?\n");
	for (const char *at = text; *at; at++)
		assert_true((unsigned char)*at >= 0x20 || *at == '\n');
}

static void test_the_text_of_a_plan_by_file_says_who_places(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_free char *text = NULL;

	(void)state;
	plan->method = PLAN_FILE;
	text = shown(plan);
	assert_contains(text, "file (kexec_file_load)");
	assert_contains(text, "placed by the kernel");
	assert_lacks(text, "memory, to scale");
}

static void test_files_are_listed_with_their_sizes(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_json struct json_object *json = NULL;
	cleanup_free char *text = NULL;
	cleanup_folder struct folder folder;
	struct blob *initrds = NULL;
	const char *paths[2];

	(void)state;
	folder_make(&folder);
	paths[0] = folder_text(&folder, "a.img", "12345");
	paths[1] = folder_text(&folder, "b.img", "1");
	assert_int_equal(truncate(paths[1], 1536 * 1024), 0);
	initrds = join_files(paths, 2);
	plan->initrds = plan_own(plan, initrds);
	text = shown(plan);
	assert_contains(text, "a.img, 5 bytes\n");
	assert_contains(text, "b.img, 1.5 MiB\n");
	json = parsed(plan);
	assert_int_equal(json_object_array_length(field(json, "initrds")), 2);
	assert_string_equal(
	    text_field(json_object_array_get_idx(field(json, "initrds"), 1), "path"), paths[1]);
}

/* The drawing's cell for an address, found by the row's own label. */
static char cell_at(const char *text, uint64_t row, uint64_t column)
{
	char label[32];
	const char *line;

	snprintf(label, sizeof(label), "  0x%010" PRIx64 " |", row);
	line = strstr(text, label);
	assert_row(label, line != NULL);
	return line[strlen(label) + column];
}

static void test_the_map_is_drawn_to_scale(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_free char *text = NULL;

	(void)state;
	/* 128 MiB in at most 1024 cells: 128 KiB a cell, 8 MiB a row. */
	plan->segments[SAMPLE_KERNEL].destination = (struct range){0x1000000, 0x1050000};
	plan->segments[SAMPLE_INITRD].destination = (struct range){0x1050000, 0x1060000};
	plan->segments[SAMPLE_PURGATORY].destination = (struct range){0x7fff000, 0x8000000};
	text = shown(plan);
	assert_contains(text, "one character is 128.0 KiB");
	assert_int_equal(cell_at(text, 0x0000000, 7), '-'); /* told, not usable */
	assert_int_equal(cell_at(text, 0x0000000, 8), '.'); /* usable from 1 MiB on */
	assert_int_equal(cell_at(text, 0x1000000, 0), 'K');
	assert_int_equal(cell_at(text, 0x1000000, 1), 'K');
	assert_int_equal(cell_at(text, 0x1000000, 2), '*'); /* the kernel's end and the initrd */
	assert_int_equal(cell_at(text, 0x1000000, 3), '.');
	assert_int_equal(cell_at(text, 0x7800000, 63), 'P');
	assert_int_equal(cell_at(text, 0x7800000, 64), '|');
	assert_lacks(text, "0x0008000000 |");
}

static void test_a_map_up_to_the_last_address_ends(void **state)
{
	cleanup_plan struct plan *plan = sample_plan();
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(
	    map_add(&plan->usable, (struct range){UINT64_MAX - 0xffff, UINT64_MAX}, 1, "odd"), 0);
	alarm(5); /* instead of the test's whole time limit */
	text = shown(plan);
	alarm(0);
	assert_contains(text, "kernel");
	assert_true(strlen(text) < 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_json_has_its_schema_and_every_segment),
	    cmocka_unit_test(test_json_is_utf8_whatever_the_bytes_of_a_path_or_command_line),
	    cmocka_unit_test(test_json_of_an_unchecked_plan_has_no_digests),
	    cmocka_unit_test(test_json_of_a_plan_by_file_has_no_addresses),
	    cmocka_unit_test(test_the_text_names_every_segment_with_its_digest),
	    cmocka_unit_test(test_the_text_holds_nothing_that_moves_a_cursor),
	    cmocka_unit_test(test_the_text_of_a_plan_by_file_says_who_places),
	    cmocka_unit_test(test_files_are_listed_with_their_sizes),
	    cmocka_unit_test(test_the_map_is_drawn_to_scale),
	    cmocka_unit_test(test_a_map_up_to_the_last_address_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
