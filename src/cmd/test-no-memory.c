/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole program, once for each allocation that it makes: that one fails. Either all is as
 * without the failure, or the program says that memory ran out and nothing has changed. Without an
 * argument all rows are run, with one those of that group.
 */
#include "cmd/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/jump.h"
#include "purgatory/parameters.h"
#include "record/record.h"
#include "test-support/archive.h"
#include "test-support/crash-tree.h"
#include "test-support/fail-allocation.h"
#include "test-support/fake-calls.h"
#include "test-support/gzip.h"
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
	bool may_know_less;  /* it goes on, and says what it cannot know then */
	bool may_load_again; /* what it cannot know then counts as a change */
	bool panic;          /* it is about the crash image, and its record */
	bool kernel_drops;   /* and the kernel drops the old one before it refuses */
	const char *makes;   /* the file that says that all was made */
	const char *decoder; /* without which there is no such row */
};

/* What is wrapped is no kernel, which is told only when all of it is unpacked. */
#define WRAPPED(file, its_decoder)                                                                 \
	{                                                                                          \
		"wrapped: " file, {"--dry-run", "-c", "-l", KEXEC_CORPUS "/unwrap/" file},         \
		    .decoder = its_decoder                                                         \
	}

static const struct row classic_rows[] = {
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
    {"load unpacked", {"-c", "-l", "NEW", "--initrd=INITRD", "--initrd=PACKED"}, .decoder = "gzip"},
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
};

static const struct row wrapped_rows[] = {
    WRAPPED("gzip", "gzip"),   WRAPPED("xz", "xz"),   WRAPPED("lzma", "xz"),
    WRAPPED("zstd", "zstd"),   WRAPPED("lz4", "lz4"), WRAPPED("lz4-legacy", "lz4"),
    WRAPPED("bzip2", "bzip2"), WRAPPED("lzo", "lzo"),
};

/* The program that shuts down cannot be started, so that these end. */
static const struct row verb_rows[] = {
    {"verb load", {"load", "-c", "NEW", "--initrd=INITRD", "--add=one", "--remove=ro"}},
    {"verb load, JSON", {"load", "--json", "-c", "NEW", "--initrd=INITRD"}},
    {"verb load falls back, JSON", {"load", "--json", "NEW"}, .load_code = ENOSYS},
    {"verb load refused, JSON", {"load", "--json", "-c", "NEW"}, .load_code = EBUSY},
    {"verb load, unchanged",
     {"load", "--if-changed", "-c", "OLD", "--command-line=", "--json"},
     .may_load_again = true},
    {"verb load, changed", {"load", "--if-changed", "-c", "NEW", "--command-line="}},
    {"verb plan", {"plan", "NEW", "--initrd=INITRD"}},
    {"verb plan, JSON", {"plan", "NEW", "--initrd=INITRD", "--json"}},
    {"recorded plan, JSON", {"plan", "NEW", "--sysroot=" KEXEC_RECORDING, "--json"}},
    {"verb unload", {"unload"}},
    {"verb unload, JSON", {"unload", "--json"}},
    {"verb status", {"status"}, .may_know_less = true},
    {"verb status, JSON", {"status", "--json"}, .may_know_less = true},
    {"verb reboot", {"reboot"}, .may_know_less = true},
    {"verb reboot, JSON", {"reboot", "--json"}, .may_know_less = true},
    {"verb reboot, cold", {"reboot", "--cold"}},
    {"verb reboot, cold, JSON", {"reboot", "--cold", "--json"}},
    {"verb reboot, now",
     {"reboot", "--now", "-x", "-y"},
     .reboot_code = EBUSY,
     .may_know_less = true},
    {"verb check", {"check", "--panic", "NEW", "--initrd=INITRD"}},
    {"verb check, JSON",
     {"check", "--panic", "NEW", "--initrd=PACKED", "--json"},
     .decoder = "gzip"},
    {"verb test-panic refuses, JSON", {"test-panic", "--json"}},
    {"verb test-panic, nothing to verify", {"test-panic", "--verify"}},
    {"verb check of what is configured", {"check", "--panic"}},
    {"wrong verb, JSON", {"load", "--json"}},
};

