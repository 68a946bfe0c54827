/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the running kernel's user space can tell of its own start: the kernel's log, and systemd.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

/*
 * When the kernel started /init, in microseconds of its clock: the time of its message "Run … as
 * init process" (init/main.c). /proc/1/stat is no source: process 1 exists long before, as a thread
 * of the kernel. Absent when the log has lost the message.
 */
enum fact timeline_read_init(const struct root *root, uint64_t *microseconds);

/* systemd's marks in microseconds of CLOCK_MONOTONIC; 0: not reached, or not there. */
struct systemd_marks {
	uint64_t initrd; /* systemd started in the initrd */
	uint64_t finish; /* all that is started at boot has been */
};

/* The arguments with which systemctl(1) tells them, its name first, NULL last. */
extern const char *const systemd_marks_arguments[];

/* What it prints, a line NAME=NUMBER each; others are passed over. False: none of them is there. */
bool systemd_marks_parse(struct systemd_marks *marks, const char *text);
