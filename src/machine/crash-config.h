/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /etc/kexec/crash.conf: which crash kernel kexec-crash.service arms, and where dumps go. systemd
 * reads it as an EnvironmentFile=, and so it is read here: lines NAME=VALUE, quotes around a value
 * are taken off, lines that begin with '#' or ';' are comments.
 */
#pragma once

#include "base/root.h"

#define CRASH_CONFIG_FILE "/etc/kexec/crash.conf"

enum { CRASH_CONFIG_PATH_SIZE = 256 };

struct crash_config {
	enum fact fact; /* whether there is such a file; the rest has values in any case */
	char kernel[CRASH_CONFIG_PATH_SIZE]; /* KERNEL=; without it the running one's in /boot */
	char initrd[CRASH_CONFIG_PATH_SIZE]; /* INITRD=; may be empty */
	char dump_folder[CRASH_CONFIG_PATH_SIZE]; /* DUMP_DIRECTORY=; without it /var/crash */
};

/* A value that is too long counts as not there. 0 or -ENOMEM. */
int crash_config_read(struct crash_config *config, const struct root *root);
