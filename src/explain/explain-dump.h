/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What explain.h and exit-code.h are for kexec, for vmcore-dmesg, which knows no machine and loads
 * nothing.
 */
#pragma once

#include <stdio.h>

struct error;
struct log_losses;

/* Exit codes of vmcore-dmesg: an interface, these do not change. */
enum dump_exit {
	DUMP_EXIT_OK = 0,
	DUMP_EXIT_PARTIAL = 1,      /* a part of the log, or of the dump, is missing */
	DUMP_EXIT_USAGE = 2,        /* the command line contradicts itself */
	DUMP_EXIT_NOT_FOUND = 3,    /* a file is missing or cannot be read or written */
	DUMP_EXIT_UNSUPPORTED = 10, /* this program, or this build of it, cannot do it */
	DUMP_EXIT_IMAGE = 12,       /* it is no dump, or no log is to be found in it */
	DUMP_EXIT_NO_ROOM = 14,     /* not enough memory */
	DUMP_EXIT_INTERNAL = 70,    /* our own bug */
};

/* An enum dump_exit. */
int dump_exit_code(const struct error *error);

/* At most three lines: what happened to what, and why; what to do next. */
void explain_dump_error(FILE *out, const struct error *error);

/* One line for each kind of loss, and one for why. */
void explain_log_losses(FILE *out, const struct log_losses *losses);

/* One line for each damage of a dump that was done without. */
void explain_dump_damage(FILE *out, const struct error *damage);
