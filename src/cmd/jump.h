/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last steps before the jump: what a shutdown would have done and -e does itself.
 */
#pragma once

/* Takes every network interface down, except loopback. Failures are told on stderr, no more. */
void jump_take_interfaces_down(void);

/* Replaces this process with an orderly "shutdown -r now". Returns only on failure: -errno. */
int jump_by_shutdown(void);
