/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secrets of a load: they reach the kernel, and nothing of them is left anywhere else. */
#include "handover/secret-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/secret.h"
#include "load/load.h"
#include "plan/show.h"
#include "test-support/archive.h"
#include "test-support/fake-calls.h"
#include "test-support/locked-memory.h"
#include "test-support/marker.h"
#include "test-support/scene.h"

#define SWAP_ON_A_DISK "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n"

enum { KEY_SIZE = 5000 };

static struct request_file files[2];

/* What a row of tests starts with: a key with the marker, to become /etc/keys/root.key. */
static void add_key(struct scene *scene, const struct marker *marker)
{
	const char *path = folder_path(&scene->tree.folder, "key");

	marker_write(marker, path, KEY_SIZE);
	files[0] = (struct request_file){path, "/etc/keys/root.key", 0600};
	scene->request.files = files;
	scene->request.file_count = 1;
}

static const struct marker *expected;
static size_t seen;

/* During the call: how often the kernel would get it. */
static void look(void *argument)
{
	(void)argument;
	for (size_t i = 0; i < fake_calls.segment_count && fake_calls.load_count; i++)
		seen += marker_count(expected, fake_calls.segments[i].buf,
				     fake_calls.segments[i].bufsz);
	seen += marker_count(expected, fake_calls.initrd, fake_calls.initrd_size);
}

static void expect(const struct marker *marker)
{
	fake_calls_reset(NULL);
	expected = marker;
	seen = 0;
	fake_calls.during_load = look;
}

/* The kernel's own copy is no concern of ours. */
static void forget_what_the_kernel_got(void)
{
	secret_wipe(fake_calls.initrd, sizeof(fake_calls.initrd));
}

static void test_no_copy_is_left_whatever_becomes_of_the_load(void **state)
{
	static const struct {
		const char *row;
		enum method_wish method;
		int load_code, file_code;
		size_t seen;
		bool skip_check;
	} rows[] = {
	    {"kexec_load", METHOD_SEGMENTS_ONLY, 0, 0, 1, false},
	    {"kexec_load, unchecked", METHOD_SEGMENTS_ONLY, 0, 0, 1, true},
	    {"kexec_load refuses", METHOD_SEGMENTS_ONLY, EBUSY, 0, 1, false},
	    {"kexec_file_load", METHOD_FILE_ONLY, 0, 0, 1, false},
	    {"kexec_file_load refuses", METHOD_FILE_ONLY, 0, EKEYREJECTED, 1, false},
	    {"both, and the second loads", METHOD_FILE_THEN_SEGMENTS, 0, ENOEXEC, 2, false},
	    {"both refuse", METHOD_FILE_THEN_SEGMENTS, EINVAL, ENOEXEC, 2, false},
	};
	struct scene *scene = *state;
	struct marker marker;

	marker_make(&marker);
	add_key(scene, &marker);
	scene->initrds[1] = folder_text(&scene->tree.folder, "second.img", "070701 more bytes");
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (size_t count = 0; count <= 2; count++) {
			struct handover_result result = {};
			int r;

			expect(&marker);
			fake_calls.load_code = rows[i].load_code;
			fake_calls.file_code = rows[i].file_code;
			scene->request.method = rows[i].method;
			scene->request.skip_check = rows[i].skip_check;
			scene->request.initrd_count = count;
			r = scene_load(scene, &result, NULL);
			assert_row(rows[i].row, (r == 0) == (result.plan != NULL));
			/* By kexec_file_load the fake kernel still holds the first attempt's. */
			forget_what_the_kernel_got();
			assert_row(rows[i].row, seen >= rows[i].seen);
			assert_row(rows[i].row, marker_scan(&marker) == 0);
			plan_free(result.plan);
			assert_row(rows[i].row, marker_scan(&marker) == 0);
		}
}

