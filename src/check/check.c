/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/check.h"

#include <stdarg.h>
#include <stdio.h>

void check_found(struct check_finding *finding, enum check_result result, const char *next,
		 const char *format, ...)
{
	va_list arguments;

	finding->result = result;
	finding->next = next;
	va_start(arguments, format);
	vsnprintf(finding->words, sizeof(finding->words), format, arguments);
	va_end(arguments);
}

void check_run(struct check_report *report, const struct check_rule *rules, size_t count,
	       const struct check_facts *facts)
{
	bool problem = false, unknown = false;

	*report = (struct check_report){.rules = rules, .count = count};
	for (size_t i = 0; i < count; i++) {
		struct check_finding *finding = &report->findings[i];

		rules[i].look(finding, &rules[i], facts);
		problem = problem || finding->result == CHECK_PROBLEM;
		unknown = unknown ||
			  (finding->result == CHECK_UNKNOWN && rules[i].severity == CHECK_PROBLEM);
	}
	report->verdict = problem ? CHECK_FAILS : unknown ? CHECK_UNSURE : CHECK_WORKS;
}

/* What is unknown is so because a file could not be read, or was not given. */
void check_to_error(const struct check_report *report, struct error *error)
{
	enum check_result counts = report->verdict == CHECK_FAILS ? CHECK_PROBLEM : CHECK_UNKNOWN;

	if (report->verdict == CHECK_WORKS)
		return;
	for (size_t i = 0; i < report->count; i++) {
		const struct check_rule *rule = &report->rules[i];

		if (report->findings[i].result == counts && rule->severity == CHECK_PROBLEM)
			error_add(error, counts == CHECK_PROBLEM ? rule->kind : ERROR_FILE, 0,
				  "check", rule->id, "%s", report->findings[i].words);
	}
}

const char *check_result_name(enum check_result result)
{
	switch (result) {
	case CHECK_OK:
		return "ok";
	case CHECK_INFORMATION:
		return "information";
	case CHECK_UNKNOWN:
		return "unknown";
	case CHECK_WARNING:
		return "warning";
	case CHECK_PROBLEM:
		break;
	}
	return "problem";
}

const char *check_verdict_name(enum check_verdict verdict)
{
	switch (verdict) {
	case CHECK_WORKS:
		return "works";
	case CHECK_FAILS:
		return "fails";
	case CHECK_UNSURE:
		break;
	}
	return "unknown";
}
