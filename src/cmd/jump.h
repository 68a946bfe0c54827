/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last steps before the jump: what a shutdown would have done and -e does itself; or the start
 * of that shutdown.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct error;
struct load_calls;
struct root;

enum { JUMP_INTERFACES_MAX = 256 };

/* Which network interfaces were taken down. */
struct jump_interfaces {
	size_t count;
	char names[JUMP_INTERFACES_MAX][IF_NAMESIZE];
};

/* What these steps do to the machine, so that tests can watch instead. */
struct jump_actions {
	void (*sync)(void);

	/* Takes every network interface down, except loopback. Failures are told on stderr, no
	 * more. */
	void (*take_interfaces_down)(struct jump_interfaces *taken_down);

	/* After a jump that failed: brings them up again, and says so, because their routes and
	 * neighbours are gone. */
	void (*bring_interfaces_up)(const struct jump_interfaces *taken_down);

	/*
	 * Replaces this process with a program, which has this one's environment. Where `quiet`
	 * says so, it prints on stderr what it would print on stdout. Returns only on failure: a
	 * negative errno.
	 */
	int (*start)(const char *program, const char *const *arguments, bool quiet);

	/*
	 * Runs a program that only tells, and takes what it prints on stdout, cut to `capacity`
	 * and NUL-terminated. 0, or a negative errno when it could not be run or failed.
	 */
	int (*ask)(const char *program, const char *const *arguments, char *text, size_t capacity);

	/* Makes the kernel panic at once. Returns only on failure: a negative errno. */
	int (*crash)(void);
};

extern const struct jump_actions jump_actions_live;

/* Who jumps, and how. */
struct jump {
	const struct root *root; /* where the moment is stamped for the next kernel's timeline */
	const char *by;          /* static text: "kexec -e" */
	bool no_sync;            /* then nothing is stamped either: disks may not answer */
	bool no_ifdown;
};

/*
 * Jumps at once into what is loaded: writes file systems back, takes interfaces down, and calls the
 * kernel. Nobody must be able to leave the machine without its network: signals wait until it is
 * up again. Returns only on failure, which is added: a negative errno.
 */
int jump_at_once(const struct jump_actions *actions, const struct load_calls *calls,
		 const struct jump *jump, struct error *error);

/* Replaces this process with an orderly "shutdown -r now". Returns only on failure: -errno. */
int jump_by_shutdown(const struct jump_actions *actions, const struct root *root);
