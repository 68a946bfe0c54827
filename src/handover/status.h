/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is loaded, as far as that can be known, how this kernel was started, and what an ordinary
 * reboot would do. The kernel itself tells only whether something is loaded; all else is the
 * record's, and other tools do not keep it. Nothing is changed here.
 */
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "machine/init-system.h"
#include "purgatory/parameters.h"
#include "record/read.h"

struct error;

/* What the record and the kernel say together. */
enum status_record {
	STATUS_RECORD_NONE,        /* nothing is loaded, and no record says otherwise */
	STATUS_RECORD_CONFIRMED,   /* this program's last load, and something is loaded */
	STATUS_RECORD_UNDER_WAY,   /* unconfirmed: a load or unload has not finished */
	STATUS_RECORD_INTERRUPTED, /* unconfirmed: a load or unload never finished */
	STATUS_RECORD_UNCONFIRMED, /* one of these two; only root can tell which */
	STATUS_RECORD_STALE,       /* it describes what somebody else has unloaded since */
	STATUS_RECORD_MISSING,     /* something is loaded, by another tool or without a record */
	STATUS_RECORD_OTHER_BOOT,  /* likewise; the record is not known to be of this boot */
	STATUS_RECORD_UNREADABLE,  /* it is or may be there, and cannot be read or understood */
	STATUS_RECORD_UNKNOWN,     /* whether anything is loaded cannot be read */
};

enum status_start {
	STATUS_START_UNKNOWN,
	STATUS_START_KEXEC,
	STATUS_START_LOADER, /* the firmware, through a boot loader */
};

enum status_reboot {
	STATUS_REBOOT_UNKNOWN,
	STATUS_REBOOT_JUMPS,    /* into the kernel that is loaded */
	STATUS_REBOOT_FIRMWARE, /* a cold one */
};

/* Of the crash image: beside what the kernel says of it. */
struct status_crash {
	enum status_record record_state;
	struct record record;         /* where it is confirmed */
	enum file_state *file_states; /* owned: one for each of the record's files */
	enum fact reserved_fact;      /* absent: nothing is reserved */
	uint64_t reserved;            /* bytes of the part that segments go to */
	enum fact low_fact;
	uint64_t reserved_low; /* bytes of the other parts */
};

struct status {
	enum fact loaded_fact, crash_fact;
	bool loaded, crash_loaded; /* what the kernel says */
	struct status_crash crash;
	enum status_record record_state;
	struct record record;         /* where it is confirmed: of what is loaded */
	enum file_state *file_states; /* owned: one for each of the record's files */

	enum status_start start;
	enum fact stamp_fact;
	struct purgatory_stamp stamp;
	enum fact loader_fact;
	uint64_t loader_type;   /* /proc/sys/kernel/bootloader_type */
	bool previous_known;    /* there is a record of the load that started this kernel */
	struct record previous; /* and this is it */

	struct init_system init;
	enum status_reboot reboot;
};

/* Whether the kernel says that an image of that kind is loaded, asked now. */
enum fact status_loaded(enum plan_kind kind, const struct root *root, bool *loaded);

/* 0, or -ENOMEM with a failure added; all else is told by the facts. End it with status_fini()
 * always. */
int status_read(struct status *status, const struct root *root, struct error *error);
void status_fini(struct status *status);

/* Bytes of the reservation that the armed image's segments take; 0 where that is not known. */
uint64_t status_crash_used(const struct status *status);

/* "none", "confirmed", "under-way", …; "kexec", "boot-loader"; "jumps", "firmware". NULL where it
 * is unknown, but for the record: "unknown". */
const char *status_record_name(enum status_record state);
const char *status_start_name(enum status_start start);
const char *status_reboot_name(enum status_reboot reboot);
