/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record of what was loaded: /run/kexec/loaded.json, and beside it crash.json of what was
 * loaded for a panic. The kernel itself tells only whether something is loaded, not what. Other
 * tools load too, so the record may be out of date: it is a memory, not a proof.
 *
 * The record and the kernel cannot change in one step, and a process may be killed in between. So
 * each change begins before the system call, with a file /run/kexec/loading.json, and ends behind
 * it by renaming or removing that. As long as that file is there, the record is unconfirmed: what
 * is loaded may be what either file describes, or nothing.
 */
#pragma once

#include <stdbool.h>

#include "plan/plan.h"

struct error;
struct json_object;
struct root;

#define RECORD_FOLDER  "/run/kexec"
#define RECORD_FILE    RECORD_FOLDER "/loaded.json"
#define RECORD_PENDING RECORD_FOLDER "/loading.json"

/* The same of a crash image. */
#define RECORD_CRASH_FILE    RECORD_FOLDER "/crash.json"
#define RECORD_CRASH_PENDING RECORD_FOLDER "/crash-loading.json"

/* Names the boot (Documentation/admin-guide/sysctl/kernel.rst): a UUID, 36 characters. */
#define RECORD_BOOT_ID "/proc/sys/kernel/random/boot_id"
enum { RECORD_BOOT_ID_SIZE = 40 };

enum record_state {
	RECORD_NONE,        /* nothing was loaded, or another tool did */
	RECORD_CONFIRMED,   /* RECORD_FILE describes what this program loaded last */
	RECORD_UNCONFIRMED, /* a load or unload was interrupted, or is under way now */
	RECORD_UNREADABLE,  /* this process may not look, or cannot */
};

enum record_state record_state(const struct root *root); /* of the normal image */
enum record_state record_state_of(enum plan_kind kind, const struct root *root);

const char *record_file(enum plan_kind kind); /* RECORD_FILE or RECORD_CRASH_FILE */

/* A change that has begun. */
struct record_change {
	enum plan_kind kind;
	bool written;   /* RECORD_PENDING is the new record */
	bool suspended; /* RECORD_PENDING is the old record */
};

/*
 * Before the system call: `record`, of record_compose(), is written completely as RECORD_PENDING;
 * or, when it is NULL, because something is to be unloaded or it could not be composed, the old
 * record takes that name. When the new one cannot be written the old one takes that name too, so
 * that it does not outlive what it describes. 0, or a negative errno with a failure added: no
 * reason not to go on.
 */
int record_begin(struct record_change *change, enum plan_kind kind, const struct root *root,
		 struct json_object *record, struct error *error);

/* Behind a call that was refused: the old record holds again. 0 or a negative errno. */
int record_cancel(const struct record_change *change, const struct root *root, struct error *error);

/* Behind a load that succeeded: the new record holds, or when there is none, none. Likewise. */
int record_confirm(const struct record_change *change, const struct root *root,
		   struct error *error);

/* Behind an unload that succeeded, and whenever it is not known what is loaded: no record.
 * Likewise.
 */
int record_remove(enum plan_kind kind, const struct root *root, struct error *error);

/* Adds that what was loaded is not recorded, because of a negative errno, which it returns. */
int record_write_failed(struct error *error, int r);
