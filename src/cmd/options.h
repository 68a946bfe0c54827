/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of kexec(8): from words to one plain struct, with every contradiction found
 * before anything is done. Options work in any order. A verb is there when the first word is one
 * and no classic action is given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cmd/verb-table.h"
#include "handover/handover.h"
#include "handover/reboot.h"

struct error;

enum action {
	ACTION_NONE,
	ACTION_LOAD,
	ACTION_UNLOAD,
	ACTION_EXECUTE,
	ACTION_STATUS,
	ACTION_RECORD_MACHINE,
	ACTION_PRINT_CRASH_SIZE,
	ACTION_HELP,
	ACTION_VERSION,
};

/* What comes after a load. */
enum afterwards {
	AFTERWARDS_NOTHING,
	AFTERWARDS_SHUT_DOWN, /* an orderly shutdown, which jumps at its end */
	AFTERWARDS_EXECUTE,   /* --force: at once */
};

enum { WARNINGS_MAX = 16, WARNING_SIZE = 160 };

struct command {
	enum verb verb; /* VERB_NONE: the classic action below */
	enum action action;
	enum afterwards afterwards;
	bool dry_run, json;
	bool no_sync, no_ifdown;
	bool status_of_normal;      /* -S with -l: the normal image; without: the crash image */
	const char *svg;            /* where to draw the plan; NULL: nowhere */
	const char *sysroot;        /* a recorded machine to plan for; NULL: this one */
	const char *record_machine; /* where to record this machine */
	struct request request;
	struct reboot_wish reboot;
	bool crash_now, verify;     /* of test-panic */
	const char *dump_directory; /* NULL: as configured */
	/* Owned: what the request borrows. */
	const char **initrds, **added, **removed;
	struct request_file *files; /* with their texts */
	char *append;
	const char **more_initrds; /* owned: those that come behind all others */
	size_t more_initrd_count;
	/* What the peer takes without effect, and so do we: a line each. */
	char warnings[WARNINGS_MAX][WARNING_SIZE];
	size_t warning_count;
};

/* 0 or a negative errno with a failure of kind ERROR_USAGE. End it with command_fini() always. */
int options_parse(struct command *command, int argc, char **argv, struct error *error);
void command_fini(struct command *command);
