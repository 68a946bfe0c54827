/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/report.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/root.h"
#include "cmd/options.h"
#include "explain/error-json.h"
#include "explain/exit-code.h"
#include "machine/kernel.h"

static bool put_armed(struct json_object *object, const struct report *report)
{
	if (!report->panic)
		return true;
	return report->armed_fact == FACT_KNOWN
		   ? json_put(object, "armed", json_object_new_boolean(report->armed))
		   : json_put_null(object, "armed");
}

static struct json_object *report_to_json(const struct command *command,
					  const struct report *report, const struct error *error,
					  int code)
{
	cleanup_json struct json_object *object = json_object_new_object();
	const char *name = verb_name(command->verb);

	if (report->incomplete || !json_put_text(object, "schema", "kexec") ||
	    !json_put_number(object, "schema_version", VERB_SCHEMA_VERSION) ||
	    !json_put_text(object, "verb", name) ||
	    !json_put_number(object, "exit_code", (uint64_t)code) ||
	    !json_put(object, "changed", json_object_new_boolean(report->changed)) ||
	    !put_armed(object, report) || !json_put(object, "errors", error_to_json(error)) ||
	    !json_put(object, "warnings", error_to_json(&report->warnings)) ||
	    (report->detail && !json_put(object, name, json_object_get(report->detail))))
		return NULL;
	return steal_pointer(object);
}

/* Without allocating anything. What failed before keeps its exit code, and is told on stderr. */
static int report_without_memory(const struct command *command, const struct report *report,
				 int code)
{
	if (code == VERB_EXIT_OK)
		code = VERB_EXIT_NO_ROOM;
	printf("{\n"
	       "  \"schema\": \"kexec\",\n"
	       "  \"schema_version\": %d,\n"
	       "  \"verb\": \"%s\",\n"
	       "  \"exit_code\": %d,\n"
	       "  \"changed\": %s,\n"
	       "  \"errors\": [\n"
	       "    {\n"
	       "      \"kind\": \"no-room\",\n"
	       "      \"step\": \"report\",\n"
	       "      \"subject\": \"\",\n"
	       "      \"errno\": %d,\n"
	       "      \"detail\": \"there is not enough memory to report as JSON\"\n"
	       "    }\n"
	       "  ],\n"
	       "  \"warnings\": []\n"
	       "}\n",
	       VERB_SCHEMA_VERSION, verb_name(command->verb), code,
	       report->changed ? "true" : "false", ENOMEM);
	fputs("kexec: there is not enough memory to report as JSON (Cannot allocate memory)\n",
	      stderr);
	return code;
}

int report_finish(const struct command *command, const struct report *report,
		  const struct error *error, int code)
{
	cleanup_json struct json_object *object = NULL;

	if (!command->json)
		return code;
	object = report_to_json(command, report, error, code);
	if (object)
		json_print(stdout, object);
	else
		code = report_without_memory(command, report, code);
	return code;
}

int verb_fail(enum explain_task task, const struct command *command, const struct root *root,
	      const struct report *report, const struct error *error)
{
	struct machine_kernel kernel = {};
	struct error ignored = {};
	bool known =
	    (root->fd >= 0 || root->reader) && machine_kernel_read(&kernel, root, &ignored) == 0;

	explain_error_of_verb(stderr, task, verb_name(command->verb), error,
			      known ? &kernel : NULL);
	machine_kernel_fini(&kernel);
	return report_finish(command, report, error,
			     report->disarmed ? VERB_EXIT_NOT_LOADED : (int)verb_exit_code(error));
}