/* A crash kernel is loaded, and recorded. */
static const struct row panic_rows[] = {
    {"plan for a panic", {"--dry-run", "-c", "-p", "NEW", "--initrd=INITRD"}, .panic = true},
    {"plan for a panic by file, JSON",
     {"plan", "--panic", "--json", "-s", "NEW", "--initrd=INITRD"},
     .panic = true},
    {"load for a panic", {"-c", "-p", "NEW", "--initrd=INITRD"}, .panic = true},
    {"load for a panic by file", {"-s", "-p", "NEW", "--initrd=INITRD"}, .panic = true},
    {"load for a panic, JSON",
     {"load", "--panic", "--json", "--pass-memmap-cmdline", "NEW", "--initrd=INITRD"},
     .panic = true},
    {"load for a panic, kept", {"-c", "-p", "NEW"}, .load_code = EPERM, .panic = true},
    {"load for a panic, dropped",
     {"load", "--panic", "--json", "-c", "NEW"},
     .load_code = EINVAL,
     .panic = true,
     .kernel_drops = true},
    {"load for a panic, unchanged",
     {"load", "--panic", "--if-changed", "-c", "OLD", "--command-line=", "--json"},
     .panic = true,
     .may_load_again = true},
    {"unload of the crash image", {"unload", "--panic", "--json"}, .panic = true},
    {"size of the reservation", {"--print-ckr-size"}, .panic = true},
};

static const struct {
	const char *name;
	const struct row *rows;
	size_t count;
} groups[] = {
    {"classic", classic_rows, ELEMENTS(classic_rows)},
    {"wrapped", wrapped_rows, ELEMENTS(wrapped_rows)},
    {"verbs", verb_rows, ELEMENTS(verb_rows)},
    {"panic", panic_rows, ELEMENTS(panic_rows)},
};

/* What a run ended with; in memory that the parent and its children share. */
struct outcome {
	int code;
	char out[32768], err[32768];
	unsigned long allocations;
	struct fake_calls calls;
	char loaded[64]; /* the kernel that the record names; empty: none */
	enum record_state record;
	bool made;                /* what the row makes */
	unsigned int start_count; /* of programs that shut down */
};

static unsigned int start_count;
static char *old_record; /* of what is loaded before a row */
static char *old_crash_record;
static const char *crash_loaded_path; /* of the file in which the kernel says so */

static int fake_start(const char *program, const char *const *arguments, bool quiet)
{
	(void)program, (void)arguments, (void)quiet;
	start_count++;
	return -ENOEXEC;
}

static const struct jump_actions actions = {.start = fake_start};

static const char *argument_text(struct scene *scene, const char *argument)
{
	static const char *const names[][2] = {{"OLD", "old"},
					       {"NEW", "vmlinuz"},
					       {"INITRD", "initrd.img"},
					       {"PACKED", "packed.img"},
					       {"MADE", "made"}};
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
	const struct program program = {scene->tree.folder.path, &load_calls_fake, "0", &actions};
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
	outcome->start_count = start_count;
}

/* Without allocating anything: that is not the program's. */
static void say_crash_loaded(const char *text)
{
	int fd = open(crash_loaded_path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0 && write(fd, text, 2) == 2 && close(fd) == 0);
}

/* The first call is refused and the old image dropped, the second one succeeds. */
static void drop(void *argument)
{
	(void)argument;
	if (fake_calls.load_count == 1) {
		say_crash_loaded("0\n");
		return;
	}
	fake_calls.load_code = 0;
	say_crash_loaded("1\n");
}