/* The scan would see what is there. */
static void test_a_plan_holds_the_secret_in_memory_of_its_own_until_it_is_freed(void **state)
{
	/* For kexec_load there is the archive, and its copy in the mapping. */
	static const struct {
		enum method_wish method;
		size_t copies;
	} rows[] = {{METHOD_SEGMENTS_ONLY, 2}, {METHOD_FILE_ONLY, 1}};
	struct scene *scene = *state;
	struct marker marker;

	marker_make(&marker);
	add_key(scene, &marker);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct plan *plan;

		scene->request.method = rows[i].method;
		plan = scene_plan(scene);
		assert_int_equal(marker_scan(&marker), rows[i].copies);
		assert_int_equal(marker_count(&marker, plan->initrds->address, plan->initrds->size),
				 rows[i].copies - 1);
		plan_free(plan);
		assert_int_equal(marker_scan(&marker), 0);
	}
}

static void test_a_load_that_fails_before_the_call_leaves_no_copy(void **state)
{
	struct scene *scene = *state;
	struct marker marker;
	struct handover_result result;

	marker_make(&marker);
	add_key(scene, &marker);
	expect(&marker);
	files[1] = (struct request_file){folder_path(&scene->tree.folder, "none"), "/b", 0600};
	scene->request.file_count = 2;
	assert_true(scene_load(scene, &result, NULL) < 0);
	assert_int_equal(marker_scan(&marker), 0);
	scene->request.file_count = 1;
	scene->initrds[1] = folder_path(&scene->tree.folder, "no-initrd");
	scene->request.initrd_count = 2;
	assert_true(scene_load(scene, &result, NULL) < 0);
	assert_int_equal(marker_scan(&marker), 0);
	scene->request.initrd_count = 1;
	scene->request.load_max = 0x3000; /* no room */
	scene->request.method = METHOD_SEGMENTS_ONLY;
	assert_true(scene_load(scene, &result, NULL) < 0);
	assert_int_equal(marker_scan(&marker), 0);
	assert_int_equal(fake_calls.load_count + fake_calls.file_count, 0);
}

/* A pipe can be read once, and there are two attempts. */
static void test_a_pipe_serves_both_attempts(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};
	struct marker marker;
	char name[32];
	int ends[2];

	marker_make(&marker);
	add_key(scene, &marker);
	assert_int_equal(pipe(ends), 0);
	{
		cleanup_secret struct secret key = {};

		assert_int_equal(secret_read(&key, files[0].source, KEY_SIZE, NULL), 0);
		assert_int_equal(write(ends[1], key.bytes, key.size), KEY_SIZE);
	}
	close(ends[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	files[0].source = name;
	expect(&marker);
	fake_calls.file_code = ENOEXEC;
	scene->request.method = METHOD_FILE_THEN_SEGMENTS;
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_true(result.fell_back);
	assert_int_equal(fake_calls.load_count, 1);
	forget_what_the_kernel_got();
	assert_true(seen >= 2);
	assert_int_equal(marker_scan(&marker), 0);
	close(ends[0]);
}

/* What kexec_file_load gets: the initrd, the archive, and the bootconfig at the very end. */
static void test_a_bootconfig_stays_at_the_very_end(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct archive archive = {};
	struct error error = {};
	struct marker marker;
	const uint8_t *end;

	archive_add(&archive, "init", "text");
	archive_add(&archive, "TRAILER!!!", "");
	archive_add_bootconfig(&archive, "key = value\n", 12);
	scene->initrds[0] =
	    folder_write(&scene->tree.folder, "with.img", archive.bytes, archive.size);
	marker_make(&marker);
	add_key(scene, &marker);
	expect(&marker);
	scene->request.method = METHOD_FILE_ONLY;
	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(seen, 1);
	assert_memory_equal(fake_calls.initrd, archive.bytes, archive.size - 12 - 20);
	end = fake_calls.initrd + fake_calls.initrd_size;
	assert_memory_equal(end - 12, "#BOOTCONFIG\n", 12);
	assert_memory_equal(end - 12 - 8 - 12, "key = value\n", 12);
	assert_int_equal(memcmp(end - 12 - 8 - 12 - 4, "\0\0\0\0", 4), 0);
	assert_contains(result.plan->notes[0].text, "was put behind all initrds");
}

static void test_a_filesystem_cannot_be_the_initrd_beside_a_secret(void **state)
{
	struct scene *scene = *state;
	struct marker marker;
	struct plan *plan;

	scene->initrds[0] = folder_text(&scene->tree.folder, "fs.img", "hsqs and so on");
	marker_make(&marker);
	add_key(scene, &marker);
	plan = scene_plan(scene);
	assert_int_equal(plan->note_count, 1);
	assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
	assert_contains(plan->notes[0].text, "it must be the only initrd");
	plan_free(plan);
}

static void test_only_paths_modes_and_sizes_are_told(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	cleanup_free char *record = NULL, *text = NULL;
	cleanup_json struct json_object *json = NULL;
	struct json_object *list, *file, *segments;
	struct error error = {};
	struct marker marker;
	char digest[24];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	marker_make(&marker);
	add_key(scene, &marker);
	scene->request.method = METHOD_SEGMENTS_ONLY;
	assert_int_equal(scene_load(scene, &result, &error), 0);
	plan_show_text(result.plan, out);
	plan_show_svg(result.plan, out);
	fclose(out);
	record = folder_read(&scene->tree.folder, "run/kexec/loaded.json");
	json = json_tokener_parse(record);
	assert_true(json_object_object_get_ex(json, "added_files", &list));
	assert_int_equal(json_object_array_length(list), 1);
	file = json_object_array_get_idx(list, 0);
	assert_int_equal(json_object_object_length(file), 3);
	assert_string_equal(json_object_get_string(json_object_object_get(file, "mode")), "0600");
	assert_string_equal(json_object_get_string(json_object_object_get(file, "path")),
			    "/etc/keys/root.key");
	assert_int_equal(json_object_get_int(json_object_object_get(file, "size")), KEY_SIZE);
	assert_contains(text, "added file:   /etc/keys/root.key, mode 0600, 4.9 KiB");
	/* Nor where it came from. */
	assert_lacks(record, files[0].source);
	/* By a digest a secret that is short could be guessed. */
	assert_true(json_object_object_get_ex(json, "segments", &segments));
	for (size_t i = 0; i < result.plan->segment_count; i++) {
		const struct plan_segment *segment = &result.plan->segments[i];
		struct json_object *told = json_object_array_get_idx(segments, i);
		bool is_initrd = strcmp(segment->name, "initrd") == 0;

		assert_int_not_equal(segment->digest, 0);
		assert_row(segment->name,
			   json_object_object_get_ex(told, "xxh3", NULL) == !is_initrd);
		snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)segment->digest);
		assert_row(segment->name, (strstr(text, digest) == NULL) == is_initrd);
	}
}

