/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole program, once for each allocation that it makes: that one fails. Either all is as
 * without the failure, or the program says that memory ran out and nothing has changed.
 */
#include "cmd/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "purgatory/parameters.h"
#include "record/record.h"
#include "test-support/fail-allocation.h"
#include "test-support/fake-calls.h"
#include "test-support/scene.h"

enum {
	ARGUMENTS_MAX = 16,
};

/* The plan has to be the same each time. */
ssize_t getrandom(void *bytes, size_t size, unsigned int flags)
{
	(void)flags;
	memset(bytes, 7, size);
	return (ssize_t)size;
}

struct row {
	const char *name;
	const char *arguments[ARGUMENTS_MAX]; /* words in capitals stand for paths */
	int load_code, file_code, reboot_code;
	bool allocates_nothing;
	const char *makes;   /* the file that says that all was made */
	const char *decoder; /* without which there is no such row */
};

/* What is wrapped is no kernel, which is told only when all of it is unpacked. */
#define WRAPPED(file, its_decoder)                                                                 \
	{                                                                                          \
		"wrapped: " file, {"--dry-run", "-c", "-l", KEXEC_CORPUS "/unwrap/" file},         \
		    .decoder = its_decoder                                                         \
	}

static const struct row rows[] = {
    {"plan", {"--dry-run", "-c", "-l", "NEW", "--initrd=INITRD", "--append=quiet"}},
    {"plan, JSON", {"--dry-run", "--json", "-c", "-l", "NEW", "--initrd=INITRD"}},
    {"plan by file, JSON", {"--dry-run", "--json", "-s", "-l", "NEW", "--initrd=INITRD"}},
    {"options",
     {"--dry-run", "-i", "-l", "NEW", "--append=one", "--append=two", "--reuse-cmdline",
      "--initrd=INITRD", "--initrd=INITRD", "--elf64-core-headers"}},
    {"wrong options", {"-l", "NEW", "--no"}, .allocates_nothing = true},
    {"load", {"-c", "-l", "NEW", "--initrd=INITRD"}},
    {"load, shown", {"-c", "-d", "-l", "NEW", "--initrd=INITRD"}},
    {"load by file", {"-s", "-l", "NEW", "--initrd=INITRD", "--initrd=OLD"}},
    {"load refused", {"-c", "-l", "NEW"}, .load_code = EBUSY},
    {"load falls back", {"-l", "NEW", "--initrd=INITRD"}, .load_code = ENOSYS},
    {"load falls back with -a", {"-a", "-l", "NEW"}, .file_code = ENOEXEC},
    {"load and jump", {"-f", "-x", "-y", "NEW"}, .reboot_code = EBUSY},
    {"unload", {"-u"}, .allocates_nothing = true},
    {"jump", {"-e", "-x", "-y"}, .reboot_code = 200},
    {"status", {"-S", "-l", "-d"}},
    {"help", {"--help"}},
    {"picture",
     {"--dry-run", "-c", "-l", "NEW", "--initrd=INITRD", "--svg=MADE/plan.svg"},
     .makes = "made/plan.svg"},
    {"recording", {"--record-machine=MADE"}, .makes = "made/machine.json"},
    WRAPPED("gzip", "gzip"),
    WRAPPED("xz", "xz"),
    WRAPPED("lzma", "xz"),
    WRAPPED("zstd", "zstd"),
    WRAPPED("lz4", "lz4"),
    WRAPPED("lz4-legacy", "lz4"),
    WRAPPED("bzip2", "bzip2"),
    WRAPPED("lzo", "lzo"),
};

/* What a run ended with; in memory that the parent and its children share. */
struct outcome {
	int code;
	char out[32768], err[32768];
	unsigned long allocations;
	struct fake_calls calls;
	char loaded[64]; /* the kernel that the record names; empty: none */
	enum record_state record;
	bool made; /* what the row makes */
};

static const char *argument_text(struct scene *scene, const char *argument)
{
	static const char *const names[][2] = {
	    {"OLD", "old"}, {"NEW", "vmlinuz"}, {"INITRD", "initrd.img"}, {"MADE", "made"}};
	struct folder *folder = &scene->tree.folder;
	char *text;

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		const char *at = strstr(argument, names[i][0]);

		if (!at)
			continue;
		assert_true(asprintf(&text, "%.*s%s%s", (int)(at - argument), argument,
				     folder_path(folder, names[i][1]),
				     at + strlen(names[i][0])) > 0);
		return text;
	}
	return argument;
}

static void keep(struct scene *scene, const char *name, char *text, size_t capacity)
{
	cleanup_free char *content = folder_read(&scene->tree.folder, name);

	assert_true(strlen(content) < capacity);
	strcpy(text, content);
}

