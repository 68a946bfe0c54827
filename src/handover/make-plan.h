/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a request to a sealed plan for one attempt: files are opened, the command line is composed,
 * the boot protocol claims and fills, everything is placed and checked. Nothing is changed.
 */
#pragma once

#include "handover/attempt.h"

struct secret_files;

/*
 * `secrets` are the request's files; NULL when it has none. 0 or a negative errno; the caller ends
 * the plan with plan_free().
 */
int make_plan(const struct request *request, const struct secret_files *secrets,
	      const struct machine *machine, struct attempt attempt, struct plan **plan,
	      struct error *error);

/*
 * The command line that a request gives, owned by the caller, without what a crash kernel is told
 * on it of places. 0 or a negative errno.
 */
int compose_command_line(const struct request *request, const struct machine *machine,
			 char **command_line, struct error *error);
