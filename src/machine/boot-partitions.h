/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The partitions that a boot loader reads: the EFI system partition (ESP) and the extended boot
 * loader partition (XBOOTLDR), by the places where they are mounted and by their types (UAPI.1,
 * "The Partitions"; UAPI.2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"

struct machine_mounts;
struct machine_partitions;

enum boot_partition_kind {
	BOOT_PARTITION_ESP,
	BOOT_PARTITION_XBOOTLDR, /* also type 0xEA of a DOS partition table */
	BOOT_PARTITION_FOLDER,   /* none of them: /boot as a folder, or on a partition of its own */
};

struct boot_partition {
	enum boot_partition_kind kind;
	bool kind_is_known; /* the partition's type says so; else the place where it is mounted */
	bool mounted;
	unsigned int major, minor; /* of its file system, when it is mounted */
	char point[256];           /* where it is mounted, or else belongs: "/efi", "/boot" */
	char device[64];           /* what to mount: "/dev/sda1"; empty: not known */
	bool loader_is_from_it;    /* its boot loader started this machine (LoaderDevicePartUUID) */
};

enum { BOOT_PARTITIONS_MAX = 16 };

struct machine_boot_partitions {
	struct boot_partition partitions[BOOT_PARTITIONS_MAX]; /* ESPs, then XBOOTLDR, then /boot */
	size_t count;
};

/*
 * Finds them. Where nothing but an automount is mounted it is looked at, which mounts what belongs
 * there: `mounts` is read again then. 0 or -ENOMEM.
 */
int machine_boot_partitions_read(struct machine_boot_partitions *found, const struct root *root,
				 struct machine_mounts *mounts,
				 const struct machine_partitions *partitions);
