/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Golden plans: for each recorded machine in $KEXEC_RECORDINGS the plan that is made for it now is
 * the one that lies beside it (NAME/plan.json), and so is that of a crash kernel, where one has
 * memory (NAME/plan-crash.json). With KEXEC_GOLDEN=write the plans are written
 * instead.
 *
 * A recording is a file of the source tree, so what is read here is the real reader's whole way
 * from a machine's files to a sealed plan. What depends on the compiler is left out: the size of
 * purgatory's code and its digest.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "handover/handover.h"
#include "machine/recording.h"
#include "plan/show.h"
#include "test-support/folder.h"
#include "test-support/gzip.h"
#include "test-support/kernel-file.h"
#include "test-support/test.h"

enum { INITRD_SIZE = 1 << 20, DIFFERENCES_SHOWN = 3 };

struct goldens {
	struct folder folder; /* the kernel and the initrd, and where the test runs */
	const char *path;     /* of the recordings */
};

static int make_goldens(void **state)
{
	struct goldens *goldens = calloc(1, sizeof(*goldens));
	cleanup_free uint8_t *initrd = malloc(INITRD_SIZE);
	uint8_t kernel[KERNEL_FILE_SIZE];

	assert_non_null(goldens);
	assert_non_null(initrd);
	goldens->path = getenv("KEXEC_RECORDINGS");
	assert_non_null(goldens->path);
	folder_make(&goldens->folder);
	kernel_file_fill(kernel);
	folder_write(&goldens->folder, "vmlinuz", kernel, sizeof(kernel));
	for (size_t i = 0; i < INITRD_SIZE; i++)
		initrd[i] = (uint8_t)(i * 31 + i / 4096);
	memcpy(initrd, "070701", 6); /* of a cpio archive */
	folder_write(&goldens->folder, "initrd.img", initrd, INITRD_SIZE);
	assert_int_equal(chdir(goldens->folder.path), 0);
	*state = goldens;
	return 0;
}

static int remove_goldens(void **state)
{
	struct goldens *goldens = *state;

	assert_int_equal(chdir("/"), 0);
	folder_remove(&goldens->folder);
	free(goldens);
	return 0;
}

static void leave_out_what_depends_on_the_compiler(struct json_object *plan)
{
	struct json_object *segments;

	if (!json_object_object_get_ex(plan, "segments", &segments))
		return;
	for (size_t i = 0; i < json_object_array_length(segments); i++) {
		struct json_object *segment = json_object_array_get_idx(segments, i), *name;

		if (!json_object_object_get_ex(segment, "name", &name) ||
		    strcmp(json_object_get_string(name), "purgatory") != 0)
			continue;
		json_object_object_del(segment, "checked_size");
		json_object_object_del(segment, "xxh3");
	}
}

static char *text_of(struct json_object *json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	json_print(out, json);
	assert_int_equal(fclose(out), 0);
	return text;
}

/*
 * The plan as text, to be freed by the caller; empty where nothing is reserved for a crash kernel,
 * and NULL, with a word about it, when none can be made.
 */
static char *plan_for(const char *machine, enum plan_kind kind)
{
	static const char *const initrds[] = {"initrd.img"};
	const struct request request = {
	    .kind = kind,
	    .hotplug = CRASH_HOTPLUG_IF_POSSIBLE,
	    .kernel = "vmlinuz",
	    .initrds = initrds,
	    .initrd_count = 1,
	    .reuse_command_line = true,
	    .append = "added",
	    .load_max = UINT64_MAX,
	    .have_seed = true,
	    .kaslr_seed = "sixteen random b",
	};
	cleanup_with(recording_close) struct recording recording;
	cleanup_json struct json_object *json = NULL;
	cleanup_plan struct plan *plan = NULL;
	struct error error = {};

	if (recording_open(&recording, machine, &error) < 0 ||
	    handover_plan(&request, &recording.root, &plan, &error) < 0) {
		if (strcmp(error.failures[0].step, "check reservation") == 0)
			return strdup("");
		print_error("%s: no plan: %s: %s\n", machine, error.failures[0].subject,
			    error.failures[0].detail);
		return NULL;
	}
	json = plan_to_json(plan);
	leave_out_what_depends_on_the_compiler(json);
	return text_of(json);
}

static char *read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t capacity = 0;

	if (!file)
		return strdup("");
	if (getdelim(&text, &capacity, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void show_differences(const char *path, const char *golden, const char *now)
{
	unsigned int shown = 0;

	print_error("%s is another plan now:\n", path);
	for (unsigned int line = 1; (*golden || *now) && shown < DIFFERENCES_SHOWN; line++) {
		size_t was = strcspn(golden, "\n"), is = strcspn(now, "\n");

		if (was != is || strncmp(golden, now, is) != 0) {
			print_error("  line %u was: %.*s\n  line %u is:  %.*s\n", line, (int)was,
				    golden, line, (int)is, now);
			shown++;
		}
		golden += was + (golden[was] == '\n');
		now += is + (now[is] == '\n');
	}
	print_error("  if it is right, ./dev golden accepts it; git diff shows all of it\n");
}

/* Whether the machine's plan is as it should be, or was written. */
static bool check_one(const char *machine, enum plan_kind kind)
{
	const char *wish = getenv("KEXEC_GOLDEN");
	cleanup_free char *path = NULL, *golden = NULL, *now = plan_for(machine, kind);

	if (!now)
		return false;
	assert_true(asprintf(&path, "%s/plan%s.json", machine, kind == PLAN_CRASH ? "-crash" : "") >
		    0);
	if (wish && strcmp(wish, "write") == 0) {
		if (*now)
			write_text(path, now);
		return true;
	}
	golden = read_text(path);
	assert_non_null(golden);
	if (strcmp(golden, now) == 0)
		return true;
	show_differences(path, golden, now);
	return false;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void test_each_recorded_machine_gets_the_plan_beside_it(void **state)
{
	const struct goldens *goldens = *state;
	struct dirent **entries = NULL;
	int count = scandir(goldens->path, &entries, is_name, alphasort), wrong = 0;

	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		cleanup_free char *machine = NULL;

		assert_true(asprintf(&machine, "%s/%s", goldens->path, entries[i]->d_name) > 0);
		wrong += !check_one(machine, PLAN_NORMAL);
		wrong += !check_one(machine, PLAN_CRASH);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(wrong, 0);
}

/* Two plans for one machine are the same to the last byte. */
static void test_the_same_recording_gives_the_same_plan(void **state)
{
	const struct goldens *goldens = *state;
	cleanup_free char *machine = NULL, *first = NULL, *second = NULL;

	assert_true(asprintf(&machine, "%s/uefi-1g", goldens->path) > 0);
	first = plan_for(machine, PLAN_NORMAL);
	second = plan_for(machine, PLAN_NORMAL);
	assert_non_null(first);
	assert_non_null(second);
	assert_string_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_recorded_machine_gets_the_plan_beside_it),
	    cmocka_unit_test(test_the_same_recording_gives_the_same_plan),
	};

	if (!gzip_is_built())
		return 77; /* skipped: what is inside their kernel is gzip */
	return cmocka_run_group_tests(tests, make_goldens, remove_goldens);
}
