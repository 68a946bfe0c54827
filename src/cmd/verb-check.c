/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "check/check.h"
#include "check/facts.h"
#include "cmd/check-json.h"
#include "cmd/check-text.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "plan/plan.h"

/* What the rules found is the answer, and no failure to answer: it is told on stdout alone. */
static int tell(const struct command *command, const struct check_report *found,
		const struct check_facts *facts)
{
	cleanup_json struct json_object *detail = NULL;
	struct report report = {};
	struct error error = {};

	check_to_error(found, &error);
	if (command->json) {
		report.detail = detail = check_to_json(found, facts);
		report.incomplete = !detail;
	} else {
		check_show(found, CHECK_OK);
	}
	return report_finish(command, &report, &error,
			     error.count ? (int)verb_exit_code(&error) : VERB_EXIT_OK);
}

int verb_check(const struct program *program __attribute__((unused)), const struct command *command,
	       const struct root *root)
{
	const struct check_wish wish = {
	    .kernel = command->request.kernel,
	    .initrds = command->request.initrds,
	    .initrd_count = command->request.initrd_count,
	    .dump_folder = command->dump_directory,
	};
	cleanup_with(check_facts_fini) struct check_facts facts = {};
	struct check_report found;
	struct error error = {};

	if (command->request.kind != PLAN_CRASH) {
		error_add(&error, ERROR_USAGE, 0, "options", "check",
			  "say what to check: so far there is only --panic");
		return verb_fail(EXPLAIN_OPTIONS, command, root, &(struct report){}, &error);
	}
	if (check_facts_read(&facts, &wish, root, &error) < 0)
		return verb_fail(EXPLAIN_CHECK, command, root, &(struct report){}, &error);
	check_run(&found, check_panic_rules, check_panic_rule_count, &facts);
	return tell(command, &found, &facts);
}
