/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/printable.h"
#include "base/table.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/status-json.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "handover/status.h"
#include "plan/plan.h"
#include "plan/size-text.h"

/* A line's label, up to the column where all values start. */
static void label(const char *text)
{
	printf("%-15s", text);
}

static void field(const char *name, const char *value)
{
	label(name);
	print_printable(stdout, value);
	putchar('\n');
}

static const char *record_text(enum status_record state)
{
	switch (state) {
	case STATUS_RECORD_CONFIRMED:
		return "confirmed, as far as that can be: another tool that replaced the image "
		       "would not show";
	case STATUS_RECORD_UNDER_WAY:
		return "unconfirmed: a load or unload is under way";
	case STATUS_RECORD_INTERRUPTED:
		return "unconfirmed: a load or unload was interrupted; load again, or unload";
	case STATUS_RECORD_UNCONFIRMED:
		return "unconfirmed: a load or unload is under way or was interrupted (root can "
		       "tell which)";
	case STATUS_RECORD_STALE:
		return "stale: something else has unloaded what it describes";
	case STATUS_RECORD_MISSING:
		return "none: it was loaded by another tool, or could not be recorded";
	case STATUS_RECORD_OTHER_BOOT:
		return "of another boot: it was loaded by another tool, or could not be recorded";
	case STATUS_RECORD_UNREADABLE:
		return "it cannot be read or understood (only root can read it)";
	case STATUS_RECORD_NONE:
	case STATUS_RECORD_UNKNOWN:
		break;
	}
	return NULL;
}

static const struct table_column file_columns[] = {
    {"ROLE"}, {"SIZE", .right = true}, {"STATE"}, {"FILE"}};

static int list_image(struct table *files, const struct record *record,
		      const enum file_state *states, const char *kernel, const char *initrd)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < record->file_count; i++) {
		const struct record_file *file = &record->files[i];
		char size[32];
		const char *const cells[] = {
		    i == 0 ? kernel : initrd,
		    size_text(file->size, size, sizeof(size)),
		    file_state_name(states[i]),
		    file->path,
		};

		r = table_add_row(files, cells);
	}
	return r;
}

/* The files of what is loaded; no row where none are known. */
static int list_files(struct table *files, const struct status *status)
{
	int r = list_image(files, &status->record, status->file_states, "kernel", "initrd");

	return r < 0 ? r
		     : list_image(files, &status->crash.record, status->crash.file_states,
				  "crash kernel", "crash initrd");
}

/* "2026-11-23 14:03:11 UTC by uid 0" */
static void show_when_and_who(const struct record *record)
{
	time_t when = (time_t)record->loaded_at;
	struct tm parts;
	char text[32];

	if (record->loaded_at <= INT32_MAX * UINT64_C(1000) && gmtime_r(&when, &parts) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts))
		fputs(text, stdout);
	else
		fputs("at an unknown time", stdout);
	printf(" by uid %" PRIu64, record->uid);
	if (record->login_uid_known && record->login_uid != record->uid)
		printf(" (logged in as uid %" PRIu64 ")", record->login_uid);
}

static void show_record(const struct record *record)
{
	if (*record->kernel_version)
		field("  version", record->kernel_version);
	field("  command line", *record->command_line ? record->command_line : "(empty)");
	label("  method");
	fputs(plan_method_call(record->method), stdout);
	fputs(", because ", stdout);
	print_printable(stdout, record->method_reason);
	putchar('\n');
	label("  form");
	printf("%s, because ", plan_form_name(record->form));
	print_printable(stdout, record->form_reason);
	putchar('\n');
	label("  loaded");
	show_when_and_who(record);
	printf(", process %" PRIu64, record->pid);
	if (*record->program_version) {
		fputs(", kexec ", stdout);
		print_printable(stdout, record->program_version);
	}
	putchar('\n');
}

static const char *loaded_text(enum fact fact, bool loaded)
{
	if (fact != FACT_KNOWN)
		return "unknown (/sys does not tell)";
	return loaded ? "loaded" : "none";
}

static void show_start(const struct status *status)
{
	label("this kernel");
	switch (status->start) {
	case STATUS_START_KEXEC:
		fputs("started by kexec", stdout);
		break;
	case STATUS_START_LOADER:
		fputs("started by a boot loader", stdout);
		break;
	case STATUS_START_UNKNOWN:
		fputs("how it was started cannot be read", stdout);
		break;
	}
	if (status->previous_known) {
		fputs(" from Linux ", stdout);
		print_printable(stdout, status->previous.running_version);
		fputs(", where it was loaded ", stdout);
		show_when_and_who(&status->previous);
	}
	putchar('\n');
}

