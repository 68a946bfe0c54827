/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole program with `check --panic` and `test-panic`, on a machine that is made up. It runs in
 * a child, which ends where the real machine would be gone: nothing may be missing then.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/jump.h"
#include "cmd/program.h"
#include "explain/exit-code.h"
#include "test-support/archive.h"
#include "test-support/crash-tree.h"
#include "test-support/fake-calls.h"
#include "test-support/scene.h"

#define TOKEN   "var/lib/kexec/crash-test.json"
#define BOOT_ID "9f1f8d0e-1a51-4a9e-9c4b-0d2b7f3f2a11"

enum { WORDS_MAX = 8, CRASHED = 100 };

/* What the child did; in memory that it shares. */
struct outcome {
	int code;       /* the exit code, or CRASHED */
	char done[40];  /* sync, crash: in this order */
	int crash_code; /* set by the test: errno, or 0 to be gone */
	char out[16384], err[4096];
};

static struct outcome *outcome;

static void fake_sync(void)
{
	strcat(outcome->done, "sync ");
}

static int fake_crash(void)
{
	strcat(outcome->done, "crash");
	if (outcome->crash_code == 0)
		_exit(CRASHED);
	return -outcome->crash_code;
}

static void run_child(struct scene *scene, char **argv, int argc)
{
	static const struct jump_actions actions = {.sync = fake_sync, .crash = fake_crash};
	const struct program program = {scene->tree.folder.path, &load_calls_fake, "0", &actions};

	_exit(program_run(&program, argc, argv) | (fflush(stdout) ? 255 : 0));
}

