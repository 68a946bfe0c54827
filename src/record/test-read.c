/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A record that is composed and read back, and what is no record. */
#include "record/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "plan/plan.h"
#include "record/compose.h"
#include "test-support/crash-tree.h"
#include "test-support/gzip.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

#define BOOT_ID "01234567-89ab-cdef-0123-456789abcdef"
#define NAME    "run/kexec/loaded.json"

static struct record_request sample_request(const struct scene *scene)
{
	return (struct record_request){
	    .kernel = scene->request.kernel,
	    .initrds = scene->request.initrds,
	    .initrd_count = scene->request.initrd_count,
	    .method = scene->request.method,
	    .plain = true,
	    .check = true,
	    .load_max = UINT64_MAX,
	    .program_version = "1.2",
	};
}

/* The record of what a plan of the scene says. */
static struct json_object *composed(struct scene *scene)
{
	const struct record_request request = sample_request(scene);
	cleanup_plan struct plan *plan = NULL;
	struct error error = {};
	struct json_object *json;

	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", BOOT_ID "\n");
	machine_tree_write(&scene->tree, "proc/self/loginuid", "1000");
	plan = scene_plan(scene);
	json = record_compose(plan, &request, &scene->tree.root, &error);
	assert_no_failure(&error);
	assert_non_null(json);
	return json;
}

static int read_json(struct scene *scene, struct json_object *json, struct record *record,
		     struct error *error)
{
	machine_tree_write(&scene->tree, NAME, json_object_to_json_string(json));
	return record_read(record, &scene->tree.root, RECORD_FILE, error);
}

static void read_back(struct scene *scene, struct record *record)
{
	cleanup_json struct json_object *json = composed(scene);
	struct error error = {};

	assert_int_equal(read_json(scene, json, record, &error), 0);
	assert_no_failure(&error);
}

static void assert_digest(struct scene *scene, const struct record_file *file, const char *name)
{
	cleanup_blob struct blob *blob = NULL;
	const char *path = folder_path(&scene->tree.folder, name);
	cleanup_free uint8_t *bytes = NULL;

	assert_string_equal(file->path, path);
	assert_int_equal(blob_open(&blob, path, NULL), 0);
	bytes = malloc(blob->size);
	assert_non_null(bytes);
	assert_int_equal(blob_read(blob, 0, bytes, blob->size, NULL), 0);
	assert_row(name, file->digest == XXH3_64bits(bytes, blob->size));
	assert_int_equal(file->size, blob->size);
}

static void test_a_record_says_what_was_loaded_when_and_by_whom(void **state)
{
	cleanup_with(record_fini) struct record record = {};
	struct scene *scene = *state;

	read_back(scene, &record);
	assert_int_equal(record.file_count, 2);
	assert_digest(scene, &record.files[0], "vmlinuz");
	assert_digest(scene, &record.files[1], "initrd.img");
	assert_string_equal(record.command_line, "root=/dev/vda1");
	assert_int_equal(record.method, PLAN_SEGMENTS);
	assert_string_equal(record.method_reason, "it gives the shortest blackout");
	assert_int_equal(record.form, PLAN_PLAIN);
	assert_string_equal(record.form_reason, "--plain asks for it");
	assert_int_equal(record.uid, getuid());
	assert_int_equal(record.pid, getpid());
	assert_true(record.login_uid_known);
	assert_int_equal(record.login_uid, 1000);
	assert_string_equal(record.program_version, "1.2");
	assert_string_equal(record.boot_id, BOOT_ID);
	assert_string_equal(record.running_version, "6.12.0-test");
	assert_in_range(record.loaded_at, time(NULL) - 60, time(NULL));
	assert_true(record_is_of_this_boot(&record, &scene->tree.root));
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", "another\n");
	assert_false(record_is_of_this_boot(&record, &scene->tree.root));
	machine_tree_delete(&scene->tree, "proc/sys/kernel/random/boot_id");
	assert_false(record_is_of_this_boot(&record, &scene->tree.root));
}

static void test_a_record_of_a_crash_image_says_how_to_load_it_again(void **state)
{
	static const char *const wanted[] = {"command_line", "hotplug", "memmap_words", "machine"};
	cleanup_with(record_fini) struct record record = {};
	cleanup_json struct json_object *json = NULL;
	struct scene *scene = *state;
	struct record_request request = sample_request(scene);
	cleanup_plan struct plan *plan = NULL;
	struct json_object *asked;

	crash_tree_add(&scene->tree);
	scene->request.kind = PLAN_CRASH;
	plan = scene_plan(scene);
	request.command_line = "asked for";
	request.hotplug = CRASH_HOTPLUG_WANTED;
	request.memmap_words = true;
	request.machine = UINT64_C(0xfedcba9876543210);
	json = record_compose(plan, &request, &scene->tree.root, NULL);
	assert_int_equal(read_json(scene, json, &record, NULL), 0);
	assert_int_equal(record.kind, PLAN_CRASH);
	assert_string_equal(record.asked_command_line, "asked for");
	assert_int_equal(record.asked_hotplug, CRASH_HOTPLUG_WANTED);
	assert_true(record.asked_memmap_words);
	assert_true(record.asked_machine == UINT64_C(0xfedcba9876543210));
	assert_true(record_is_of_request(&record, &request));
	request.machine++;
	assert_false(record_is_of_request(&record, &request));
	assert_true(json_object_object_get_ex(json, "request", &asked));
	for (size_t i = 0; i < ELEMENTS(wanted); i++) {
		cleanup_with(record_fini) struct record none = {};
		struct json_object *value =
		    json_object_get(json_object_object_get(asked, wanted[i]));

		json_object_object_del(asked, wanted[i]);
		assert_row(wanted[i], read_json(scene, json, &none, NULL) == -EBADMSG);
		json_object_object_add(asked, wanted[i], value);
	}
}

