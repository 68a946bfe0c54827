/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole program with `reboot`, on a machine that is made up. It runs in a child, which ends
 * where the real one would be replaced or the machine would be gone: nothing may be missing then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/jump.h"
#include "cmd/program.h"
#include "explain/exit-code.h"
#include "test-support/fake-calls.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

enum { WORDS_MAX = 8, STARTED = 100, JUMPED = 101 };

/* What the child did; in memory that it shares. */
struct outcome {
	int code;           /* the exit code, STARTED or JUMPED */
	char started[160];  /* program and arguments */
	char auto_kexec[8]; /* SYSTEMCTL_SKIP_AUTO_KEXEC as the program sees it */
	bool quiet;         /* it must leave stdout alone */
	char done[80];      /* sync, down, up, jump, unload: in this order */
	int start_code;     /* set by the test: errno, or 0 to be replaced */
	int jump_code;      /* likewise */
	char out[4096], err[4096];
};

static struct outcome *outcome;

static void note(const char *what)
{
	strcat(outcome->done, *outcome->done ? " " : "");
	strcat(outcome->done, what);
}

static void fake_sync(void)
{
	note("sync");
}

static void fake_down(struct jump_interfaces *taken_down)
{
	taken_down->count = 1;
	note("down");
}

static void fake_up(const struct jump_interfaces *taken_down)
{
	assert_int_equal(taken_down->count, 1);
	note("up");
}

static int fake_start(const char *program, const char *const *arguments, bool quiet)
{
	const char *value = getenv("SYSTEMCTL_SKIP_AUTO_KEXEC");

	strcpy(outcome->started, program);
	for (; *arguments; arguments++) {
		strcat(outcome->started, " ");
		strcat(outcome->started, *arguments);
	}
	strcpy(outcome->auto_kexec, value ? value : "");
	outcome->quiet = quiet;
	if (outcome->start_code == 0)
		_exit(STARTED);
	return -outcome->start_code;
}

static int fake_jump(void)
{
	note("jump");
	if (outcome->jump_code == 0)
		_exit(JUMPED);
	errno = outcome->jump_code;
	return -1;
}

static void note_unload(void *argument)
{
	(void)argument;
	note("unload");
}

static void run_child(struct scene *scene, char **argv, int argc)
{
	static const struct jump_actions actions = {fake_sync, fake_down, fake_up, fake_start,
						    NULL};
	struct load_calls calls = load_calls_fake;
	const struct program program = {scene->tree.folder.path, &calls, "0", &actions};

	calls.reboot_kexec = fake_jump;
	fake_calls.during_unload = note_unload;
	_exit(program_run(&program, argc, argv) | (fflush(stdout) ? 255 : 0));
}

static void redirect(struct folder *folder, const char *name, int descriptor)
{
	int fd = open(*name == '/' ? name : folder_path(folder, name), O_CREAT | O_TRUNC | O_WRONLY,
		      0600);

	assert_true(fd >= 0 && dup2(fd, descriptor) >= 0 && close(fd) == 0);
}

static void keep(struct scene *scene, const char *name, char *text, size_t capacity)
{
	cleanup_free char *content = folder_read(&scene->tree.folder, name);

	assert_true(strlen(content) < capacity);
	strcpy(text, content);
}

