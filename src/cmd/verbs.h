/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the verbs do. Each has a file of its own, verb-NAME.c; how they report is in report.h.
 */
#pragma once

struct command;
struct program;
struct root;

/* Does what the verb says; the exit code. */
int verb_run(const struct program *program, const struct command *command, const struct root *root);

/* The verbs, one by one; likewise. */
int verb_load(const struct program *program, const struct command *command,
	      const struct root *root);
int verb_plan(const struct program *program, const struct command *command,
	      const struct root *root);
int verb_status(const struct program *program, const struct command *command,
		const struct root *root);
int verb_unload(const struct program *program, const struct command *command,
		const struct root *root);
int verb_reboot(const struct program *program, const struct command *command,
		const struct root *root);
int verb_timeline(const struct program *program, const struct command *command,
		  const struct root *root);
int verb_check(const struct program *program, const struct command *command,
	       const struct root *root);
int verb_test_panic(const struct program *program, const struct command *command,
		    const struct root *root);