static void test_the_kind_is_that_of_a_jump_where_none_is_told(void **state)
{
	cleanup_with(record_fini) struct record old = {}, odd = {};
	cleanup_json struct json_object *json = composed(*state);

	json_object_object_del(json, "kind");
	assert_int_equal(read_json(*state, json, &old, NULL), 0);
	assert_int_equal(old.kind, PLAN_NORMAL);
	assert_true(json_put_text(json, "kind", "odd"));
	assert_int_equal(read_json(*state, json, &odd, NULL), -EBADMSG);
}

static void test_the_time_is_there_for_people_too(void **state)
{
	cleanup_json struct json_object *json = composed(*state);
	time_t when = (time_t)json_object_get_int64(json_object_object_get(json, "loaded_at"));
	struct tm parts = {};
	const char *text = json_get_text(json, "loaded_at_utc");

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts));
	assert_int_equal(timegm(&parts), when);
}

static void test_nobody_logged_in_and_no_boot_id_are_unknown(void **state)
{
	cleanup_with(record_fini) struct record record = {};
	cleanup_json struct json_object *json = NULL;
	struct scene *scene = *state;
	const struct record_request request = sample_request(scene);
	cleanup_plan struct plan *plan = scene_plan(scene);

	machine_tree_write(&scene->tree, "proc/self/loginuid", "4294967295");
	json = record_compose(plan, &request, &scene->tree.root, NULL);
	assert_int_equal(read_json(scene, json, &record, NULL), 0);
	assert_false(record.login_uid_known);
	assert_string_equal(record.boot_id, "");
	assert_false(record_is_of_this_boot(&record, &scene->tree.root));
}

/* Whoever compares wants the file that the user can see. */
static void test_digests_are_of_the_files_as_they_are_on_disk(void **state)
{
	static const enum method_wish methods[] = {METHOD_SEGMENTS_ONLY, METHOD_FILE_ONLY};
	struct scene *scene = *state;
	struct folder *folder = &scene->tree.folder;
	uint8_t file[KERNEL_FILE_SIZE], wrapped[KERNEL_FILE_SIZE + GZIP_OVERHEAD];

	if (!gzip_is_built())
		skip();
	kernel_file_fill(file);
	scene->request.kernel =
	    folder_write(folder, "vmlinuz.gz", wrapped, gzip_wrap(wrapped, file, sizeof(file)));
	scene->initrds[1] = folder_text(folder, "second.img", "070701 more bytes");
	scene->request.initrd_count = 2;
	for (size_t i = 0; i < 2 * ELEMENTS(methods); i++) {
		cleanup_with(record_fini) struct record record = {};

		scene->request.method = methods[i / 2];
		scene->request.skip_check = i % 2;
		read_back(scene, &record);
		assert_int_equal(record.file_count, 3);
		assert_digest(scene, &record.files[0], "vmlinuz.gz");
		assert_digest(scene, &record.files[1], "initrd.img");
		assert_digest(scene, &record.files[2], "second.img");
	}
}

/* The second reading would be seen: the file has changed when the record is composed. */
static void test_what_sealing_has_read_is_not_read_again(void **state)
{
	cleanup_json struct json_object *json = NULL;
	struct scene *scene = *state;
	const struct record_request request = sample_request(scene);
	cleanup_plan struct plan *plan = scene_plan(scene);
	struct folder *folder = &scene->tree.folder;

	assert_int_equal(truncate(scene->request.kernel, 1), 0);
	assert_int_equal(truncate(folder_path(folder, "initrd.img"), 1), 0);
	json = record_compose(plan, &request, &scene->tree.root, NULL);
	assert_non_null(json);
}

static void test_a_file_that_cannot_be_read_again_is_not_recorded(void **state)
{
	struct scene *scene = *state;
	const struct record_request request = sample_request(scene);
	cleanup_plan struct plan *plan = NULL;
	struct error error = {};

	scene->request.method = METHOD_FILE_ONLY;
	plan = scene_plan(scene);
	assert_int_equal(truncate(scene->request.kernel, 1), 0);
	assert_null(record_compose(plan, &request, &scene->tree.root, &error));
	assert_int_equal(error.count, 1);
	assert_failed(&error, ERROR_FILE, "not recorded");
}