static void keep_kernel_of_record(struct scene *scene, enum plan_kind kind, struct outcome *outcome)
{
	const char *path = record_file(kind) + 1;
	cleanup_free char *text = NULL;
	cleanup_json struct json_object *json = NULL;
	struct json_object *kernel = NULL;

	outcome->loaded[0] = '\0';
	if (!folder_has(&scene->tree.folder, path))
		return;
	text = folder_read(&scene->tree.folder, path);
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

/* What was loaded before, and its records; what a row has left there goes. */
static void put_back_records(struct scene *scene, const char *record)
{
	static const char *const left[] = {
	    "run/kexec/loading.json",           "run/kexec/loading.json.new",
	    "run/kexec/previous.json",          "run/kexec/crash-loading.json",
	    "run/kexec/crash-loading.json.new", "var/lib/kexec/loaded.json.new"};
	struct folder *folder = &scene->tree.folder;

	for (size_t i = 0; i < ELEMENTS(left); i++)
		if (folder_has(folder, left[i]))
			folder_delete(folder, left[i]);
	folder_text(folder, "run/kexec/loaded.json", record);
	folder_text(folder, "run/kexec/crash.json", old_crash_record);
	say_crash_loaded("1\n");
	folder_text(folder, "var/lib/kexec/loaded.json", record);
}

/* The old kernel is loaded; now comes the row, with one failure. */
static void run_row(struct scene *scene, const struct row *row, unsigned long failing,
		    struct outcome *outcome)
{
	int descriptors;

	if (row->makes)
		empty_made(scene);
	fake_calls_reset(NULL);
	fake_calls.load_code = row->load_code;
	fake_calls.file_code = row->file_code;
	fake_calls.reboot_code = row->reboot_code;
	fake_calls.during_load = row->kernel_drops ? drop : NULL;
	descriptors = open_descriptors();
	run(scene, row->arguments, failing, outcome);
	if (open_descriptors() != descriptors) {
		fprintf(stderr, "file descriptors are left open\n");
		outcome->code = -1;
	}
	keep_kernel_of_record(scene, row->panic ? PLAN_CRASH : PLAN_NORMAL, outcome);
	outcome->record = record_state_of(row->panic ? PLAN_CRASH : PLAN_NORMAL, &scene->tree.root);
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
	       (whole->code != 0 && now->code == whole->code &&
		strncmp(now->err, whole->err, strcspn(whole->err, "\n") + 1) == 0);
}

/* In place of a report that there was no memory for: what was done was done all the same. */
static bool cannot_report(const struct outcome *now)
{
	return now->code != 0 && strstr(now->err, "not enough memory to report as JSON") &&
	       strstr(now->out, "\"kind\": \"no-room\"");
}

static bool says_changed(const struct outcome *outcome)
{
	return strstr(outcome->out, "\"changed\": true");
}

/* As without the failure: to the last byte, but that the record may be missing, which is said. */
static const char *judge_done(const struct outcome *whole, const struct outcome *now)
{
	bool unrecorded = strstr(now->err, "not recorded") && strstr(now->err, "allocate memory");

	if (cannot_report(now)) {
		if (says_changed(now) != says_changed(whole))
			return "it is not said whether something has changed";
	} else if (!unrecorded) {
		if (!same(now->out, whole->out))
			return "standard output is another one";
		if (!same_words(whole, now))
			return "standard error is another one";
	}
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

/* What would be wrong: to know less is not to know otherwise. */
static const char *judge_known(const struct outcome *whole, const struct outcome *now)
{
	static const char *const wrong[] = {
	    "\"loaded\": false",
	    "boot-loader",
	    "\"firmware\"",
	    "\"gone\"",
	    "\"changed\"\n",
	    "normal image   none",
	    "a boot loader",
	    "reboot         goes",
	    " gone ",
	    " changed ",
	    "is gone",
	    "it has changed",
	};

	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		if ((strstr(now->out, wrong[i]) && !strstr(whole->out, wrong[i])) ||
		    strstr(now->err, wrong[i]))
			return "something is told that is not so";
	return same_calls(&now->calls, &whole->calls) && now->record == whole->record &&
		       same(now->loaded, whole->loaded)
		   ? NULL
		   : "the calls or the record are others";
}

/* It did not know that there was nothing to do. */
static const char *judge_loaded_again(const struct outcome *now)
{
	const struct fake_calls *calls = &now->calls;

	if (calls->load_count > 1 || calls->file_count || calls->unload_file_count ||
	    calls->unload_load_count || says_changed(now) != (calls->load_count == 1))
		return "the calls are others";
	if (now->record == RECORD_NONE
		? !strstr(now->out, "not recorded")
		: now->record != RECORD_CONFIRMED || !same(now->loaded, "old"))
		return "the record is another one";
	return NULL;
}

static const char *judge(const struct row *row, const struct outcome *whole,
			 const struct outcome *now)
{
	const char *problem;

	if (now->code == -1)
		return "file descriptors are left open";
	if (now->start_count != (now->code == whole->code ? whole->start_count : 0))
		return "a program was started or not, and it should not or should";
	problem = judge_done(whole, now);
	if ((now->code == whole->code || cannot_report(now)) && !problem)
		return NULL;
	if (row->may_load_again && (now->code == 0 || cannot_report(now)))
		return judge_loaded_again(now);
	if (row->may_know_less && now->code == whole->code)
		return judge_known(whole, now);
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

	put_back_records(scene, old_record);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		run_row(scene, row, failing, now);
		problem = whole && now->allocations >= failing ? judge(row, whole, now) : NULL;
		if (problem)
			dprintf(report, "%s: allocation %lu: %s; exit code %d\n%s%s", row->name,
				failing, problem, now->code, now->out, now->err);
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

	crash_tree_add(tree);
	machine_tree_write(tree, "sys/kernel/crash_elfcorehdr_size", "917560\n");
	machine_tree_write(tree, "sys/kernel/kexec/crash_cma_ranges", "38000000-38ffffff\n");
	machine_tree_write(tree, "usr/lib/kexec/crash-words.conf",
			   "# words\nremove quiet\nadd nr_cpus=1\n");
	crash_loaded_path = folder_text(&tree->folder, "sys/kernel/kexec_crash_loaded", "1\n");
	machine_tree_write(tree, "sys/kernel/kexec_loaded", "1\n");
	machine_tree_write(tree, "proc/sys/kernel/random/boot_id", "boot\n");
	machine_tree_write(tree, "proc/sys/kernel/bootloader_type", "208\n");
	machine_tree_write(tree, "var/lib/x", "");
	machine_tree_write(tree, "run/systemd/system/x", "");
	machine_tree_write(tree, "run/systemd/seats/seat0", "");
	machine_tree_write(tree, "usr/lib/systemd/libsystemd-shared-257.so", "");
	machine_tree_write(tree, "boot/vmlinuz-99.1-test", "");
	machine_tree_write(tree, "sys/kernel/security/ima/policy", "measure func=KEXEC_CMDLINE\n");
	machine_tree_add_efi(tree, 3);
	machine_tree_write(tree, "sys/firmware/efi/config_table", "0x30010\n");
	machine_tree_add_efi_tables(tree, tables, ELEMENTS(tables), ELEMENTS(tables));
	machine_tree_write(tree, "sys/kernel/boot_params/setup_data/0/type", "0x4b455843\n");
	folder_write(&tree->folder, "sys/kernel/boot_params/setup_data/0/data", &stamp,
		     sizeof(stamp));
}

/* Once for all rows, in a child, which leaves this process as it was. */
static void load_one(struct scene *scene, const char *const *arguments, struct outcome *outcome)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		run(scene, arguments, 0, outcome);
		_exit(outcome->code);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void load_old(struct scene *scene, struct outcome *outcome)
{
	static const char *const normal[] = {"-c", "-l", "OLD", NULL};
	/* As the row that finds it unchanged asks for it. */
	static const char *const crash[] = {
	    "load", "--panic", "-c", "OLD", "--command-line=", "--allow-disarm", NULL};

	load_one(scene, normal, outcome);
	load_one(scene, crash, outcome);
	old_record = folder_read(&scene->tree.folder, "run/kexec/loaded.json");
	old_crash_record = folder_read(&scene->tree.folder, "run/kexec/crash.json");
}

static void test_each_allocation_fails_once(struct scene *scene, const char *group)
{
	struct folder *folder = &scene->tree.folder;
	struct outcome *outcomes = mmap(NULL, 2 * sizeof(*outcomes), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int bad = 0, known = 0;

	assert_true(outcomes != MAP_FAILED);
	assert_int_equal(link(scene->request.kernel, folder_path(folder, "old")), 0);
	prepare_machine(&scene->tree);
	load_old(scene, &outcomes[0]);
	for (size_t i = 0; i < ELEMENTS(groups); i++) {
		if (group && !same(group, groups[i].name))
			continue;
		known++;
		for (size_t j = 0; j < groups[i].count; j++)
			if (is_built(groups[i].rows[j].decoder))
				bad += fail_each_allocation(scene, &groups[i].rows[j], &outcomes[0],
							    &outcomes[1]);
	}
	assert_true(known > 0);
	assert_int_equal(bad, 0);
	munmap(outcomes, 2 * sizeof(*outcomes));
	free(old_record);
	free(old_crash_record);
}

/* With one CPU there are no threads, and the allocations come in the same order each time. */
static void use_one_cpu(void)
{
	cpu_set_t all, one;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

/* A compressed archive for an initrd. */
static void add_packed_initrd(struct scene *scene)
{
	struct archive archive = {};
	uint8_t packed[sizeof(archive.bytes) + GZIP_OVERHEAD];

	archive_add(&archive, "init", "#!/bin/sh");
	archive_add(&archive, "TRAILER!!!", "");
	folder_write(&scene->tree.folder, "packed.img", packed,
		     gzip_wrap(packed, archive.bytes, archive.size));
}

/* Not under cmocka's runner: a child whose assertion fails must end, not go on as the parent. */
int main(int argc, char **argv)
{
	void *state;

	/* Thousands of records are written: on a disk each would wait for it. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	use_one_cpu();
	scene_setup(&state);
	scene_add_program(state, "usr/bin/systemctl");
	add_packed_initrd(state);
	test_each_allocation_fails_once(state, argc > 1 ? argv[1] : NULL);
	scene_teardown(&state);
	return 0;
}
