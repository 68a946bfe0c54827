/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verbs report as JSON, above all whether something has changed, when not all went well.
 */
#include "cmd/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "explain/exit-code.h"
#include "test-support/crash-tree.h"
#include "test-support/fake-calls.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

enum { WORDS_MAX = 8 };

/* The child goes on in this process's files. Its report is the file "out". */
static pid_t start(struct scene *scene, const char *const *words)
{
	const struct program program = {scene->tree.folder.path, &load_calls_fake, "0"};
	const char *argv[WORDS_MAX + 2] = {"kexec"};
	pid_t child;
	int argc = 1;

	for (; words[argc - 1]; argc++)
		argv[argc] = words[argc - 1];
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child > 0)
		return child;
	if (!freopen(folder_path(&scene->tree.folder, "out"), "w", stdout) ||
	    !freopen(folder_path(&scene->tree.folder, "err"), "w", stderr))
		_exit(255);
	_exit(program_run(&program, argc, (char **)(uintptr_t)argv) | (fflush(NULL) ? 255 : 0));
}

/* The one object on its stdout, whose exit code is that of the process. */
static struct json_object *end(struct scene *scene, pid_t child)
{
	cleanup_free char *text = NULL;
	struct json_object *object;
	uint64_t code;
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	text = folder_read(&scene->tree.folder, "out");
	object = json_parse(text, strlen(text), 16);
	assert_row(text, object != NULL);
	assert_true(json_get_number(object, "exit_code", &code));
	assert_int_equal(code, WEXITSTATUS(status));
	return object;
}

#define run(scene, ...) end(scene, start(scene, (const char *[]){__VA_ARGS__, "--json", NULL}))

static bool changed(struct json_object *report)
{
	bool found = false;

	assert_true(json_get_boolean(report, "changed", &found));
	return found;
}

static size_t count_of(struct json_object *report, const char *key)
{
	struct json_object *array = NULL;

	assert_true(json_object_object_get_ex(report, key, &array));
	return json_object_array_length(array);
}

static const char *kind(struct json_object *report, const char *key)
{
	struct json_object *array = NULL;

	assert_true(json_object_object_get_ex(report, key, &array) &&
		    json_object_array_length(array) > 0);
	return json_get_text(json_object_array_get_idx(array, 0), "kind");
}

static void change_kernel(void *argument)
{
	folder_text(argument, "vmlinuz", "changed");
}

static void test_a_load_that_failed_tells_whether_the_old_image_is_gone(void **state)
{
	static const struct {
		const char *name, *loaded;
		int unload_code, file_code;
		const char *call;
		bool changed;
	} rows[] = {
	    {"it was unloaded", "1\n", 0, 0, "-c", true},
	    {"whether it was is unknown", "?\n", 0, 0, "-c", true},
	    {"there was none", "0\n", 0, 0, "-c", false},
	    {"the new one stays", "0\n", EBUSY, 0, "-c", true},
	    {"by the other call", "1\n", 0, 0, "-s", true},
	    {"the kernel did not take the new one", "1\n", 0, ETXTBSY, "-s", false},
	};
	struct scene *scene = *state;
	uint8_t file[KERNEL_FILE_SIZE];

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_json struct json_object *report = NULL;

		kernel_file_fill(file);
		folder_write(&scene->tree.folder, "vmlinuz", file, sizeof(file));
		fake_calls_reset(NULL);
		machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", rows[i].loaded);
		fake_calls.during_load = change_kernel;
		fake_calls.argument = &scene->tree.folder;
		fake_calls.unload_file_code = fake_calls.unload_load_code = rows[i].unload_code;
		fake_calls.file_code = rows[i].file_code;
		report = run(scene, "load", rows[i].call, scene->request.kernel);
		assert_string_equal(kind(report, "errors"), "changed");
		assert_row(rows[i].name, changed(report) == rows[i].changed);
	}
}

static void test_what_a_fall_back_has_overcome_is_a_warning(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *report = NULL;

	fake_calls.load_code = ENOSYS;
	report = run(scene, "load", scene->request.kernel);
	assert_int_equal(count_of(report, "errors"), 0);
	assert_string_equal(kind(report, "warnings"), "unsupported");
	assert_true(changed(report));
}

static void test_an_unload_with_a_record_that_stays(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *report = NULL;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	scene_block_record(scene);
	report = run(scene, "unload");
	assert_true(changed(report));
	assert_int_equal(count_of(report, "errors"), 0);
	assert_string_equal(kind(report, "warnings"), "file");
}

static void test_an_unload_that_is_refused_changes_nothing(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *report = NULL;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	fake_calls.unload_file_code = EPERM;
	report = run(scene, "unload");
	assert_false(changed(report));
	assert_string_equal(kind(report, "errors"), "forbidden");
}

