/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last steps before the jump: what a shutdown would have done and -e does itself.
 */
#pragma once

#include <net/if.h>
#include <stddef.h>

enum { JUMP_INTERFACES_MAX = 256 };

/* Which network interfaces were taken down. */
struct jump_interfaces {
	size_t count;
	char names[JUMP_INTERFACES_MAX][IF_NAMESIZE];
};

/* Takes every network interface down, except loopback. Failures are told on stderr, no more. */
void jump_take_interfaces_down(struct jump_interfaces *taken_down);

/*
 * After a jump that failed: brings them up again, and says so, because their routes and neighbours
 * are gone.
 */
void jump_bring_interfaces_up(const struct jump_interfaces *taken_down);

/* Replaces this process with an orderly "shutdown -r now". Returns only on failure: -errno. */
int jump_by_shutdown(void);