static void redirect(struct folder *folder, const char *name, int descriptor)
{
	int fd = open(folder_path(folder, name), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_true(fd >= 0 && dup2(fd, descriptor) >= 0 && close(fd) == 0);
}

static void keep(struct scene *scene, const char *name, char *text, size_t capacity)
{
	cleanup_free char *content = folder_read(&scene->tree.folder, name);

	assert_true(strlen(content) < capacity);
	strcpy(text, content);
}

/* Runs `kexec` with words between blanks. */
static int run(struct scene *scene, const char *words)
{
	char buffer[256], *argv[WORDS_MAX + 2] = {"kexec"}, *rest;
	int argc = 1, status;
	pid_t child;

	outcome->done[0] = '\0';
	snprintf(buffer, sizeof(buffer), "%s", words);
	for (char *word = strtok_r(buffer, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		redirect(&scene->tree.folder, "out", STDOUT_FILENO);
		redirect(&scene->tree.folder, "err", STDERR_FILENO);
		run_child(scene, argv, argc);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	keep(scene, "out", outcome->out, sizeof(outcome->out));
	keep(scene, "err", outcome->err, sizeof(outcome->err));
	outcome->code = WEXITSTATUS(status);
	return outcome->code;
}

/* A machine on which a panic should give a dump. */
static int setup(void **state)
{
	struct archive initrd = {};
	struct scene *scene;
	char text[512];
	int r = scene_setup(state);

	outcome =
	    mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(outcome != MAP_FAILED);
	scene = *state;
	crash_tree_add(&scene->tree);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "1\n");
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", BOOT_ID "\n");
	machine_tree_write(&scene->tree, "var/lib/x", "");
	archive_add(&initrd, "init", "x");
	archive_add(&initrd, "TRAILER!!!", "");
	snprintf(text, sizeof(text), "KERNEL=%s\nINITRD=%s\n", scene->request.kernel,
		 folder_write(&scene->tree.folder, "crash-initrd", initrd.bytes, initrd.size));
	machine_tree_write(&scene->tree, "etc/kexec/crash.conf", text);
	return r;
}

static int teardown(void **state)
{
	munmap(outcome, sizeof(*outcome));
	return scene_teardown(state);
}

#define PANIC_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct json_object *detail_of(const char *verb)
{
	struct json_object *object = json_parse(outcome->out, strlen(outcome->out), 16);
	struct json_object *detail = NULL;

	assert_non_null(object);
	json_object_object_get_ex(object, verb, &detail);
	json_object_get(detail);
	json_object_put(object);
	return detail;
}

static void test_check_says_that_it_works(void **state)
{
	struct scene *scene = *state;
	struct json_object *detail;

	assert_int_equal(run(scene, "check --panic"), VERB_EXIT_OK);
	assert_contains(outcome->out, "a panic should give a dump\n");
	assert_contains(outcome->out, "ok           crash kernel: one is loaded\n");
	assert_string_equal(outcome->err, "");
	assert_int_equal(run(scene, "check --panic --json"), VERB_EXIT_OK);
	detail = detail_of("check");
	assert_string_equal(json_get_text(detail, "verdict"), "works");
	json_object_put(detail);
}

static void test_check_names_the_problem_and_its_next_step(void **state)
{
	struct scene *scene = *state;
	struct json_object *detail;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "0\n");
	assert_int_equal(run(scene, "check --panic"), VERB_EXIT_NOT_LOADED);
	assert_contains(outcome->out, "problem      crash kernel: none is loaded");
	assert_contains(outcome->out, "next: load one: kexec load --panic");
	assert_contains(outcome->out, "a panic would give no dump\n");
	assert_int_equal(run(scene, "check --panic --json"), VERB_EXIT_NOT_LOADED);
	assert_contains(outcome->out, "\"kind\": \"not-loaded\"");
	detail = detail_of("check");
	assert_string_equal(json_get_text(detail, "verdict"), "fails");
	json_object_put(detail);
}

static void test_check_wants_to_know_of_what(void **state)
{
	assert_int_equal(run(*state, "check"), VERB_EXIT_USAGE);
	assert_contains(outcome->err, "--panic");
	assert_int_equal(run(*state, "check --panic --initrd=x"), VERB_EXIT_USAGE);
}

static void test_without_the_word_nothing_is_done(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(run(scene, "test-panic"), VERB_EXIT_OK);
	assert_string_equal(outcome->done, "");
	assert_contains(outcome->out, "nothing was done; kexec test-panic --crash-now");
	assert_false(folder_has(&scene->tree.folder, TOKEN));
	assert_int_equal(run(scene, "test-panic --json"), VERB_EXIT_OK);
	assert_contains(outcome->out, "\"action\": \"none\"");
}

static void test_with_a_problem_it_refuses(void **state)
{
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_loaded", "0\n");
	assert_int_equal(run(scene, "test-panic --crash-now"), VERB_EXIT_NOT_LOADED);
	assert_string_equal(outcome->done, "");
	assert_contains(outcome->out, "none is loaded");
	assert_contains(outcome->out, "the machine is not crashed");
	assert_false(folder_has(&scene->tree.folder, TOKEN));
	assert_int_equal(run(scene, "test-panic --crash-now --json"), VERB_EXIT_NOT_LOADED);
	assert_string_equal(outcome->done, "");
	assert_contains(outcome->out, "\"action\": \"none\"");
}

static void test_the_token_is_there_before_the_crash(void **state)
{
	struct scene *scene = *state;
	cleanup_free char *token = NULL;

	assert_int_equal(run(scene, "test-panic --crash-now --json --dump-directory=/srv"),
			 CRASHED);
	assert_string_equal(outcome->done, "sync crash");
	assert_contains(outcome->out, "\"action\": \"crash\"");
	token = folder_read(&scene->tree.folder, TOKEN);
	assert_contains(token, BOOT_ID);
	assert_contains(token, "\"/srv\"");
}

static void test_a_crash_that_does_not_come_is_an_error_and_leaves_no_token(void **state)
{
	struct scene *scene = *state;

	outcome->crash_code = EACCES;
	assert_int_equal(run(scene, "test-panic --crash-now"), VERB_EXIT_NOT_FOUND);
	assert_string_equal(outcome->done, "sync crash");
	assert_contains(outcome->err, "not crashed: /proc/sysrq-trigger");
	assert_false(folder_has(&scene->tree.folder, TOKEN));
}

static void test_without_a_token_it_does_not_crash(void **state)
{
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, TOKEN "/x", "");
	assert_int_equal(run(scene, "test-panic --crash-now"), VERB_EXIT_NOT_FOUND);
	assert_string_equal(outcome->done, "");
	assert_contains(outcome->err, "the next boot could not know");
}

