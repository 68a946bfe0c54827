/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is mounted where, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"

struct machine_mount {
	unsigned int major, minor; /* of the file system; major 0: it is no block device's own */
	char *folder; /* which folder of the file system is mounted: "/", a subvolume */
	char *point;  /* where */
	char *type;   /* "vfat", "autofs", … */
	char *source; /* "/dev/sda1", … */
};

struct machine_mounts {
	enum fact fact;
	struct machine_mount *mounts; /* in the order of mounting */
	size_t count;
};

/* 0, or -ENOMEM; all else is told by the fact. A line that is none is left out. */
int machine_mounts_read(struct machine_mounts *mounts, const struct root *root);
void machine_mounts_fini(struct machine_mounts *mounts);

/* What is mounted at exactly this path; of several, the one on top. NULL: nothing. */
const struct machine_mount *machine_mounts_at(const struct machine_mounts *mounts,
					      const char *point);

/* What a path lies on. NULL: not known. Symbolic links are not followed. */
const struct machine_mount *machine_mounts_of(const struct machine_mounts *mounts,
					      const char *path);

/* Whether a path is the folder or lies in it, by their names alone. */
bool machine_path_is_below(const char *path, const char *folder);
