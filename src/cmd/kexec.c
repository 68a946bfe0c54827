/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "cmd/program.h"
#include "load/load.h"

int main(int argc, char **argv)
{
	static const struct program program = {
	    .root = "/",
	    .calls = &load_calls_live,
	    .version = KEXEC_VERSION,
	};

	/* A message is one write(2), so that those of two programs do not mix. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	return program_run(&program, argc, argv);
}
