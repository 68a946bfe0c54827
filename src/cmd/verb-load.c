/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "base/printable.h"
#include "cmd/file-limit.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/steps.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "machine/crash.h"
#include "plan/plan.h"
#include "plan/show.h"

static void say_what_is_loaded(const struct plan *plan, bool if_changed)
{
	fputs(plan->kind == PLAN_CRASH ? "armed: a panic starts " : "loaded: ", stdout);
	print_printable(stdout, plan->kernel_path);
	if (*plan->kernel_version) {
		fputs(", Linux ", stdout);
		print_printable(stdout, plan->kernel_version);
	}
	printf(", by %s", plan_method_call(plan->method));
	if (if_changed && plan->added_file_count)
		fputs(" (anew: files that are secret cannot be compared)", stdout);
	putchar('\n');
}

static int say_that_it_is_loaded(const struct command *command, const struct report *report)
{
	if (!command->json) {
		fputs("unchanged: ", stdout);
		print_printable(stdout, command->request.kernel);
		puts(" is loaded already");
	}
	return report_finish(command, report, &(struct error){}, VERB_EXIT_OK);
}

int verb_load(const struct program *program, const struct command *command, const struct root *root)
{
	struct handover_result result = {};
	struct report report = {};
	struct error error = {};
	struct rlimit before;
	int r;

	r = file_limit_raise(command->request.initrd_count, &before, &error);
	if (r == 0)
		r = handover_load(&command->request, root, program->calls, &result, &error);
	report.changed = result.changed;
	report.panic = command->request.kind == PLAN_CRASH;
	report.disarmed = result.disarmed;
	report.armed_fact = machine_crash_is_loaded(root, &report.armed);
	if (r < 0)
		return verb_fail(task_of_load(&command->request), command, root, &report, &error);
	if (!result.plan)
		return say_that_it_is_loaded(command, &report);
	warn_about(&result, &error);
	report.warnings = error; /* what a fall-back has overcome */
	error_append(&report.warnings, &result.unrecorded);
	if (command->json)
		report.detail = plan_to_json(result.plan);
	else
		say_what_is_loaded(result.plan, command->request.if_changed);
	report.incomplete = !report.detail;
	plan_free(result.plan);
	r = report_finish(command, &report, &(struct error){}, VERB_EXIT_OK);
	json_object_put(report.detail);
	return r;
}
