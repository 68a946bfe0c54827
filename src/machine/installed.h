/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernels that are installed on this machine, by the names under which distributions lay them
 * down: /boot/vmlinuz-RELEASE, and /usr/lib/modules/RELEASE/vmlinuz. Only names are read.
 */
#pragma once

#include <stdbool.h>

#include "base/root.h"

struct machine_installed {
	char release[256]; /* as uname -r will say; empty: none was found */
	char path[320];
};

/*
 * Calls `found` for each, in no order; one that lies in two places is found twice. Ends with the
 * first result that is not 0. Folders that cannot be read have none. That result, 0, or -ENOMEM.
 */
int machine_walk_installed(const struct root *root,
			   int (*found)(void *context, const struct machine_installed *kernel),
			   void *context);

/* Whether the end of a file's name says that an installation, a packager or an editor left it. */
bool machine_is_a_backup(const char *name);

/*
 * The newest; of several that are equally new, any. Folders that cannot be read have none. 0 or
 * -ENOMEM.
 */
int machine_newest_installed(struct machine_installed *newest, const struct root *root);

/*
 * Compares releases as versions (base/version.h), without their flavours: of 6.1.0-28-amd64 and
 * 6.1.0-28-cloud-amd64 none is newer.
 */
int machine_compare_releases(const char *a, const char *b);