/* Runs the program with allocation `failing` failing; what it prints goes into files. */
static void run(struct scene *scene, const char *const *arguments, unsigned long failing,
		struct outcome *outcome)
{
	const struct program program = {scene->tree.folder.path, &load_calls_fake, "0"};
	const char *argv[ARGUMENTS_MAX + 2] = {"kexec"};
	int err = open(folder_path(&scene->tree.folder, "err"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
	int argc = 1;

	for (; arguments[argc - 1]; argc++)
		argv[argc] = argument_text(scene, arguments[argc - 1]);
	assert_true(err >= 0 && dup2(err, STDERR_FILENO) >= 0 && close(err) == 0);
	/* Anew, so that stdout has no buffer yet. */
	assert_non_null(freopen(folder_path(&scene->tree.folder, "out"), "w", stdout));
	fail_allocation_start(failing);
	outcome->code = program_run(&program, argc, (char **)(uintptr_t)argv);
	fflush(stdout);
	outcome->allocations = fail_allocation_stop();
	keep(scene, "out", outcome->out, sizeof(outcome->out));
	keep(scene, "err", outcome->err, sizeof(outcome->err));
	outcome->calls = fake_calls;
}

static void keep_kernel_of_record(struct scene *scene, struct outcome *outcome)
{
	cleanup_free char *text = NULL;
	cleanup_json struct json_object *json = NULL;
	struct json_object *kernel = NULL;

	outcome->loaded[0] = '\0';
	if (!folder_has(&scene->tree.folder, "run/kexec/loaded.json"))
		return;
	text = folder_read(&scene->tree.folder, "run/kexec/loaded.json");
	json = json_tokener_parse(text);
	assert_true(json && json_object_object_get_ex(json, "kernel", &kernel));
	snprintf(outcome->loaded, sizeof(outcome->loaded), "%s",
		 strrchr(json_object_get_string(kernel), '/') + 1);
}

static int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* An empty folder for what the row makes. */
static void empty_made(struct scene *scene)
{
	cleanup_free char *command = NULL;
	const char *path = folder_path(&scene->tree.folder, "made");

	assert_true(asprintf(&command, "rm -rf '%s' && mkdir -m 700 '%s'", path, path) > 0);
	assert_int_equal(system(command), 0);
}

/* A kernel is loaded; then comes the row, with one failure. */
static void run_row(struct scene *scene, const struct row *row, unsigned long failing,
		    struct outcome *outcome)
{
	static const char *const load_old[] = {"-c", "-l", "OLD", NULL};
	int descriptors;

	if (row->makes)
		empty_made(scene);
	run(scene, load_old, 0, outcome);
	assert_int_equal(outcome->code, 0);
	fake_calls_reset(NULL);
	fake_calls.load_code = row->load_code;
	fake_calls.file_code = row->file_code;
	fake_calls.reboot_code = row->reboot_code;
	descriptors = open_descriptors();
	run(scene, row->arguments, failing, outcome);
	if (open_descriptors() != descriptors) {
		fprintf(stderr, "file descriptors are left open\n");
		outcome->code = -1;
	}
	keep_kernel_of_record(scene, outcome);
	outcome->record = record_state(&scene->tree.root);
	outcome->made = row->makes && folder_has(&scene->tree.folder, row->makes);
}

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool same_calls(const struct fake_calls *a, const struct fake_calls *b)
{
	return a->load_count == b->load_count && a->file_count == b->file_count &&
	       a->unload_load_count == b->unload_load_count &&
	       a->unload_file_count == b->unload_file_count && a->reboot_count == b->reboot_count &&
	       a->entry == b->entry && a->segment_count == b->segment_count &&
	       a->initrd_size == b->initrd_size && strcmp(a->command_line, b->command_line) == 0;
}

/* What is said of a failure may lose its advice: that takes memory, too. And of the purgatory that
 * started this kernel it may be said that nothing is known. */
static bool same_words(const struct outcome *whole, const struct outcome *now)
{
	static const char unknown[] = "kexec: how this kernel was started cannot be read\n";

	return same(now->err, whole->err) || same(now->err, unknown) ||
	       (whole->code == 255 && now->code == 255 &&
		strncmp(now->err, whole->err, strcspn(whole->err, "\n") + 1) == 0);
}

/* As without the failure: to the last byte, but that the record may be missing, which is said. */
static const char *judge_done(const struct outcome *whole, const struct outcome *now)
{
	bool unrecorded = strstr(now->err, "not recorded") && strstr(now->err, "allocate memory");

	if (!same(now->out, whole->out))
		return "standard output is another one";
	if (!same_words(whole, now) && !unrecorded)
		return "standard error is another one";
	if (!same_calls(&now->calls, &whole->calls))
		return "the calls are others";
	if (unrecorded ? now->record != RECORD_NONE
		       : now->record != whole->record || !same(now->loaded, whole->loaded))
		return "the record is another one";
	if (now->made != whole->made)
		return "it was not made";
	return NULL;
}

/* Not done: it is said why, and what was loaded is loaded and recorded as before. */
static const char *judge_failed(const struct outcome *whole, const struct outcome *now)
{
	const struct fake_calls *calls = &now->calls;

	if (!strstr(now->err, "Cannot allocate memory"))
		return "it is not said that memory ran out";
	if (calls->unload_file_count || calls->unload_load_count)
		return "something was unloaded";
	if ((calls->load_count && !whole->calls.load_code) ||
	    (calls->file_count && !whole->calls.file_code))
		return "the kernel took the new image, and the program failed";
	if (now->record != RECORD_CONFIRMED || !same(now->loaded, "old"))
		return "the record is not the old one";
	if (now->made)
		return "it failed, and was made all the same";
	return NULL;
}

static const char *judge(const struct outcome *whole, const struct outcome *now)
{
	const char *problem;

	if (now->code == -1)
		return "file descriptors are left open";
	problem = judge_done(whole, now);
	if (now->code == whole->code && !problem)
		return NULL;
	if (now->code == 0)
		return problem ? problem : "it did not fail, as it does with memory";
	return judge_failed(whole, now);
}

/* In a process of its own: what a failure breaks must not be seen by the next. */
static int run_in_child(struct scene *scene, const struct row *row, const struct outcome *whole,
			unsigned long failing, struct outcome *now)
{
	int report = dup(STDERR_FILENO), status;
	const char *problem;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		run_row(scene, row, failing, now);
		problem = whole && now->allocations >= failing ? judge(whole, now) : NULL;
		if (problem)
			dprintf(report, "%s: allocation %lu: %s; exit code %d\n%s", row->name,
				failing, problem, now->code, now->err);
		_exit(problem ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	close(report);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		print_error("%s: allocation %lu: signal %d\n", row->name, failing,
			    WTERMSIG(status));
	return status == 0 ? 0 : -1;
}

static bool is_built(const char *decoder)
{
	char word[16];

	snprintf(word, sizeof(word), " %s ", decoder ? decoder : "");
	return !decoder || strstr(" " KEXEC_DECODERS " ", word);
}

/* How many times it did not end well. */
static unsigned int fail_each_allocation(struct scene *scene, const struct row *row,
					 struct outcome *whole, struct outcome *now)
{
	unsigned int bad = 0;

	assert_row(row->name, run_in_child(scene, row, NULL, 0, whole) == 0);
	print_message("%s: %lu allocations\n", row->name, whole->allocations);
	for (unsigned long n = 1; n <= whole->allocations; n++)
		bad += run_in_child(scene, row, whole, n, now) != 0;
	assert_row(row->name, whole->allocations > 0 || row->allocates_nothing);
	return bad;
}

/* Whatever is read of a machine is there. */
static void prepare_machine(struct machine_tree *tree)
{
	static const struct purgatory_stamp stamp = {PURGATORY_STAMP_MAGIC, 100, 250, 5};
	static const uint64_t tables[] = {0x5000000, 0x6000000};

	machine_tree_write(tree, "sys/kernel/kexec_loaded", "1\n");
	machine_tree_write(tree, "sys/kernel/security/ima/policy", "measure func=KEXEC_CMDLINE\n");
	machine_tree_add_efi(tree, 3);
	machine_tree_write(tree, "sys/firmware/efi/config_table", "0x30010\n");
	machine_tree_add_efi_tables(tree, tables, ELEMENTS(tables), ELEMENTS(tables));
	machine_tree_write(tree, "sys/kernel/boot_params/setup_data/0/type", "0x4b455843\n");
	folder_write(&tree->folder, "sys/kernel/boot_params/setup_data/0/data", &stamp,
		     sizeof(stamp));
}

static void test_each_allocation_fails_once(void **state)
{
	struct scene *scene = *state;
	struct folder *folder = &scene->tree.folder;
	struct outcome *outcomes = mmap(NULL, 2 * sizeof(*outcomes), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int bad = 0;

	assert_true(outcomes != MAP_FAILED);
	assert_int_equal(link(scene->request.kernel, folder_path(folder, "old")), 0);
	prepare_machine(&scene->tree);
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (is_built(rows[i].decoder))
			bad += fail_each_allocation(scene, &rows[i], &outcomes[0], &outcomes[1]);
	assert_int_equal(bad, 0);
	munmap(outcomes, 2 * sizeof(*outcomes));
}

/* Not under cmocka's runner: a child whose assertion fails must end, not go on as the parent. */
int main(void)
{
	void *state;

	scene_setup(&state);
	test_each_allocation_fails_once(&state);
	scene_teardown(&state);
	return 0;
}
