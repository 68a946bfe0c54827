/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmcore-dmesg, once for each allocation that it makes: that one fails. Either all is as without
 * the failure, or it says that memory ran out, and may have shown a part.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/dmesg-program.h"
#include "explain/explain-dump.h"
#include "test-support/fail-allocation.h"
#include "test-support/folder.h"
#include "test-support/test.h"

struct row {
	const char *option, *core;
};

static const struct row rows[] = {
    {"--caller", "elf-lockless-64-le"}, {"--caller", "elf-records-64-le"},
    {"--caller", "elf-text-32-be"},     {"--caller", "kdump-snappy"},
    {"--caller", "flattened"},          {"--time-format=iso", "kdump-page-table"},
    {"--json", "elf-lockless-64-le"},   {"--json", "elf-text-32-be"},
};

struct outcome {
	int code;
	unsigned long allocations;
	char *out, *err; /* owned */
};

static void outcome_end(struct outcome *outcome)
{
	free(outcome->out);
	free(outcome->err);
}

static void run(struct folder *folder, const struct row *row, unsigned long failing,
		struct outcome *outcome)
{
	char core[512];
	char *words[] = {"vmcore-dmesg", (char *)(uintptr_t)row->option, core};
	FILE *err = freopen(folder_path(folder, "err"), "w", stderr);

	snprintf(core, sizeof(core), "%s/vmcore/%s", KEXEC_CORPUS, row->core);
	/* Anew, so that stdout has no buffer yet. */
	assert_true(err && freopen(folder_path(folder, "out"), "w", stdout));
	fail_allocation_start(failing);
	outcome->code = dmesg_program_run("0", ELEMENTS(words), words);
	fflush(stdout);
	outcome->allocations = fail_allocation_stop();
	fflush(stderr);
	outcome->out = folder_read(folder, "out");
	outcome->err = folder_read(folder, "err");
}

/* NULL: the outcome is right. */
static const char *judge(const struct row *row, const struct outcome *whole,
			 const struct outcome *now)
{
	bool json = strcmp(row->option, "--json") == 0;
	cleanup_json struct json_object *object =
	    json ? json_parse(now->out, strlen(now->out), 8) : NULL;
	uint64_t code;

	if (json && (!object || !json_get_number(object, "exit_code", &code) ||
		     code != (uint64_t)now->code))
		return "what it printed is not the JSON form, or has another exit code";
	if (now->code == whole->code)
		return strcmp(now->out, whole->out) == 0 ? NULL : "its output differs";
	if (now->code != DUMP_EXIT_NO_ROOM && now->code != DUMP_EXIT_PARTIAL)
		return "its exit code is another";
	return strstr(now->err, "memory") ? NULL : "it does not say that memory ran out";
}

static int run_row(struct folder *folder, const struct row *row, FILE *report)
{
	struct outcome whole, now;
	int failed = 0;

	run(folder, row, 0, &whole);
	for (unsigned long n = 1; n <= whole.allocations; n++) {
		const char *why;

		run(folder, row, n, &now);
		why = judge(row, &whole, &now);
		if (why) {
			fprintf(report, "%s %s, allocation %lu: %s (exit %d): %s\n", row->option,
				row->core, n, why, now.code, now.err);
			failed = 1;
		}
		outcome_end(&now);
	}
	fprintf(report, "%s %s: %lu allocations\n", row->option, row->core, whole.allocations);
	outcome_end(&whole);
	return failed || whole.allocations == 0;
}

int main(void)
{
	FILE *report = fdopen(dup(STDOUT_FILENO), "w");
	struct folder folder;
	int failed = 0;

	assert_non_null(report);
	setenv("TZ", "UTC", 1);
	folder_make(&folder);
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		failed |= run_row(&folder, &rows[i], report);
	folder_remove(&folder);
	fclose(report);
	return failed;
}
