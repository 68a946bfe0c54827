/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/verbs.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/printable.h"
#include "base/root.h"
#include "cmd/file-limit.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/steps.h"
#include "explain/error-json.h"
#include "explain/exit-code.h"
#include "machine/kernel.h"
#include "plan/plan.h"
#include "plan/show.h"

/* What a verb tells of its work. */
struct report {
	bool changed;               /* what is loaded is not what it was before */
	struct json_object *detail; /* owned: the verb's own part of the JSON form; NULL: none */
	struct error warnings;      /* of what was done all the same */
};

static struct json_object *report_to_json(const struct command *command,
					  const struct report *report, const struct error *error,
					  int code)
{
	cleanup_json struct json_object *object = json_object_new_object();
	const char *name = verb_name(command->verb);

	if (!json_put_text(object, "schema", "kexec") ||
	    !json_put_number(object, "schema_version", VERB_SCHEMA_VERSION) ||
	    !json_put_text(object, "verb", name) ||
	    !json_put_number(object, "exit_code", (uint64_t)code) ||
	    !json_put(object, "changed", json_object_new_boolean(report->changed)) ||
	    !json_put(object, "errors", error_to_json(error)) ||
	    !json_put(object, "warnings", error_to_json(&report->warnings)) ||
	    (report->detail && !json_put(object, name, json_object_get(report->detail))))
		return NULL;
	return steal_pointer(object);
}

/* Prints the JSON form where it is wanted; the exit code. */
static int finish(const struct command *command, const struct report *report,
		  const struct error *error, int code)
{
	cleanup_json struct json_object *object = NULL;

	if (!command->json)
		return code;
	object = report_to_json(command, report, error, code);
	if (object) {
		json_print(stdout, object);
		return code;
	}
	fputs("kexec: there is not enough memory to report as JSON\n", stderr);
	return code ? code : VERB_EXIT_NO_ROOM;
}

int verb_fail(enum explain_task task, const struct command *command, const struct root *root,
	      const struct error *error)
{
	struct machine_kernel kernel = {};
	struct error ignored = {};
	const struct report report = {};
	bool known =
	    (root->fd >= 0 || root->reader) && machine_kernel_read(&kernel, root, &ignored) == 0;

	explain_error(stderr, task, error, known ? &kernel : NULL);
	machine_kernel_fini(&kernel);
	return finish(command, &report, error, verb_exit_code(error));
}

static void say_what_is_loaded(const struct plan *plan)
{
	fputs("loaded: ", stdout);
	print_printable(stdout, plan->kernel_path);
	if (*plan->kernel_version) {
		fputs(", Linux ", stdout);
		print_printable(stdout, plan->kernel_version);
	}
	printf(", by %s\n", plan_method_call(plan->method));
}

static int load(const struct program *program, const struct command *command,
		const struct root *root)
{
	struct handover_result result;
	struct report report = {.changed = true};
	struct error error = {};
	struct rlimit before;

	if (file_limit_raise(command->request.initrd_count, &before, &error) < 0 ||
	    handover_load(&command->request, root, program->calls, &result, &error) < 0)
		return verb_fail(EXPLAIN_LOAD, command, root, &error);
	warn_about(&result, &error);
	report.warnings = result.unrecorded;
	report.detail = plan_to_json(result.plan);
	if (!command->json)
		say_what_is_loaded(result.plan);
	plan_free(result.plan);
	finish(command, &report, &error, VERB_EXIT_OK);
	json_object_put(report.detail);
	return VERB_EXIT_OK;
}

static int plan(const struct command *command, const struct root *root)
{
	cleanup_plan struct plan *made = NULL;
	struct report report = {};
	struct error error = {};
	struct rlimit before;
	int r;

	r = file_limit_raise(command->request.initrd_count, &before, &error);
	if (r == 0)
		r = handover_plan(&command->request, root, &made, &error);
	if (r == 0 && command->svg)
		r = draw_plan(made, command->svg, &error);
	if (r < 0)
		return verb_fail(EXPLAIN_PLAN, command, root, &error);
	if (!command->json)
		plan_show_text(made, stdout);
	report.detail = plan_to_json(made);
	r = finish(command, &report, &error, VERB_EXIT_OK);
	json_object_put(report.detail);
	return r;
}

static int unload(const struct program *program, const struct command *command,
		  const struct root *root)
{
	struct report report = {};
	struct error error = {};
	uint64_t loaded = 0;
	bool was_loaded =
	    root_read_number(root, "/sys/kernel/kexec_loaded", 10, &loaded) != FACT_KNOWN || loaded;

	if (handover_unload(root, program->calls, command->request.method, say_that_it_waits,
			    &error) < 0)
		return verb_fail(EXPLAIN_UNLOAD, command, root, &error);
	explain_error(stderr, EXPLAIN_WARNING, &error, NULL);
	report.changed = was_loaded;
	report.warnings = error;
	if (!command->json)
		puts(was_loaded ? "unloaded" : "nothing was loaded");
	return finish(command, &report, &(struct error){}, VERB_EXIT_OK);
}

int verb_run(const struct program *program, const struct command *command, const struct root *root)
{
	switch (command->verb) {
	case VERB_LOAD:
		return load(program, command, root);
	case VERB_PLAN:
		return plan(command, root);
	case VERB_UNLOAD:
		return unload(program, command, root);
	case VERB_STATUS:
	case VERB_REBOOT:
	case VERB_NONE:
	case VERB_COUNT:
		break;
	}
	return VERB_EXIT_INTERNAL;
}
