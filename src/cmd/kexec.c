/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/program.h"
#include "load/load.h"

int main(int argc, char **argv)
{
	static const struct program program = {
	    .root = "/",
	    .calls = &load_calls_live,
	    .version = KEXEC_VERSION,
	};

	return program_run(&program, argc, argv);
}
