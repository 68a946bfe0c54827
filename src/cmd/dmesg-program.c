/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/dmesg-program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/dmesg-show.h"
#include "explain/explain-dump.h"
#include "vmcore/vmcore.h"

/* What was found out, for the report. */
struct outcome {
	struct log_losses losses;
	struct error error;
};

static int remember_last(void *context, const struct log_message *message)
{
	uint64_t *last = context;

	if (message->has_time && message->nanoseconds > *last)
		*last = message->nanoseconds;
	return 0;
}

/*
 * When the kernel was started. Nothing tells; but CRASHTIME is when it died, and its last message
 * came just before.
 */
static int find_start(struct vmcore *vmcore, int64_t *start, struct error *error)
{
	struct log_losses losses;
	uint64_t last = 0;
	const struct log_handler handler = {remember_last, &last};
	char text[32];
	long long crashed;
	char *end;
	int r;

	if (!vmcoreinfo_text(&vmcore->dump.info, "CRASHTIME", text, sizeof(text)))
		text[0] = '\0';
	errno = 0;
	crashed = strtoll(text, &end, 10);
	if (end == text || errno || crashed < 0 || crashed > INT64_MAX / 1000000)
		return error_add(error, ERROR_UNSUPPORTED, 0, "tell the time",
				 dump_file_name(&vmcore->dump.file),
				 "the dump does not tell when the kernel crashed (CRASHTIME), so "
				 "that times of day are not known");
	r = log_read(vmcore, &handler, &losses, error);
	*start = crashed * 1000000 - (int64_t)(last / 1000);
	return r;
}

static int show_log(struct vmcore *vmcore, struct dmesg_show *show, struct outcome *outcome)
{
	const struct log_handler handler = {show->command->json ? dmesg_show_json : dmesg_show_text,
					    show};
	int r = 0;

	if (dmesg_needs_start(show->command))
		r = find_start(vmcore, &show->start, &outcome->error);
	if (r == 0)
		r = log_read(vmcore, &handler, &outcome->losses, &outcome->error);
	if (r < 0 && outcome->error.count == 0)
		error_memory(&outcome->error, "show the log");
	return r;
}

static int exit_code(const struct outcome *outcome, const struct error *damage)
{
	if (outcome->error.count)
		return dump_exit_code(&outcome->error);
	return log_is_whole(&outcome->losses) && damage->count == 0 ? DUMP_EXIT_OK
								    : DUMP_EXIT_PARTIAL;
}

/* As text, or as far as there is memory for it as JSON. */
static void show_dump(const struct dmesg_command *command, struct vmcore *vmcore,
		      struct outcome *outcome)
{
	struct dmesg_show show = {.out = stdout, .command = command};
	bool opened = vmcore_open(vmcore, command->path, &outcome->error) == 0;

	if (command->json && !dmesg_json_begin(stdout, opened ? vmcore : NULL))
		error_memory(&outcome->error, "show the log");
	if (opened)
		show_log(vmcore, &show, outcome);
}

static int show(const struct dmesg_command *command)
{
	cleanup_vmcore struct vmcore vmcore = {};
	struct outcome outcome = {};
	int code;

	show_dump(command, &vmcore, &outcome);
	code = exit_code(&outcome, &vmcore.dump.damage);
	if (command->json &&
	    !dmesg_json_end(stdout, &outcome.losses, &vmcore.dump.damage, &outcome.error, &code))
		error_memory(&outcome.error, "show the log");
	explain_dump_damage(stderr, &vmcore.dump.damage);
	explain_log_losses(stderr, &outcome.losses);
	explain_dump_error(stderr, &outcome.error);
	return code;
}

static int run(const struct dmesg_command *command, const char *version)
{
	switch (command->action) {
	case DMESG_HELP:
		dmesg_help_print(stdout);
		return DUMP_EXIT_OK;
	case DMESG_VERSION:
		printf("vmcore-dmesg (kexec) %s\n", version);
		return DUMP_EXIT_OK;
	case DMESG_SHOW:
		break;
	}
	return show(command);
}

int dmesg_program_run(const char *version, int argc, char **argv)
{
	struct dmesg_command command;
	struct error error = {};
	int code;

	if (dmesg_options_parse(&command, argc, argv, &error) < 0) {
		explain_dump_error(stderr, &error);
		return dump_exit_code(&error);
	}
	code = run(&command, version);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		error_add(&error, ERROR_FILE, errno, "write", "standard output",
			  "it could not be written to its end");
		explain_dump_error(stderr, &error);
		return dump_exit_code(&error);
	}
	return code;
}
