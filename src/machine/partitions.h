/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The block devices and what is on them, as udev knows it (/run/udev/data/bMAJOR:MINOR, and for the
 * names /sys/dev/block). Where udev does not run there are none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"

struct machine_mount;
struct machine_mounts;

/* Texts are empty where they are not known. UUIDs are in small letters. */
struct machine_partition {
	unsigned int major, minor;
	char name[64]; /* as in /dev: "sda1", "mapper/vg-root" */
	char type[40]; /* ID_PART_ENTRY_TYPE: a UUID, or "0xef" of a DOS partition table */
	char partition_uuid[40];   /* ID_PART_ENTRY_UUID */
	char partition_label[128]; /* ID_PART_ENTRY_NAME */
	char file_system[32];      /* ID_FS_TYPE: "vfat" */
	char uuid[64];             /* ID_FS_UUID: as blkid prints it, "ABCD-1234" or a UUID */
	char label[128];           /* ID_FS_LABEL */
};

struct machine_partitions {
	enum fact fact;
	struct machine_partition *partitions; /* by number */
	size_t count;
};

/* 0, or -ENOMEM; all else is told by the fact. */
int machine_partitions_read(struct machine_partitions *partitions, const struct root *root);
void machine_partitions_fini(struct machine_partitions *partitions);

/* By file system UUID, file system label or partition UUID; letters in either case are the same.
 * NULL: none. */
const struct machine_partition *
machine_partition_by_uuid(const struct machine_partitions *partitions, const char *uuid);
const struct machine_partition *
machine_partition_by_label(const struct machine_partitions *partitions, const char *label);
const struct machine_partition *
machine_partition_by_partition_uuid(const struct machine_partitions *partitions, const char *uuid);

/* What a mounted file system is on (of btrfs by the mount's source), or NULL: not known. */
const struct machine_partition *
machine_partition_of_mount(const struct machine_partitions *partitions,
			   const struct machine_mount *mount);

/*
 * Where a file of a partition is found now: `path`, from the top of the partition's file system, by
 * a mount of it that shows that file, which need not show all of it (a subvolume). The result is
 * the caller's to free, and *mount, unless it is NULL, becomes the mount. 0, -ENOMEM, or -ENOENT:
 * no mount shows it.
 */
int machine_find_on_partition(char **result, const struct machine_mount **mount,
			      const struct machine_mounts *mounts,
			      const struct machine_partitions *partitions,
			      const struct machine_partition *partition, const char *path);
