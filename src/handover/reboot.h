/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How `kexec reboot` goes down, decided before anything does: whether it may, by which program, and
 * what the user should know. Nothing here changes anything.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/root.h"
#include "machine/installed.h"

/* What the user said. */
struct reboot_wish {
	bool cold;          /* through the firmware, not into what is loaded */
	bool now;           /* without a shutdown; not with cold */
	bool skip_firmware; /* though work waits for the firmware */
};

enum reboot_way {
	REBOOT_BY_SYSTEMD,  /* systemctl(1) shuts down in order, and systemd jumps */
	REBOOT_BY_SHUTDOWN, /* shutdown(8) does, and the init system jumps */
	REBOOT_COLD,        /* by either, but nothing is loaded then */
	REBOOT_NOW,         /* the caller jumps */
};

enum { REBOOT_ARGUMENTS_MAX = 6, REBOOT_ENVIRONMENT_MAX = 3 };

struct reboot_decision {
	enum reboot_way way;
	bool unload;         /* before anything else */
	const char *program; /* static text: the path of what shuts down; NULL: nothing does */
	const char
	    *arguments[REBOOT_ARGUMENTS_MAX]; /* static text: its own name first, NULL last */
	/* Static text, "NAME=VALUE" for it, NULL last. */
	const char *environment[REBOOT_ENVIRONMENT_MAX];
	char loaded_release[80];        /* what is jumped into; empty: not known */
	struct machine_installed newer; /* than that one; release is empty: there is none */
	struct error warnings;          /* each stands alone */
};

/*
 * Decides. A negative errno with a failure added when nothing is loaded, when work waits for the
 * firmware (ERROR_RISKY), when there is no program to shut down with, or in a container
 * (ERROR_FORBIDDEN).
 */
int reboot_decide(struct reboot_decision *decision, const struct reboot_wish *wish,
		  const struct root *root, struct error *error);

/* Name of a way as it stands in JSON: "systemctl kexec", "shutdown", "firmware", "now". */
const char *reboot_way_name(enum reboot_way way);

/* Where shutdown(8) may be, NULL last. */
extern const char *const reboot_shutdown_programs[];

/* Steps of errors that explain/ has advice for: a container's, and programs' that cannot start. */
#define REBOOT_CHECK_CONTAINER "check container"
#define REBOOT_START_SHUTDOWN  "start shutdown"
#define REBOOT_START_COLD      "start cold reboot"
