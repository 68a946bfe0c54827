/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lock /run/kexec/lock: one process at a time loads or unloads. The kernel gives it back when
 * its holder ends, however that happens. The file holds the holder's pid.
 */
#pragma once

#include <stdbool.h>

#include "base/root.h"

/*
 * Takes the lock, and waits for it. After a second of that `waiting`, unless it is NULL, is called
 * once, with the holder's pid or 0 when it is unknown. The file descriptor to close, or -1: without
 * a writable /run that has locks there is none, only the kernel's own.
 */
int lock_take(const struct root *root, void (*waiting)(long holder));

/*
 * Whether a process holds it now; FACT_UNREADABLE for who may not open it, which is everybody but
 * root: one who may could hold it, too. Waits for nothing.
 */
enum fact lock_is_held(const struct root *root, bool *held);
