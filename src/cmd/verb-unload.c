/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "base/error.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/steps.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "machine/crash.h"

int verb_unload(const struct program *program, const struct command *command,
		const struct root *root)
{
	struct report report = {};
	struct error error = {};
	bool was_loaded;
	int r;

	r = handover_unload(command->request.kind, root, program->calls, command->request.method,
			    say_that_it_waits, &was_loaded, &error);
	report.panic = command->request.kind == PLAN_CRASH;
	report.armed_fact = machine_crash_is_loaded(root, &report.armed);
	if (r < 0)
		return verb_fail(EXPLAIN_UNLOAD, command, root, &report, &error);
	explain_error(stderr, EXPLAIN_WARNING, &error, NULL);
	report.changed = was_loaded;
	report.warnings = error;
	if (!command->json)
		puts(was_loaded ? "unloaded" : "nothing was loaded");
	return report_finish(command, &report, &(struct error){}, VERB_EXIT_OK);
}