static void test_swap_that_is_not_encrypted_forbids_a_load(void **state)
{
	struct scene *scene = *state;
	struct marker marker;
	struct handover_result result;
	struct error error = {};
	struct plan *plan;

	marker_make(&marker);
	add_key(scene, &marker);
	machine_tree_write(&scene->tree, "proc/swaps", SWAP_ON_A_DISK);
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_FORBIDDEN, "not encrypted");
	assert_string_equal(error.failures[0].subject, "/dev/sda2");
	assert_int_equal(fake_calls.load_count + fake_calls.file_count, 0);
	plan = scene_plan(scene);
	assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
	assert_contains(plan->notes[0].text, "(/dev/sda2): secrets are loaded only with");
	plan_free(plan);
	scene->request.allow_swap = true;
	assert_int_equal(scene_load(scene, &result, NULL), 0);
	assert_int_equal(result.plan->notes[0].weight, PLAN_NOTE);
	assert_contains(result.plan->notes[0].text, "/dev/sda2");
	plan_free(result.plan);
	/* No secret, no matter. */
	scene->request.allow_swap = false;
	scene->request.file_count = 0;
	assert_int_equal(scene_load(scene, &result, NULL), 0);
	assert_int_equal(result.plan->note_count, 0);
	plan_free(result.plan);
}

static void test_swap_that_cannot_be_seen_is_not_believed_to_be_none(void **state)
{
	struct scene *scene = *state;
	struct marker marker;
	struct handover_result result;
	struct error error = {};

	marker_make(&marker);
	add_key(scene, &marker);
	machine_tree_write(&scene->tree, "proc/swaps/x", "a folder in its place");
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_FORBIDDEN, "/proc/swaps");
	scene->request.allow_swap = true;
	assert_int_equal(scene_load(scene, &result, NULL), 0);
	plan_free(result.plan);
}

