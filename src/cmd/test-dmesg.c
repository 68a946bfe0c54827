/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The whole program, on made-up dumps: what it prints, and how it ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/json.h"
#include "cmd/dmesg-program.h"
#include "explain/explain-dump.h"
#include "test-support/crashed-log.h"
#include "test-support/folder.h"
#include "test-support/test.h"

/* What a run printed. */
struct run {
	int code;
	char *out, *err; /* owned */
};

static char *read_stream(FILE *stream)
{
	long size = ftell(stream);
	char *text = calloc(1, (size_t)size + 1);

	assert_non_null(text);
	rewind(stream);
	assert_int_equal(fread(text, 1, (size_t)size, stream), size);
	fclose(stream);
	return text;
}

/* Runs the program with its streams in files. Words end with NULL. */
static struct run run_words(const char *const *words)
{
	FILE *out = tmpfile(), *err = tmpfile(), *saved_out = stdout, *saved_err = stderr;
	char *arguments[12] = {"vmcore-dmesg"};
	struct run run;
	int count = 1;

	assert_true(out && err);
	for (; words[count - 1]; count++)
		arguments[count] = (char *)words[count - 1];
	stdout = out;
	stderr = err;
	run.code = dmesg_program_run("1.2", count, arguments);
	stdout = saved_out;
	stderr = saved_err;
	run.out = read_stream(out);
	run.err = read_stream(err);
	return run;
}

#define RUN(...) run_words((const char *const[]){__VA_ARGS__, NULL})

static void run_end(struct run *run)
{
	free(run->out);
	free(run->err);
}

static void write_dump(struct folder *folder, const char *name, struct blob *blob)
{
	folder_write(folder, name, blob->memory, blob->size);
	blob_free(blob);
}

/* A kernel with four messages, two of them in the same second. */
static struct crashed_kernel *new_kernel(struct crashed_log *log, enum crashed_log_form form)
{
	struct crashed_kernel *kernel = malloc(sizeof(*kernel));

	assert_non_null(kernel);
	crashed_init(kernel, 8, ORDER_LITTLE);
	crashed_log_begin(log, kernel, form, 4096);
	crashed_log_text(log, 6, "first");
	crashed_log_text(log, 3 << 3 | 4, "two\nlines\t!");
	log->said = 1500; /* its time */
	crashed_log_say(log, 3, "\x1b[31mh\xc3\xbc\0", 9);
	log->said = 70000;
	crashed_log_text(log, 0, "Kernel panic");
	return kernel;
}

/* Records have no number in them that the time could disturb. */
static void make_core(struct folder *folder, enum crashed_log_form form)
{
	struct crashed_log log;
	struct crashed_kernel *kernel = new_kernel(&log, form);

	write_dump(folder, "core", crashed_elf(kernel, &(struct crashed_dump){}));
	free(kernel);
}

struct output_row {
	const char *words[4];
	const char *out;
};

static const struct output_row record_rows[] = {
    {{NULL},
     "[    0.000000] first\n[    0.001000] two\nlines\t!\n"
     "[    1.500000] \\x1b[31mh\\xc3\\xbc\\x00\n[   70.000000] Kernel panic\n"},
    {{"--level=err+"}, "[    1.500000] \\x1b[31mh\\xc3\\xbc\\x00\n[   70.000000] Kernel panic\n"},
    {{"--facility=daemon"}, "[    0.001000] two\nlines\t!\n"},
    {{"--level=info", "--facility=daemon"}, ""},
    {{"--level=emerg", "--caller"}, "[   70.000000] [   T42] Kernel panic\n"},
    {{"--level=info,emerg", "--time-format=notime"}, "first\nKernel panic\n"},
    {{"--level=info,emerg", "--time-format=delta"},
     "[    0.000000 <    0.000000>] first\n[   70.000000 <   70.000000>] Kernel panic\n"},
    {{"--level=info,emerg", "--time-format=iso"},
     "2023-11-14T22:12:10,000000+00:00 first\n2023-11-14T22:13:20,000000+00:00 Kernel panic\n"},
    {{"--level=info,emerg", "--time-format=ctime"},
     "[Tue Nov 14 22:12:10 2023] first\n[Tue Nov 14 22:13:20 2023] Kernel panic\n"},
    {{"--level=info,err,emerg", "--time-format=reltime"},
     "[Nov14 22:12] first\n[  +1.500000] \\x1b[31mh\\xc3\\xbc\\x00\n[Nov14 22:13] Kernel panic\n"},
};

