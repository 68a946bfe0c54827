/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * extlinux.conf and syslinux.cfg, as Syslinux and U-Boot's sysboot read them. Sources:
 * wiki.syslinux.org/wiki/index.php?title=Config; U-Boot, doc/README.distro and boot/pxe_utils.c.
 */
#pragma once

#include "entry/list.h"

/*
 * Reads a configuration and what it includes, and chooses. `path` is the file's, below `top`, where
 * its partition is mounted. 0 or -ENOMEM.
 */
int extlinux_read(struct entry_list *list, const struct entry_machine *machine, const char *top,
		  const char *path);
