/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the classic options do: kexec-tools' actions, words and exit codes.
 */
#pragma once

#include "explain/explain.h"

struct command;
struct error;
struct program;
struct root;

/* Does what was asked for; the exit code. */
int classic_run(const struct program *program, struct command *command, const struct root *root);

/* Explains an error on stderr; the exit code. */
int classic_fail(enum explain_task task, const struct command *command, const struct root *root,
		 const struct error *error);