static const struct output_row line_rows[] = {
    {{NULL},
     "<6>[    0.000000] first\n<28>[    0.001000] two\nlines\t!\n"
     "<3>[    1.500000] \x1b[31mh\xc3\xbc"},
    {{"--level=emerg"}, "<0>[   70.000000] Kernel panic\n"},
    {{"--level=emerg", "--time-format=raw"}, "[   70.000000] Kernel panic\n"},
    {{"--facility=daemon", "--time-format=notime"}, "two\nlines\t!\n"},
};

static void check_rows(struct folder *folder, const struct output_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *words[6] = {folder_path(folder, "core")};
		struct run run;

		memcpy(words + 1, rows[i].words, sizeof(rows[i].words));
		run = run_words(words);
		if (i > 0)
			assert_string_equal(run.out, rows[i].out);
		else
			assert_memory_equal(run.out, rows[i].out, strlen(rows[i].out));
		assert_string_equal(run.err, "");
		assert_int_equal(run.code, DUMP_EXIT_OK);
		run_end(&run);
	}
}

static void test_options_choose_and_shape_messages(void **state)
{
	struct folder *folder = *state;

	setenv("TZ", "UTC", 1);
	make_core(folder, CRASHED_LOG_RECORDS);
	check_rows(folder, record_rows, ELEMENTS(record_rows));
}

static void test_lines_of_old_kernels_are_shown_as_they_are(void **state)
{
	struct folder *folder = *state;

	make_core(folder, CRASHED_LOG_TEXT);
	check_rows(folder, line_rows, ELEMENTS(line_rows));
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_row(key, json_object_object_get_ex(object, key, &value));
	return value;
}

static void test_json_has_all_that_is_known(void **state)
{
	struct folder *folder = *state;
	cleanup_json struct json_object *json = NULL;
	struct json_object *message;
	struct run run;
	uint64_t number;

	make_core(folder, CRASHED_LOG_RECORDS);
	run = RUN("--json", folder_path(folder, "core"));
	json = json_parse(run.out, strlen(run.out), 8);
	assert_non_null(json);
	assert_string_equal(json_get_text(get(json, "dump"), "format"), "ELF");
	assert_string_equal(json_get_text(get(json, "dump"), "release"), "6.12.0-test");
	assert_int_equal(json_object_array_length(get(json, "messages")), 4);
	message = json_object_array_get_idx(get(json, "messages"), 2);
	assert_string_equal(json_get_text(message, "text"), "\\x1b[31mh\\xc3\\xbc\\x00");
	assert_string_equal(json_get_text(message, "level"), "err");
	assert_string_equal(json_get_text(message, "facility"), "kern");
	assert_string_equal(json_get_text(message, "caller"), "T42");
	assert_string_equal(json_get_text(message, "subsystem"), "pci");
	assert_true(json_get_number(message, "nanoseconds", &number) && number == 1500000000);
	message = json_object_array_get_idx(get(json, "messages"), 1);
	assert_string_equal(json_get_text(message, "text"), "two\nlines\t!");
	assert_true(json_get_number(json, "exit_code", &number) && number == 0);
	assert_int_equal(run.code, 0);
	run_end(&run);
}

static void test_json_is_an_object_when_there_is_no_dump(void **state)
{
	struct folder *folder = *state;
	struct run run = RUN("--json", folder_path(folder, "nothing"));
	cleanup_json struct json_object *json = json_parse(run.out, strlen(run.out), 8);

	assert_non_null(json);
	assert_int_equal(json_object_array_length(get(json, "messages")), 0);
	assert_int_equal(json_object_array_length(get(json, "errors")), 1);
	assert_int_equal(run.code, DUMP_EXIT_NOT_FOUND);
	run_end(&run);
}

