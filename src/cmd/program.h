/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kexec(8): from options to requests, from results to words and exit codes. All of the program but
 * what it works on, so that tests can run it on a machine and a kernel that are made up.
 */
#pragma once

struct jump_actions;
struct load_calls;

struct program {
	const char *root;               /* folder with the machine's /proc, /sys and /run */
	const struct load_calls *calls; /* into the kernel */
	const char *version;
	const struct jump_actions *actions; /* on the machine */
};

/* Runs the program; its exit code. */
int program_run(const struct program *program, int argc, char **argv);
