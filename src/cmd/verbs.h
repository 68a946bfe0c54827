/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the verbs do, and how they report: in words, or with --json as one object on stdout, whose
 * form is in schema/kexec.schema.json. Exit codes are in explain/exit-code.h.
 */
#pragma once

#include "explain/explain.h"

struct command;
struct error;
struct program;
struct root;

/* Version of the JSON form; it grows when a field changes its meaning or goes away. */
#define VERB_SCHEMA_VERSION 1

/* Does what the verb says; the exit code. */
int verb_run(const struct program *program, const struct command *command, const struct root *root);

/* Explains an error on stderr, and with --json on stdout; the exit code. */
int verb_fail(enum explain_task task, const struct command *command, const struct root *root,
	      const struct error *error);
