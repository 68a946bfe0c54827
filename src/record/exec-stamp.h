/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When this program ordered a hand-over, and when it jumped: two small files in /var/lib/kexec,
 * which the next kernel's timeline reads. They are a convenience. A failure to write one is
 * forgotten, and nothing is allocated: they must never keep a machine from its jump.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "record/next-boot.h"
#include "record/record.h"

struct root;

/* `kexec reboot`, before the program that shuts down is started. */
#define EXEC_STAMP_ORDERED RECORD_NEXT_FOLDER "/ordered.json"
/* -e, -f and `kexec reboot --now`, before file systems are written back. */
#define EXEC_STAMP_JUMPED RECORD_NEXT_FOLDER "/jumped.json"

struct exec_stamp {
	char boot_id[RECORD_BOOT_ID_SIZE]; /* of the boot that ended */
	uint64_t tsc;
	uint64_t boottime, realtime; /* nanoseconds; of that boot, and since 1970 */
};

/* Writes `path`, one of the two, with the time that it is now, and for people `by` whom: static
 * text. */
void exec_stamp_write(const struct root *root, const char *path, const char *by);

/* What it stamped did not come to pass. */
void exec_stamp_remove(const struct root *root, const char *path);

/* 0, -ENOENT, -EBADMSG for what is none, or another negative errno. */
int exec_stamp_read(struct exec_stamp *stamp, const struct root *root, const char *path);