/* The text of the one warning that a file of that size and path causes; NULL: it causes none. */
static char *warning_for(struct scene *scene, size_t size, const char *path)
{
	cleanup_plan struct plan *plan = NULL;
	cleanup_free uint8_t *bytes = calloc(1, size + 1);

	files[0] = (struct request_file){folder_write(&scene->tree.folder, "file", bytes, size),
					 path, 0600};
	scene->request.files = files;
	scene->request.file_count = 1;
	plan = scene_plan(scene);
	assert_true(plan->note_count <= 1);
	return plan->note_count ? strdup(plan->notes[0].text) : NULL;
}

static void test_what_is_probably_wrong_is_warned_of(void **state)
{
	static const struct {
		const char *path;
		size_t size;
		const char *part;
	} rows[] = {
	    {"/etc/a", 1, NULL},
	    {"/etc/a", 0, "is empty"},
	    {"/run/a", 1, "mounts something over /run"},
	    {"/etc/a", (1 << 20) + 1, NULL},
	    {"/.extra/credentials/a.cred", 1 << 20, NULL},
	    {"/.extra/credentials/a.cred", (1 << 20) + 1, "systemd takes no more than 1048576"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *text = warning_for(*state, rows[i].size, rows[i].path);

		assert_row(rows[i].path, !text == !rows[i].part);
		if (text)
			assert_contains(text, rows[i].part);
	}
}

static void test_a_file_has_16_mib_at_most(void **state)
{
	struct scene *scene = *state;
	struct plan *plan;
	const char *path = folder_text(&scene->tree.folder, "large", "x");

	files[0] = (struct request_file){path, "/a", 0600};
	scene->request.files = files;
	scene->request.file_count = 1;
	scene->request.method = METHOD_FILE_ONLY;
	assert_int_equal(truncate(path, 16 << 20), 0);
	plan = scene_plan(scene);
	assert_int_equal(plan->added_files[0].size, 16 << 20);
	plan_free(plan);
	assert_int_equal(truncate(path, (16 << 20) + 1), 0);
	assert_no_plan(scene, ERROR_TOO_LONG, "16 MiB");
}

/*
 * The last test: what it gives away does not come back. With each page more the load comes further,
 * and it fails before the call or not at all.
 */
static void test_without_enough_locked_memory_nothing_is_loaded(void **state)
{
	struct scene *scene = *state;
	struct marker marker;
	struct rlimit limit;
	size_t failed = 0;

	marker_make(&marker);
	add_key(scene, &marker);
	limit_locked_memory(128 * 4096);
	for (size_t pages = 0; pages <= 128; pages++) {
		cleanup_result struct handover_result result = {};
		struct error error = {};

		expect(&marker);
		scene->request.method = pages % 2 ? METHOD_FILE_ONLY : METHOD_SEGMENTS_ONLY;
		assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
		limit.rlim_cur = pages * 4096;
		assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
		if (scene_load(scene, &result, &error) < 0) {
			assert_failed(&error, ERROR_NO_ROOM, "RLIMIT_MEMLOCK");
			assert_int_equal(fake_calls.load_count + fake_calls.file_count, 0);
			failed++;
		}
		forget_what_the_kernel_got();
		assert_int_equal(marker_scan(&marker), 0);
	}
	assert_in_range(failed, 5, 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_no_copy_is_left_whatever_becomes_of_the_load),
	    SCENE_TEST(test_a_plan_holds_the_secret_in_memory_of_its_own_until_it_is_freed),
	    SCENE_TEST(test_a_load_that_fails_before_the_call_leaves_no_copy),
	    SCENE_TEST(test_a_pipe_serves_both_attempts),
	    SCENE_TEST(test_a_bootconfig_stays_at_the_very_end),
	    SCENE_TEST(test_a_filesystem_cannot_be_the_initrd_beside_a_secret),
	    SCENE_TEST(test_only_paths_modes_and_sizes_are_told),
	    SCENE_TEST(test_swap_that_is_not_encrypted_forbids_a_load),
	    SCENE_TEST(test_swap_that_cannot_be_seen_is_not_believed_to_be_none),
	    SCENE_TEST(test_what_is_probably_wrong_is_warned_of),
	    SCENE_TEST(test_a_file_has_16_mib_at_most),
	    SCENE_TEST(test_without_enough_locked_memory_nothing_is_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