/* Runs `kexec` with words between blanks; its stdout is the file `out`. */
static int run_into(struct scene *scene, const char *out, const char *words)
{
	char buffer[128], *argv[WORDS_MAX + 2] = {"kexec"}, *rest;
	int argc = 1, status;
	pid_t child;

	outcome->started[0] = outcome->done[0] = outcome->auto_kexec[0] = '\0';
	strcpy(buffer, words);
	for (char *word = strtok_r(buffer, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		redirect(&scene->tree.folder, out, STDOUT_FILENO);
		redirect(&scene->tree.folder, "err", STDERR_FILENO);
		run_child(scene, argv, argc);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (*out != '/')
		keep(scene, out, outcome->out, sizeof(outcome->out));
	keep(scene, "err", outcome->err, sizeof(outcome->err));
	outcome->code = WEXITSTATUS(status);
	return outcome->code;
}

static int run(struct scene *scene, const char *words)
{
	return run_into(scene, "out", words);
}

static void boot_with_systemd(struct scene *scene)
{
	folder_text(&scene->tree.folder, "run/systemd/system/x", "");
	scene_add_program(scene, "usr/bin/systemctl");
}

static int setup(void **state)
{
	outcome =
	    mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(outcome != MAP_FAILED);
	return scene_setup_loaded(state);
}

static int teardown(void **state)
{
	munmap(outcome, sizeof(*outcome));
	return scene_teardown(state);
}

#define REBOOT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void assert_nothing_done(void)
{
	assert_string_equal(outcome->started, "");
	assert_string_equal(outcome->done, "");
}

/* The one JSON object on stdout. */
static struct json_object *object_of(const char *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = json_tokener_parse_ex(tokener, text, (int)strlen(text));

	assert_true(json_object_is_type(object, json_type_object));
	assert_string_equal(text + json_tokener_get_parse_end(tokener), ""); /* only one */
	json_tokener_free(tokener);
	return object;
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_row(key, json_object_object_get_ex(object, key, &value));
	return value;
}

static void assert_json_text(struct json_object *object, const char *key, const char *expected)
{
	assert_string_equal(json_object_get_string(get(object, key)), expected);
}

static void test_a_shutdown_is_started_and_announced_before(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(run(scene, "reboot"), STARTED);
	assert_string_equal(outcome->started, "/sbin/shutdown shutdown -r now");
	assert_string_equal(outcome->done, "");
	assert_string_equal(outcome->auto_kexec, "");
	assert_false(outcome->quiet);
	assert_string_equal(outcome->out,
			    "reboot: into Linux " KERNEL_FILE_VERSION ", by /sbin/shutdown\n");
	assert_string_equal(outcome->err, "");
}

static void test_under_systemd(void **state)
{
	struct scene *scene = *state;

	boot_with_systemd(scene);
	assert_int_equal(run(scene, "reboot"), STARTED);
	assert_string_equal(outcome->started, "/usr/bin/systemctl systemctl --no-block "
					      "--no-ask-password kexec");
	assert_string_equal(outcome->auto_kexec, "");
}

static void test_cold_unloads_first(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;

	boot_with_systemd(scene);
	assert_int_equal(run(scene, "reboot --cold --json"), STARTED);
	assert_string_equal(outcome->done, "unload");
	assert_string_equal(outcome->started, "/usr/bin/systemctl systemctl --no-block "
					      "--no-ask-password reboot");
	assert_string_equal(outcome->auto_kexec, "1");
	assert_true(outcome->quiet);
	assert_false(folder_has(&scene->tree.folder, "run/kexec/loaded.json"));
	object = object_of(outcome->out);
	assert_true(json_object_get_boolean(get(object, "changed")));
	assert_json_text(get(object, "reboot"), "way", "firmware");
}

static void test_cold_stops_where_it_cannot_unload(void **state)
{
	static const char *const words[] = {"reboot --cold", "reboot --cold --json"};
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;

	fake_calls.unload_file_code = fake_calls.unload_load_code = EPERM;
	for (size_t i = 0; i < ELEMENTS(words); i++) {
		assert_int_equal(run(scene, words[i]), VERB_EXIT_FORBIDDEN);
		assert_string_equal(outcome->started, "");
		assert_contains(outcome->err, "cannot unload");
	}
	object = object_of(outcome->out);
	assert_false(json_object_get_boolean(get(object, "changed")));
}

/* The object was printed before; it says that what was loaded is gone. */
static void test_cold_that_fails_behind_the_unload_has_changed_something(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;

	outcome->start_code = ENOEXEC;
	assert_int_equal(run(scene, "reboot --cold --json"), VERB_EXIT_NOT_FOUND);
	assert_string_equal(outcome->done, "unload");
	assert_contains(outcome->err, "next: shut down by other means");
	object = object_of(outcome->out);
	assert_true(json_object_get_boolean(get(object, "changed")));
}

static void test_cold_unloads_nothing_where_nothing_is_loaded(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
	assert_int_equal(run(scene, "reboot --cold --json"), STARTED);
	assert_string_equal(outcome->done, "");
	object = object_of(outcome->out);
	assert_false(json_object_get_boolean(get(object, "changed")));
}

static void test_nothing_loaded(void **state)
{
	static const char *const words[] = {"reboot", "reboot --now", "reboot --skip-firmware",
					    "reboot --json"};
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
	for (size_t i = 0; i < ELEMENTS(words); i++) {
		assert_int_equal(run(scene, words[i]), VERB_EXIT_NOT_LOADED);
		assert_nothing_done();
		assert_contains(outcome->err, "cannot reboot: no kernel is loaded");
	}
	object = object_of(outcome->out);
	assert_int_equal(json_object_get_int(get(object, "exit_code")), VERB_EXIT_NOT_LOADED);
}

static void test_now_is_e(void **state)
{
	static const struct {
		const char *words, *done;
	} rows[] = {
	    {"reboot --now", "sync down jump"},
	    {"reboot --now -x", "sync jump"},
	    {"reboot --now --no-sync", "down jump"},
	    {"reboot --now --no-ifdown -y", "jump"},
	    {"-e", "sync down jump"},
	    {"-e -x -y", "jump"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_int_equal(run(scene, rows[i].words), JUMPED);
		assert_row(rows[i].words, strcmp(outcome->done, rows[i].done) == 0);
		assert_string_equal(outcome->started, "");
	}
}

static void test_a_jump_that_fails_brings_the_network_back(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;

	outcome->jump_code = EBUSY;
	assert_int_equal(run(scene, "reboot --now --json"), VERB_EXIT_REFUSED);
	assert_string_equal(outcome->done, "sync down jump up");
	assert_contains(outcome->err, "cannot reboot: ");
	/* What was printed before stays the only object. */
	object = object_of(outcome->out);
	assert_json_text(get(object, "reboot"), "way", "now");
	assert_int_equal(run(scene, "reboot --now -x"), VERB_EXIT_REFUSED);
	assert_string_equal(outcome->done, "sync jump");
}

#define ORDERED_FILE "var/lib/kexec/ordered.json"
#define JUMPED_FILE  "var/lib/kexec/jumped.json"

static void test_what_goes_down_is_stamped_for_the_next_kernel(void **state)
{
	static const struct {
		const char *words, *stamp, *by;
		int code, start_code, jump_code;
	} rows[] = {
	    {"reboot", ORDERED_FILE, "\"kexec reboot\"", STARTED},
	    {"reboot --cold", NULL, NULL, STARTED},
	    {"reboot --now", JUMPED_FILE, "\"kexec reboot --now\"", JUMPED},
	    {"reboot --now -y", NULL, NULL, JUMPED},
	    {"-e", JUMPED_FILE, "\"kexec -e\"", JUMPED},
	    {"-e -y", NULL, NULL, JUMPED},
	    {"reboot", NULL, NULL, VERB_EXIT_NOT_FOUND, .start_code = ENOENT},
	    {"reboot --now", NULL, NULL, VERB_EXIT_REFUSED, .jump_code = EBUSY},
	};
	struct scene *scene = *state;
	struct folder *folder = &scene->tree.folder;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *text = NULL;

		folder_text(folder, ORDERED_FILE, "");
		folder_text(folder, JUMPED_FILE, "");
		folder_delete(folder, ORDERED_FILE);
		folder_delete(folder, JUMPED_FILE);
		machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
		outcome->start_code = rows[i].start_code;
		outcome->jump_code = rows[i].jump_code;
		assert_int_equal(run(scene, rows[i].words), rows[i].code);
		assert_row(rows[i].words,
			   folder_has(folder, ORDERED_FILE) ==
			       (rows[i].stamp && !strcmp(rows[i].stamp, ORDERED_FILE)));
		assert_row(rows[i].words,
			   folder_has(folder, JUMPED_FILE) ==
			       (rows[i].stamp && !strcmp(rows[i].stamp, JUMPED_FILE)));
		if (!rows[i].stamp)
			continue;
		text = folder_read(folder, rows[i].stamp);
		assert_contains(text, rows[i].by);
	}
}

static void test_a_stamp_that_cannot_be_written_prevents_nothing(void **state)
{
	struct scene *scene = *state;

	folder_text(&scene->tree.folder, JUMPED_FILE ".new/in the way", "");
	folder_text(&scene->tree.folder, ORDERED_FILE ".new/in the way", "");
	assert_int_equal(run(scene, "reboot --now"), JUMPED);
	assert_int_equal(run(scene, "reboot"), STARTED);
	assert_string_equal(outcome->err, "");
}

/* The live one, with programs that change nothing. */
static void test_a_program_is_asked_and_its_answer_cut(void **state)
{
	static const struct {
		const char *program, *script, *answer;
		int result;
	} rows[] = {
	    {"/bin/sh", "echo one; echo two >&2; echo three", "one\nthree\n", 0},
	    {"/bin/sh", "while [ ${#x} -lt 100000 ]; do x=$x$x,; done; echo $x",
	     ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,", 0},
	    {"/bin/sh", "read line; echo $?", "1\n", 0}, /* it is told nothing */
	    {"/bin/sh", "", "", 0},
	    {"/bin/sh", "echo half; exit 3", "half\n", -EIO},
	    {"/bin/sh", "kill -9 $$", "", -EIO},
	    {"/no/such/program", "", "", -EIO},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *const arguments[] = {"sh", "-c", rows[i].script, NULL};
		char answer[32] = "?";

		assert_row(rows[i].script, jump_actions_live.ask(rows[i].program, arguments, answer,
								 sizeof(answer)) == rows[i].result);
		assert_string_equal(answer, rows[i].answer);
	}
}

static void test_no_program_to_shut_down_with(void **state)
{
	struct scene *scene = *state;

	folder_delete(&scene->tree.folder, "sbin/shutdown");
	assert_int_equal(run(scene, "reboot"), VERB_EXIT_NOT_FOUND);
	assert_nothing_done();
	assert_contains(outcome->err, "the kernel is still loaded, and `kexec reboot --now`");
	assert_int_equal(run(scene, "reboot --cold"), VERB_EXIT_NOT_FOUND);
	assert_nothing_done();
	assert_contains(outcome->err, "next: shut down by other means");
}

static void test_a_program_that_cannot_be_started(void **state)
{
	struct scene *scene = *state;

	outcome->start_code = ENOEXEC;
	assert_int_equal(run(scene, "reboot"), VERB_EXIT_NOT_FOUND);
	assert_string_equal(outcome->done, "");
	assert_contains(outcome->err, "/sbin/shutdown: it could not be started (start shutdown: "
				      "Exec format error)");
	assert_contains(outcome->err, "the kernel is still loaded, and `kexec reboot --now`");
}

static void test_the_classic_shutdown_tries_every_place(void **state)
{
	struct scene *scene = *state;
	char words[100];

	outcome->start_code = ENOENT;
	snprintf(words, sizeof(words), "%s --command-line=quiet", scene->request.kernel);
	assert_int_equal(run(scene, words), 1);
	assert_string_equal(outcome->started, "/bin/shutdown shutdown -r now");
	assert_contains(outcome->err, "the kernel is loaded, and no shutdown program");
	outcome->start_code = 0;
	assert_int_equal(run(scene, words), STARTED);
	assert_string_equal(outcome->started, "/sbin/shutdown shutdown -r now");
}

static void test_work_for_the_firmware_is_risky(void **state)
{
	static const char variables[] = "sys/firmware/efi/efivars/%s-8be4df61-93ca-11d2-aa0d-"
					"00e098032b8c";
	static const char *const names[] = {"BootOrder", "BootNext"};
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		char path[100];

		snprintf(path, sizeof(path), variables, names[i]);
		folder_write(&scene->tree.folder, path, "\7\0\0\0\2\0", 6);
	}
	assert_int_equal(run(scene, "reboot --now"), VERB_EXIT_RISKY);
	assert_nothing_done();
	assert_int_equal(run(scene, "reboot"), VERB_EXIT_RISKY);
	assert_nothing_done();
	assert_contains(outcome->err, "Boot0002");
	assert_contains(outcome->err, "--cold lets the firmware do it; --skip-firmware");
	assert_int_equal(run(scene, "reboot --skip-firmware --json"), STARTED);
	assert_contains(outcome->err, "warning: the firmware: work goes on waiting for it");
	object = object_of(outcome->out);
	assert_json_text(json_object_array_get_idx(get(object, "warnings"), 0), "kind", "risky");
	assert_int_equal(run(scene, "reboot --cold"), STARTED);
	assert_string_equal(outcome->done, "unload");
	assert_string_equal(outcome->err, "");
}

static void test_warnings_stand_beside_each_other(void **state)
{
	struct scene *scene = *state;
	cleanup_json struct json_object *object = NULL;
	struct json_object *detail;

	folder_text(&scene->tree.folder, "initrd.img", "another initrd");
	folder_text(&scene->tree.folder, "boot/vmlinuz-6.13.0-test", "newer");
	assert_int_equal(run(scene, "reboot --json"), STARTED);
	assert_contains(outcome->err, "kexec: warning: ");
	assert_contains(outcome->err, "initrd.img: it has changed since it was loaded\n");
	assert_contains(outcome->err, "kexec: warning: /boot/vmlinuz-6.13.0-test: this kernel is "
				      "newer than Linux " KERNEL_FILE_VERSION);
	object = object_of(outcome->out);
	assert_int_equal(json_object_array_length(get(object, "warnings")), 2);
	assert_int_equal(json_object_array_length(get(object, "errors")), 0);
	assert_int_equal(json_object_get_int(get(object, "exit_code")), 0);
	assert_false(json_object_get_boolean(get(object, "changed")));
	detail = get(object, "reboot");
	assert_json_text(detail, "way", "shutdown");
	assert_json_text(detail, "release", KERNEL_FILE_VERSION);
	assert_json_text(get(detail, "newer_kernel"), "release", "6.13.0-test");
	assert_json_text(get(detail, "newer_kernel"), "path", "/boot/vmlinuz-6.13.0-test");
	assert_int_equal(json_object_array_length(get(detail, "command")), 3);
	assert_true(outcome->quiet);
}

static void test_a_report_that_is_cut_stops_it(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(run_into(scene, "/dev/full", "reboot --json"), VERB_EXIT_NOT_FOUND);
	assert_nothing_done();
	assert_int_equal(run_into(scene, "/dev/full", "reboot --now"), VERB_EXIT_NOT_FOUND);
	assert_nothing_done();
	assert_contains(outcome->err, "standard output");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    REBOOT_TEST(test_a_shutdown_is_started_and_announced_before),
	    REBOOT_TEST(test_under_systemd),
	    REBOOT_TEST(test_cold_unloads_first),
	    REBOOT_TEST(test_cold_stops_where_it_cannot_unload),
	    REBOOT_TEST(test_cold_that_fails_behind_the_unload_has_changed_something),
	    REBOOT_TEST(test_cold_unloads_nothing_where_nothing_is_loaded),
	    REBOOT_TEST(test_nothing_loaded),
	    REBOOT_TEST(test_now_is_e),
	    REBOOT_TEST(test_a_jump_that_fails_brings_the_network_back),
	    cmocka_unit_test(test_a_program_is_asked_and_its_answer_cut),
	    REBOOT_TEST(test_what_goes_down_is_stamped_for_the_next_kernel),
	    REBOOT_TEST(test_a_stamp_that_cannot_be_written_prevents_nothing),
	    REBOOT_TEST(test_no_program_to_shut_down_with),
	    REBOOT_TEST(test_a_program_that_cannot_be_started),
	    REBOOT_TEST(test_the_classic_shutdown_tries_every_place),
	    REBOOT_TEST(test_work_for_the_firmware_is_risky),
	    REBOOT_TEST(test_warnings_stand_beside_each_other),
	    REBOOT_TEST(test_a_report_that_is_cut_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
