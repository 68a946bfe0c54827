/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From an error and the machine's facts to words and a next step. The only place where errors are
 * put into words.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct error;
struct machine_kernel;

/* What a person was doing, for the first words and the exit code. */
enum explain_task {
	EXPLAIN_LOAD,
	EXPLAIN_ARM, /* load a crash kernel */
	EXPLAIN_PLAN,
	EXPLAIN_UNLOAD,
	EXPLAIN_EXECUTE,
	EXPLAIN_REBOOT,
	EXPLAIN_RECORD,
	EXPLAIN_STATUS,
	EXPLAIN_TIMELINE,
	EXPLAIN_CHECK,
	EXPLAIN_TEST_PANIC,
	EXPLAIN_VERIFY,
	EXPLAIN_OPTIONS,
	EXPLAIN_WARNING, /* it was done, but */
};

/*
 * Writes at most three lines for each failure's cause: what happened to what and why, what to do
 * next, and what is loaded now. `kernel` may be NULL when nothing was read of it; it should be read
 * after the failure.
 */
void explain_error(FILE *out, enum explain_task task, const struct error *error,
		   const struct machine_kernel *kernel);

/* The same for a verb: what to do next is then told in verbs, and for usage by that verb's help. */
void explain_error_of_verb(FILE *out, enum explain_task task, const char *verb,
			   const struct error *error, const struct machine_kernel *kernel);

/* One line about failures that were overcome by a fall-back; `reason` is the plan's method reason.
 */
void explain_fall_back(FILE *out, const struct error *error, const char *method,
		       const char *reason);

/* One line about something in a plan that the user should know. */
void explain_warning(FILE *out, const char *text);

/* One line: another process is loading, and this one waits. `holder` is its pid, 0 when unknown. */
void explain_waiting(FILE *out, long holder);

/* One line: the record was left unconfirmed; `loaded` is what the kernel says. */
void explain_unconfirmed(FILE *out, bool loaded);
