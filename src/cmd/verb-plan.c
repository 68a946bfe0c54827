/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "cmd/file-limit.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/steps.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "plan/plan.h"
#include "plan/show.h"

int verb_plan(const struct program *program __attribute__((unused)), const struct command *command,
	      const struct root *root)
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
		return verb_fail(EXPLAIN_PLAN, command, root, &report, &error);
	if (command->json)
		report.detail = plan_to_json(made);
	else
		plan_show_text(made, stdout);
	report.incomplete = !report.detail;
	r = report_finish(command, &report, &error, VERB_EXIT_OK);
	json_object_put(report.detail);
	return r;
}