static void test_another_request_is_told_from_the_same(void **state)
{
	cleanup_with(record_fini) struct record record = {};
	struct scene *scene = *state;
	struct record_request asked = sample_request(scene), other = asked;
	const char *const others[] = {"/other", "/other"};

	read_back(scene, &record);
	assert_true(record_is_of_request(&record, &asked));
	other.kernel = "/other";
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.initrds = others;
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.initrd_count = 0;
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.method = METHOD_FILE_ONLY;
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.check = false;
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.load_min = 4096;
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.load_max = 4096;
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.plain = false;
	assert_false(record_is_of_request(&record, &other));
	other = asked;
	other.program_version = "9";
	assert_true(record_is_of_request(&record, &other));
}

static void test_what_is_no_record_is_refused(void **state)
{
	static const struct {
		const char *key, *value; /* NULL: the key is removed */
	} rows[] = {
	    {"schema", "\"kexec-plan\""},
	    {"schema_version", "2"},
	    {"schema_version", "\"1\""},
	    {"method", "\"guess\""},
	    {"kernel_version", NULL},
	    {"command_line", "[]"},
	    {"command_line", "\"a\\u0000b\""},
	    {"method_reason", NULL},
	    {"form", "\"odd\""},
	    {"form_reason", NULL},
	    {"protocol", "1"},
	    {"boot_id", "\"0123456789012345678901234567890123456789\""},
	    {"running_version", NULL},
	    {"loaded_at", "-1"},
	    {"loaded_by_uid", "\"root\""},
	    {"loaded_by_pid", NULL},
	    {"loaded_by_version", "{}"},
	    {"request", "{}"},
	    {"request", "[]"},
	    {"request",
	     "{\"kernel\":\"/k\",\"initrds\":[1],\"method\":\"any\",\"plain\":true,\"check\":true,"
	     "\"mem_min\":\"0x0\",\"mem_max\":\"0x1\"}"},
	    {"request",
	     "{\"kernel\":\"/k\",\"initrds\":[],\"method\":\"best\",\"plain\":true,\"check\":true,"
	     "\"mem_min\":\"0x0\",\"mem_max\":\"0x1\"}"},
	    {"files", "[]"},
	    {"files", "{}"},
	    {"files", "[1]"},
	    {"files", "[{\"role\":\"initrd\"}]"},
	    {"files", "[{\"role\":\"kernel\"}]"},
	    {"added_files", "{}"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_with(record_fini) struct record record = {};
		cleanup_json struct json_object *json = composed(scene);
		struct error error = {};

		json_object_object_del(json, rows[i].key);
		if (rows[i].value)
			assert_true(json_put(json, rows[i].key,
					     json_parse(rows[i].value, strlen(rows[i].value), 8)));
		assert_row(rows[i].key, read_json(scene, json, &record, &error) == -EBADMSG);
		assert_failed(&error, ERROR_FILE, "/" NAME);
	}
}

static void test_what_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = {
	    "", "{", "null", "[]", "{} x", "\xff", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
	};
	struct scene *scene = *state;
	struct record record = {};
	struct error error = {};

	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		machine_tree_write(&scene->tree, NAME, texts[i]);
		assert_row(texts[i],
			   record_read(&record, &scene->tree.root, RECORD_FILE, NULL) == -EBADMSG);
		record_fini(&record);
	}
	folder_write(&scene->tree.folder, NAME, "{}\0{}", 5);
	assert_int_equal(record_read(&record, &scene->tree.root, RECORD_FILE, NULL), -EBADMSG);
	machine_tree_delete(&scene->tree, NAME);
	assert_int_equal(record_read(&record, &scene->tree.root, RECORD_FILE, &error), -ENOENT);
	assert_failed(&error, ERROR_FILE, "/" NAME);
}

static void test_a_record_that_is_too_large_is_not_read(void **state)
{
	cleanup_free char *text = malloc(RECORD_SIZE_MAX + 2);
	struct scene *scene = *state;
	struct record record = {};

	assert_non_null(text);
	memset(text, ' ', RECORD_SIZE_MAX + 1);
	text[RECORD_SIZE_MAX + 1] = '\0';
	machine_tree_write(&scene->tree, NAME, text);
	assert_int_equal(record_read(&record, &scene->tree.root, RECORD_FILE, NULL), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_a_record_says_what_was_loaded_when_and_by_whom),
	    SCENE_TEST(test_the_kind_is_that_of_a_jump_where_none_is_told),
	    SCENE_TEST(test_a_record_of_a_crash_image_says_how_to_load_it_again),
	    SCENE_TEST(test_the_time_is_there_for_people_too),
	    SCENE_TEST(test_nobody_logged_in_and_no_boot_id_are_unknown),
	    SCENE_TEST(test_digests_are_of_the_files_as_they_are_on_disk),
	    SCENE_TEST(test_what_sealing_has_read_is_not_read_again),
	    SCENE_TEST(test_a_file_that_cannot_be_read_again_is_not_recorded),
	    SCENE_TEST(test_another_request_is_told_from_the_same),
	    SCENE_TEST(test_what_is_no_record_is_refused),
	    SCENE_TEST(test_what_is_no_json_is_refused),
	    SCENE_TEST(test_a_record_that_is_too_large_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
