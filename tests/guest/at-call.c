/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a command, and stops it once at the entry or behind the exit of a system call, while a shell
 * runs another command. Ends as the command does; 98 when that call was never made.
 *
 *     at-call entry|exit kexec_load|kexec_file_load SHELL-COMMAND COMMAND…
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "trace.h"

int main(int argc, char **argv)
{
	struct trace_stop stop = {};
	bool entry, made = false;
	long number;
	int status;
	pid_t pid;

	if (argc < 5)
		return 2;
	entry = strcmp(argv[1], "entry") == 0;
	number = strcmp(argv[2], "kexec_load") == 0 ? SYS_kexec_load : SYS_kexec_file_load;
	pid = trace_start(argv + 4);
	while (!made && trace_next(pid, &stop, &status)) {
		made = stop.entry == entry && stop.number == number;
		if (made && system(argv[3]) != 0)
			trace_fail(argv[3]);
	}
	if (!made)
		return 98;
	status = trace_finish(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
