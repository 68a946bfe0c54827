/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/jump.h"
#include "cmd/program.h"
#include "load/load.h"

/* A file that grows over its limit (ulimit -f) is then a write that fails, with EFBIG. */
static void let_the_write_fail(int signal)
{
	(void)signal;
}

/*
 * No file may get the number of a standard stream that was closed: what is printed would go into
 * it. What is there instead can neither be read nor written, so that both still fail.
 */
static void occupy_closed_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/", O_PATH | O_DIRECTORY);
}

int main(int argc, char **argv)
{
	static const struct program program = {
	    .root = "/",
	    .calls = &load_calls_live,
	    .version = KEXEC_VERSION,
	    .actions = &jump_actions_live,
	};

	occupy_closed_streams();
	/* Not SIG_IGN, which a shutdown program that is started later would inherit. */
	signal(SIGXFSZ, let_the_write_fail);
	/* A line is one write(2), so that the lines of two programs do not mix. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	return program_run(&program, argc, argv);
}