static void show_why_firmware(const struct status *status)
{
	const struct init_system *init = &status->init;

	if (!status->loaded)
		fputs(", because nothing is loaded", stdout);
	else if (init->systemd)
		printf(", because systemd %u does not jump by itself (systemctl kexec does)",
		       init->version);
	else
		fputs(", because systemd is not there to jump (kexec -e does)", stdout);
}

static void show_why_unknown(const struct init_system *init)
{
	if (init->systemd && init->version >= SYSTEMD_JUMPS_SINCE && !init->logind)
		fputs("shutdown -r jumps, and systemctl reboot goes through the firmware, because "
		      "logind does not run",
		      stdout);
	else
		fputs("whether it jumps or goes through the firmware is unknown", stdout);
}

static void show_reboot(const struct status *status)
{
	label("reboot");
	switch (status->reboot) {
	case STATUS_REBOOT_JUMPS:
		printf("jumps into the kernel that is loaded (systemd %u; to prevent it: "
		       "SYSTEMCTL_SKIP_AUTO_KEXEC=1)",
		       status->init.version);
		break;
	case STATUS_REBOOT_FIRMWARE:
		fputs("goes through the firmware", stdout);
		show_why_firmware(status);
		break;
	case STATUS_REBOOT_UNKNOWN:
		show_why_unknown(&status->init);
		break;
	}
	putchar('\n');
}

static void show_reservation(const struct status *status)
{
	const struct status_crash *crash = &status->crash;
	uint64_t used = status_crash_used(status);
	char size[32];

	label("  memory");
	if (crash->reserved_fact == FACT_UNREADABLE)
		fputs("unknown (only root can read where it is)", stdout);
	else if (crash->reserved_fact == FACT_ABSENT)
		fputs("none is reserved", stdout);
	else
		printf("%s reserved", size_text(crash->reserved, size, sizeof(size)));
	if (crash->reserved_low)
		printf(", and %s below 4 GiB", size_text(crash->reserved_low, size, sizeof(size)));
	if (used) {
		printf("; %s used", size_text(used, size, sizeof(size)));
		printf(", %s free", size_text(crash->reserved - used, size, sizeof(size)));
	}
	putchar('\n');
}

static void show_image(const char *name, enum fact fact, bool loaded,
		       enum status_record record_state, const struct record *record)
{
	const char *text = record_text(record_state);

	field(name, loaded_text(fact, loaded));
	if (text)
		field("  record", text);
	if (record_state == STATUS_RECORD_CONFIRMED)
		show_record(record);
}

static void show(const struct status *status, const struct table *files)
{
	show_image("normal image", status->loaded_fact, status->loaded, status->record_state,
		   &status->record);
	show_image("crash image", status->crash_fact, status->crash_loaded,
		   status->crash.record_state, &status->crash.record);
	show_reservation(status);
	show_start(status);
	show_reboot(status);
	if (files->row_count > 0) {
		putchar('\n');
		table_print(files, stdout);
	}
}

/* All that takes memory comes first. */
static int show_in_words(const struct status *status, struct error *error)
{
	cleanup_with(table_fini) struct table files = {
	    .columns = file_columns,
	    .column_count = sizeof(file_columns) / sizeof(*file_columns),
	};

	if (list_files(&files, status) < 0)
		return error_memory(error, "show status");
	show(status, &files);
	return 0;
}

int verb_status(const struct program *program __attribute__((unused)),
		const struct command *command, const struct root *root)
{
	cleanup_with(status_fini) struct status status = {};
	cleanup_json struct json_object *detail = NULL;
	struct report report = {};
	struct error error = {};

	if (status_read(&status, root, &error) < 0)
		return verb_fail(EXPLAIN_STATUS, command, root, &report, &error);
	if (command->json) {
		report.detail = detail = status_to_json(&status);
		report.incomplete = !detail;
	} else if (show_in_words(&status, &error) < 0) {
		return verb_fail(EXPLAIN_STATUS, command, root, &report, &error);
	}
	return report_finish(command, &report, &error, VERB_EXIT_OK);
}
