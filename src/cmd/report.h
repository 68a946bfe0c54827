/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a verb reports: in words, or with --json as one object on stdout, whose form is in
 * schema/kexec.schema.json. Exit codes are in explain/exit-code.h.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/root.h"
#include "explain/explain.h"

struct command;
struct json_object;

/* Version of the JSON form; it grows when a field changes its meaning or goes away. */
#define VERB_SCHEMA_VERSION 1

/* What a verb tells of its work. */
struct report {
	bool changed;  /* what is loaded is not what it was before */
	bool panic;    /* it was about a crash image: */
	bool disarmed; /* one was loaded, and is lost */
	enum fact armed_fact;
	bool armed;                 /* what the kernel says */
	struct json_object *detail; /* owned: the verb's own part of the JSON form; NULL: none */
	bool incomplete;            /* there was no memory for that part */
	struct error warnings;      /* of what was done all the same */
};

/*
 * Prints the JSON form where it is wanted. The exit code: `code`, or that there was no memory for
 * the whole of it; then a shorter one is printed, which says so and what has changed.
 */
int report_finish(const struct command *command, const struct report *report,
		  const struct error *error, int code);

/* Explains an error on stderr, and with --json on stdout; the exit code. `report` tells what has
 * changed all the same. */
int verb_fail(enum explain_task task, const struct command *command, const struct root *root,
	      const struct report *report, const struct error *error);
