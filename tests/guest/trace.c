/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

void trace_fail(const char *what)
{
	fprintf(stderr, "trace: %s: %s\n", what, strerror(errno));
	exit(99);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			trace_fail("waitpid");
	return status;
}

pid_t trace_start(char *const *arguments)
{
	pid_t pid = fork();

	if (pid < 0)
		trace_fail("fork");
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(arguments[0], arguments);
		trace_fail(arguments[0]);
	}
	if (!WIFSTOPPED(wait_for(pid)) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		trace_fail("start");
	return pid;
}

bool trace_next(pid_t pid, struct trace_stop *stop, int *status)
{
	struct __ptrace_syscall_info info;
	int signal = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, signal) < 0 && errno != ESRCH)
			trace_fail("PTRACE_SYSCALL");
		*status = wait_for(pid);
		if (!WIFSTOPPED(*status))
			return false;
		if (WSTOPSIG(*status) == (SIGTRAP | 0x80))
			break;
		signal = WSTOPSIG(*status);
	}
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		trace_fail("PTRACE_GET_SYSCALL_INFO");
	stop->entry = info.op == PTRACE_SYSCALL_INFO_ENTRY;
	if (stop->entry)
		stop->number = (long)info.entry.nr;
	else
		stop->result = (long)info.exit.rval;
	return true;
}

int trace_finish(pid_t pid)
{
	int signal = 0, status;

	do {
		if (ptrace(PTRACE_CONT, pid, NULL, signal) < 0 && errno != ESRCH)
			trace_fail("PTRACE_CONT");
		status = wait_for(pid);
		signal = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
	} while (WIFSTOPPED(status));
	return status;
}
