/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exit codes are an interface: these do not change. Those of verbs tell why; those of the classic
 * options are kexec-tools'.
 */
#pragma once

#include <stdbool.h>

struct error;

/* Of verbs. */
enum verb_exit {
	VERB_EXIT_OK = 0,
	VERB_EXIT_USAGE = 2,        /* the command line contradicts itself */
	VERB_EXIT_NOT_FOUND = 3,    /* a file is missing or cannot be read or written */
	VERB_EXIT_NOT_LOADED = 4,   /* there is nothing to jump into, or not any more */
	VERB_EXIT_UNSUPPORTED = 10, /* the running kernel, or this program, cannot do it */
	VERB_EXIT_FORBIDDEN = 11,   /* a policy or a missing privilege forbids it */
	VERB_EXIT_IMAGE = 12,       /* a file is not what it should be */
	VERB_EXIT_SIGNATURE = 13,   /* a signature is missing or refused */
	VERB_EXIT_NO_ROOM = 14,     /* not enough memory, or none where it is needed */
	VERB_EXIT_TOO_LONG = 15,    /* a command line or an initrd over a limit */
	VERB_EXIT_RISKY = 16,       /* the platform, or work that waits for the firmware */
	VERB_EXIT_REFUSED = 20,     /* the kernel refused for another reason */
	VERB_EXIT_INTERNAL = 70,    /* our own bug */
};

/* For a verb that failed. */
enum verb_exit verb_exit_code(const struct error *error);

/*
 * For classic options that failed: 1 for usage, unreadable files, nothing loaded and nothing
 * reserved for a crash kernel, 255 for
 * everything else; 253 when only kexec_file_load was allowed (`file_only`) and the kernel refused
 * with an errno that -a would have fallen back on.
 */
int classic_exit_code(const struct error *error, bool file_only);