/* Of two at the same time only one has unloaded something. */
static void test_an_unload_that_waited_tells_what_it_found_then(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *report = NULL;
	cleanup_close int lock = -1;
	pid_t child;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	lock = open(folder_text(&scene->tree.folder, "run/kexec/lock", ""), O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	child = start(scene, (const char *[]){"unload", "--json", NULL});
	usleep(200000); /* it waits now */
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
	flock(lock, LOCK_UN);
	report = end(scene, child);
	assert_false(changed(report));
}

/* A report of a load that was done; the code of its process. */
static int finish(struct scene *scene, bool incomplete, struct json_object **object)
{
	const struct command command = {.verb = VERB_LOAD, .json = true};
	struct report report = {.changed = true, .incomplete = incomplete};
	const char *path = folder_path(&scene->tree.folder, "out");
	cleanup_free char *text = NULL;
	pid_t child;
	int status;

	error_add(&report.warnings, ERROR_FILE, 0, "read", "x", "y");
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (!freopen(path, "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(255);
		status = report_finish(&command, &report, &(struct error){}, VERB_EXIT_OK);
		_exit(fflush(NULL) ? 255 : status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	text = folder_read(&scene->tree.folder, "out");
	*object = json_parse(text, strlen(text), 16);
	assert_row(text, *object != NULL);
	return WEXITSTATUS(status);
}

/* What there is no memory for is a report all the same, of the same form. */
static void test_without_memory_the_report_is_short_and_true(void **state)
{
	cleanup_json struct json_object *whole = NULL, *brief = NULL;
	struct json_object *errors = NULL;
	uint64_t code = 0;

	assert_int_equal(finish(*state, false, &whole), VERB_EXIT_OK);
	assert_int_equal(finish(*state, true, &brief), VERB_EXIT_NO_ROOM);
	json_object_object_foreach(whole, key, value)
	{
		(void)value;
		assert_row(key, json_object_object_get_ex(brief, key, NULL));
	}
	assert_int_equal(json_object_object_length(brief), json_object_object_length(whole));
	assert_true(changed(brief));
	assert_true(json_get_number(brief, "exit_code", &code));
	assert_int_equal(code, VERB_EXIT_NO_ROOM);
	assert_string_equal(kind(brief, "errors"), "no-room");
	assert_true(json_object_object_get_ex(brief, "errors", &errors));
	json_object_object_foreach(json_object_array_get_idx(errors, 0), name, text)
	{
		(void)text;
		assert_row(name, json_object_object_get_ex(
				     json_object_array_get_idx(
					 json_object_object_get(whole, "warnings"), 0),
				     name, NULL));
	}
}

static void refuse_and_drop(void *argument)
{
	struct scene *scene = argument;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "0\n");
}

/* What "armed" says; NULL: nothing. */
static const char *armed(struct json_object *report)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(report, "armed", &value))
		return NULL;
	return value ? json_object_get_boolean(value) ? "true" : "false" : "null";
}

static void test_whether_it_is_armed_is_told(void **state)
{
	cleanup_json struct json_object *loaded = NULL, *lost = NULL, *none = NULL, *normal = NULL;
	struct scene *scene = *state;
	uint64_t code;

	crash_tree_add(&scene->tree);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "1\n");
	loaded = run(scene, "load", "--panic", "--allow-disarm", scene->request.kernel);
	assert_string_equal(armed(loaded), "true");
	/* Nothing of it is on record here: it was another tool's. */
	machine_tree_delete(&scene->tree, "run/kexec/crash.json");
	fake_calls.load_code = EINVAL;
	fake_calls.during_load = refuse_and_drop;
	fake_calls.argument = scene;
	lost = run(scene, "load", "--panic", "--allow-disarm", scene->request.kernel);
	assert_string_equal(armed(lost), "false");
	assert_true(changed(lost));
	assert_true(json_get_number(lost, "exit_code", &code));
	assert_int_equal(code, VERB_EXIT_NOT_LOADED);
	none = run(scene, "load", "--panic", scene->request.kernel);
	assert_true(json_get_number(none, "exit_code", &code));
	assert_int_equal(code, VERB_EXIT_REFUSED);
	assert_false(changed(none));
	normal = run(scene, "load", scene->request.kernel);
	assert_null(armed(normal));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_whether_it_is_armed_is_told),
	    SCENE_TEST(test_a_load_that_failed_tells_whether_the_old_image_is_gone),
	    SCENE_TEST(test_what_a_fall_back_has_overcome_is_a_warning),
	    SCENE_TEST(test_an_unload_with_a_record_that_stays),
	    SCENE_TEST(test_an_unload_that_is_refused_changes_nothing),
	    SCENE_TEST(test_without_memory_the_report_is_short_and_true),
	    SCENE_TEST(test_an_unload_that_waited_tells_what_it_found_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
