/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All that can fail comes before the report, and the report before the program that shuts down is
 * started in this one's place, or the kernel jumps: behind that nothing can be printed any more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/printable.h"
#include "cmd/jump.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/steps.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "handover/reboot.h"
#include "record/exec-stamp.h"

static struct json_object *command_to_json(const struct reboot_decision *decision)
{
	cleanup_json struct json_object *array = json_object_new_array();

	if (!json_append_text(array, decision->program))
		return NULL;
	for (size_t i = 1; decision->arguments[i]; i++)
		if (!json_append_text(array, decision->arguments[i]))
			return NULL;
	return steal_pointer(array);
}

static struct json_object *newer_to_json(const struct machine_installed *newer)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "path", newer->path) ||
	    !json_put_text(object, "release", newer->release))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *decision_to_json(const struct reboot_decision *decision)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "way", reboot_way_name(decision->way)) ||
	    (decision->program && !json_put(object, "command", command_to_json(decision))) ||
	    (*decision->loaded_release &&
	     !json_put_text(object, "release", decision->loaded_release)) ||
	    (*decision->newer.release &&
	     !json_put(object, "newer_kernel", newer_to_json(&decision->newer))))
		return NULL;
	return steal_pointer(object);
}

static void say(const struct reboot_decision *decision)
{
	fputs("reboot: ", stdout);
	if (decision->way == REBOOT_COLD) {
		fputs("through the firmware", stdout);
	} else {
		fputs("into ", stdout);
		if (*decision->loaded_release) {
			fputs("Linux ", stdout);
			print_printable(stdout, decision->loaded_release);
		} else {
			fputs("what is loaded", stdout);
		}
	}
	printf(", %s%s\n", decision->program ? "by " : "now",
	       decision->program ? decision->program : "");
}

/* Each warning stands alone, so each is a line of its own. */
static void warn_each(const struct error *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		const struct failure *failure = &warnings->failures[i];
		char text[sizeof(failure->subject) + sizeof(failure->detail) + 2];

		snprintf(text, sizeof(text), "%s%s%s", failure->subject,
			 *failure->subject ? ": " : "", failure->detail);
		explain_warning(stderr, text);
	}
}

/* Without memory the JSON form cannot be made, and nothing has been done yet. */
static int report(const struct command *command, const struct reboot_decision *decision,
		  struct report *report, struct error *error)
{
	int code = VERB_EXIT_OK;

	warn_each(&report->warnings);
	if (command->json) {
		report->detail = decision_to_json(decision);
		report->incomplete = !report->detail;
		code = report_finish(command, report, &(struct error){}, VERB_EXIT_OK);
		json_object_put(report->detail);
		if (code != VERB_EXIT_OK)
			return error_memory(error, "report");
	} else {
		say(decision);
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_add(error, ERROR_FILE, errno, "write", "standard output",
				 "it could not be written to its end");
	return 0;
}

static int unload(const struct program *program, const struct command *command,
		  const struct root *root, struct report *report, struct error *error)
{
	struct error unrecorded = {};
	int r = handover_unload(PLAN_NORMAL, root, program->calls, command->request.method,
				say_that_it_waits, &report->changed, &unrecorded);

	if (r < 0) {
		report->changed = false;
		*error = unrecorded;
		return r;
	}
	error_append(&report->warnings, &unrecorded);
	return 0;
}

/* putenv(3) keeps the text, and does not change it. */
static int set_environment(const struct reboot_decision *decision, struct error *error)
{
	for (size_t i = 0; decision->environment[i]; i++)
		if (putenv((char *)(uintptr_t)decision->environment[i]) != 0)
			return error_memory(error, REBOOT_START_COLD);
	return 0;
}

static int start(const struct program *program, const struct command *command,
		 const struct reboot_decision *decision, const struct root *root,
		 struct error *error)
{
	int r;

	if (decision->way != REBOOT_COLD)
		exec_stamp_write(root, EXEC_STAMP_ORDERED, "kexec reboot");
	r = program->actions->start(decision->program, decision->arguments, command->json);
	exec_stamp_remove(root, EXEC_STAMP_ORDERED);
	return error_add(error, ERROR_FILE, -r,
			 decision->way == REBOOT_COLD ? REBOOT_START_COLD : REBOOT_START_SHUTDOWN,
			 decision->program, "it could not be started");
}

/* Returns only when it failed. */
static int go_down(const struct program *program, const struct command *command,
		   const struct reboot_decision *decision, const struct root *root,
		   struct error *error)
{
	const struct jump jump = {root, "kexec reboot --now", command->no_sync, command->no_ifdown};

	if (decision->way != REBOOT_NOW)
		return start(program, command, decision, root, error);
	return jump_at_once(program->actions, program->calls, &jump, error);
}

int verb_reboot(const struct program *program, const struct command *command,
		const struct root *root)
{
	struct reboot_decision decision;
	struct report made = {};
	struct error error = {};

	if (reboot_decide(&decision, &command->reboot, root, &error) < 0 ||
	    set_environment(&decision, &error) < 0)
		return verb_fail(EXPLAIN_REBOOT, command, root, &made, &error);
	made.warnings = decision.warnings;
	if (decision.unload && unload(program, command, root, &made, &error) < 0)
		return verb_fail(EXPLAIN_UNLOAD, command, root, &made, &error);
	if (report(command, &decision, &made, &error) == 0)
		go_down(program, command, &decision, root, &error);
	/* Not on stdout: with --json there is one object, and it is there already. */
	explain_error_of_verb(stderr, EXPLAIN_REBOOT, verb_name(command->verb), &error, NULL);
	return (int)verb_exit_code(&error);
}
