/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which modules a kernel needs to reach a folder's disk: those of the drivers that the running
 * kernel uses for the device and for all that it hangs on, and that of its filesystem.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"

struct error;

enum { BLOCK_DRIVERS_MAX = 32, MODULE_NAME_SIZE = 64 };

struct machine_disk {
	enum fact fact;   /* absent: the folder is on no disk, as one on the network or in RAM */
	char folder[256]; /* that was asked for; of one that is not there, the nearest above it */
	char device[80];  /* its name in /sys/class/block: "vda1" */
	char filesystem[32];
	/* Names with '_', as /sys/module has them, each once. The list may be short of some:
	 * what virtual devices need is not all to be seen. */
	char modules[BLOCK_DRIVERS_MAX][MODULE_NAME_SIZE];
	size_t module_count;
	bool driver_known; /* of a device; else only the filesystem is */
};

/* 0, or -ENOMEM with a failure added; all else is told by the fact. */
int machine_disk_read(struct machine_disk *disk, const struct root *root, const char *folder,
		      struct error *error);

/* "kernel/drivers/nvme/host/nvme-core.ko.xz" to "nvme_core". False for what is no module's. */
bool module_name_of_file(const char *path, char name[MODULE_NAME_SIZE]);
