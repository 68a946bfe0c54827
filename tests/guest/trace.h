/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A command under ptrace(2), from one entry or exit of a system call to the next.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct trace_stop {
	bool entry; /* else exit */
	long number;
	long result; /* of an exit */
};

/* Starts the command, stopped. It is killed when this process ends. */
pid_t trace_start(char *const *arguments);

/* Goes on to the next stop. False when the command has ended instead, with `*status` of wait(2). */
bool trace_next(pid_t pid, struct trace_stop *stop, int *status);

/* Goes on without further stops; the status. */
int trace_finish(pid_t pid);

/* Says what went wrong and ends with 99. */
_Noreturn void trace_fail(const char *what);