/* What is missing is told on stderr and by the exit code; the rest is shown. */
static void test_a_dump_with_a_hole_is_shown_in_part(void **state)
{
	struct folder *folder = *state;
	struct crashed_log log;
	struct crashed_kernel *kernel = malloc(sizeof(*kernel));
	struct run run;

	assert_non_null(kernel);
	crashed_init(kernel, 8, ORDER_LITTLE);
	crashed_log_begin(&log, kernel, CRASHED_LOG_LOCKLESS, 4 * CRASHED_PAGE);
	for (unsigned int i = 0; i < 30; i++) {
		char text[512];

		memset(text, 'a' + (int)(i % 26), sizeof(text));
		crashed_log_say(&log, 6, text, sizeof(text));
	}
	write_dump(folder, "core",
		   crashed_elf(kernel, &(struct crashed_dump){.lost_from = 1, .lost_to = 2}));
	run = RUN(folder_path(folder, "core"));
	assert_contains(run.out, "[    0.000000] aaaa");
	assert_contains(run.out, "[    0.029000] dddd");
	assert_lacks(run.out, "iiii");
	assert_contains(run.err, "vmcore-dmesg: missing: 8 messages, damaged or not in the dump\n");
	assert_contains(run.err, "vmcore-dmesg: missing: the rest of 1 message, not in the dump\n");
	assert_contains(run.err, "the first reason: ");
	assert_int_equal(run.code, DUMP_EXIT_PARTIAL);
	run_end(&run);
	free(kernel);
}

static void test_each_failure_has_its_exit_code_and_words(void **state)
{
	struct folder *folder = *state;
	struct crashed_log log;
	struct crashed_kernel *kernel = new_kernel(&log, CRASHED_LOG_RECORDS);
	struct run run;

	folder_text(folder, "text", "no dump at all\n");
	run = RUN(folder_path(folder, "text"));
	assert_contains(run.err, "text: it is no dump of a kernel");
	assert_int_equal(run.code, DUMP_EXIT_IMAGE);
	run_end(&run);

	run = RUN(folder_path(folder, "missing"));
	assert_contains(run.err, "next: check the path");
	assert_int_equal(run.code, DUMP_EXIT_NOT_FOUND);
	run_end(&run);

	run = RUN("--nonsense");
	assert_contains(run.err, "see vmcore-dmesg --help");
	assert_int_equal(run.code, DUMP_EXIT_USAGE);
	run_end(&run);

	memcpy(strstr(kernel->info, "CRASHTIME"), "CRASHTIMX", 9);
	write_dump(folder, "core", crashed_elf(kernel, &(struct crashed_dump){}));
	run = RUN("--time-format=ctime", folder_path(folder, "core"));
	assert_contains(run.err, "CRASHTIME");
	assert_contains(run.err, "--time-format=raw");
	assert_string_equal(run.out, "");
	assert_int_equal(run.code, DUMP_EXIT_UNSUPPORTED);
	run_end(&run);
	free(kernel);
}

static void test_help_and_version_end_well(void **state)
{
	struct run run = RUN("--help");

	(void)state;
	assert_contains(run.out, "usage: vmcore-dmesg [OPTION …] VMCORE");
	assert_contains(run.out, "--time-format=FORMAT");
	assert_int_equal(run.code, 0);
	run_end(&run);
	run = RUN("--version");
	assert_string_equal(run.out, "vmcore-dmesg (kexec) 1.2\n");
	assert_int_equal(run.code, 0);
	run_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_options_choose_and_shape_messages),
	    FOLDER_TEST(test_lines_of_old_kernels_are_shown_as_they_are),
	    FOLDER_TEST(test_json_has_all_that_is_known),
	    FOLDER_TEST(test_json_is_an_object_when_there_is_no_dump),
	    FOLDER_TEST(test_a_dump_with_a_hole_is_shown_in_part),
	    FOLDER_TEST(test_each_failure_has_its_exit_code_and_words),
	    cmocka_unit_test(test_help_and_version_end_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
