/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/program.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cmd/classic.h"
#include "cmd/help.h"
#include "cmd/options.h"
#include "cmd/report.h"
#include "cmd/steps.h"
#include "cmd/verbs.h"
#include "explain/explain.h"
#include "machine/recording.h"

static int run(const struct program *program, struct command *command, const struct root *root)
{
	switch (command->action) {
	case ACTION_HELP:
		help_print(stdout, command->verb);
		return 0;
	case ACTION_VERSION:
		printf("kexec %s\n", program->version);
		return 0;
	case ACTION_NONE:
	case ACTION_LOAD:
	case ACTION_UNLOAD:
	case ACTION_EXECUTE:
	case ACTION_STATUS:
	case ACTION_RECORD_MACHINE:
	case ACTION_PRINT_CRASH_SIZE:
		break;
	}
	if (command->verb == VERB_NONE)
		return classic_run(program, command, root);
	prepare_request(command);
	return verb_run(program, command, root);
}

static int fail(const struct command *command, const struct root *root, const struct error *error)
{
	return command->verb == VERB_NONE
		   ? classic_fail(EXPLAIN_OPTIONS, command, root, error)
		   : verb_fail(EXPLAIN_OPTIONS, command, root, &(struct report){}, error);
}

int program_run(const struct program *program, int argc, char **argv)
{
	cleanup_with(command_fini) struct command command;
	cleanup_with(root_close) struct root root = {-1};
	cleanup_with(recording_close) struct recording recording = {.folder.fd = -1};
	struct error error = {};
	int code;

	if (options_parse(&command, argc, argv, &error) < 0 ||
	    root_open(&root, program->root, &error) < 0)
		return fail(&command, &root, &error);
	if (command.sysroot && recording_open(&recording, command.sysroot, &error) < 0)
		return fail(&command, &root, &error);
	command.request.program_version = program->version;
	for (size_t i = 0; i < command.warning_count; i++)
		explain_warning(stderr, command.warnings[i]);
	code = run(program, &command, recording.root.reader ? &recording.root : &root);
	/* Also behind help: what was asked for and cut is not done. */
	if (code == 0 && (fflush(stdout) != 0 || ferror(stdout))) {
		error_add(&error, ERROR_FILE, errno, "write", "standard output",
			  "it could not be written to its end");
		command.json = false; /* part of an object may be there already */
		return fail(&command, &root, &error);
	}
	return code;
}