static void test_in_a_container_it_refuses(void **state)
{
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, "proc/self/ns/x", "");
	assert_int_equal(symlink("pid:[1]", folder_path(&scene->tree.folder, "proc/self/ns/pid")),
			 0);
	assert_int_equal(run(scene, "test-panic --crash-now"), VERB_EXIT_FORBIDDEN);
	assert_string_equal(outcome->done, "");
}

static void add_dump(struct scene *scene, uint64_t crash_time)
{
	char text[160];

	snprintf(text, sizeof(text), "OSRELEASE=6.12.0-test\nCRASHTIME=%" PRIu64 "\n", crash_time);
	machine_tree_write(&scene->tree, "var/crash/now/vmcore", text);
}

static void test_verify_believes_a_dump_of_that_crash_alone(void **state)
{
	struct scene *scene = *state;
	uint64_t now = (uint64_t)time(NULL);

	assert_int_equal(run(scene, "test-panic --verify"), VERB_EXIT_NOT_FOUND);
	assert_contains(outcome->err, "no panic was tested");
	assert_int_equal(run(scene, "test-panic --crash-now"), CRASHED);
	assert_int_equal(run(scene, "test-panic --verify"), VERB_EXIT_NOT_FOUND);
	assert_contains(outcome->err, "did not crash");
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", "another\n");
	assert_int_equal(run(scene, "test-panic --verify"), VERB_EXIT_NOT_FOUND);
	add_dump(scene, now - 100);
	assert_int_equal(run(scene, "test-panic --verify --json"), VERB_EXIT_NOT_FOUND);
	assert_contains(outcome->out, "dumps of other crashes, or incomplete: 1");
	add_dump(scene, now + 30);
	assert_int_equal(run(scene, "test-panic --verify"), VERB_EXIT_OK);
	assert_contains(outcome->out, "the dump came: /var/crash/now/vmcore");
	assert_int_equal(run(scene, "test-panic --verify --json"), VERB_EXIT_OK);
	assert_contains(outcome->out, "\"path\": \"/var/crash/now/vmcore\"");
	assert_int_equal(run(scene, "test-panic --verify --dump-directory=/no"),
			 VERB_EXIT_NOT_FOUND);
}

static void test_the_two_halves_do_not_go_together(void **state)
{
	assert_int_equal(run(*state, "test-panic --verify --crash-now"), VERB_EXIT_USAGE);
	assert_string_equal(outcome->done, "");
	assert_int_equal(run(*state, "test-panic k"), VERB_EXIT_USAGE);
}

static void test_the_word_that_crashes_is_not_abbreviated(void **state)
{
	assert_int_equal(run(*state, "test-panic --crash"), VERB_EXIT_USAGE);
	assert_contains(outcome->err, "must be written out");
	assert_string_equal(outcome->done, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PANIC_TEST(test_check_says_that_it_works),
	    PANIC_TEST(test_check_names_the_problem_and_its_next_step),
	    PANIC_TEST(test_check_wants_to_know_of_what),
	    PANIC_TEST(test_without_the_word_nothing_is_done),
	    PANIC_TEST(test_with_a_problem_it_refuses),
	    PANIC_TEST(test_the_token_is_there_before_the_crash),
	    PANIC_TEST(test_a_crash_that_does_not_come_is_an_error_and_leaves_no_token),
	    PANIC_TEST(test_without_a_token_it_does_not_crash),
	    PANIC_TEST(test_in_a_container_it_refuses),
	    PANIC_TEST(test_verify_believes_a_dump_of_that_crash_alone),
	    PANIC_TEST(test_the_two_halves_do_not_go_together),
	    PANIC_TEST(test_the_word_that_crashes_is_not_abbreviated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
