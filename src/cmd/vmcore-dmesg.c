/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/dmesg-program.h"

int main(int argc, char **argv)
{
	/* The dump must not get the number of a stream that was closed. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/", O_PATH | O_DIRECTORY);
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	return dmesg_program_run(KEXEC_VERSION, argc, argv);
}
