/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where GRUB's files are.
 *
 * GRUB counts disks as its firmware does, which nothing here tells: "hd0,gpt2" may be any of them.
 * So devices that are found by what is on them get names of our own (GRUB_OWN_DEVICE), "b8:2" by
 * the block device's number, and a configuration that names a disk by its number only is in doubt.
 * A file system that is on no block device is "m" and the number of its mount; where no mounts are
 * known there is one device, "system".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "entry/grub-run.h"
#include "machine/mounts.h"
#include "machine/partitions.h"

#define SYSTEM_DEVICE GRUB_OWN_DEVICE "system"

int grub_read_file(struct grub_run *run, const char *path, size_t limit, const char **content,
		   size_t *size, int *code)
{
	cleanup_free char *buffer = NULL;

	*content = NULL;
	*code = root_read(run->machine->root, path, limit, &buffer, size);
	if (*code == -ENOMEM)
		return run->arena.code = -ENOMEM;
	if (*code < 0)
		return 0;
	*content = grub_arena_copy(&run->arena, buffer, *size);
	return *content ? 0 : run->arena.code;
}

char grub_path_kind(struct grub_run *run, const char *path)
{
	cleanup_close int fd = root_open_file(run->machine->root, path, O_PATH);
	struct stat status;

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ENAMETOOLONG)
		return '-';
	if (fd < 0 || fstat(fd, &status) < 0)
		return '?';
	if (S_ISDIR(status.st_mode))
		return 'd';
	return status.st_size > 0 ? 'f' : '0';
}

static const struct machine_partition *partition_by_number(const struct grub_run *run,
							   const char *device)
{
	const struct machine_partitions *partitions = run->machine->partitions;
	unsigned int major, minor;
	int length = 0;

	if (sscanf(device, GRUB_OWN_DEVICE "b%u:%u%n", &major, &minor, &length) != 2 ||
	    device[length])
		return NULL;
	for (size_t i = 0; i < partitions->count; i++)
		if (partitions->partitions[i].major == major &&
		    partitions->partitions[i].minor == minor)
			return &partitions->partitions[i];
	return NULL;
}

static const struct machine_mount *mount_by_number(const struct grub_run *run, const char *device)
{
	const struct machine_mounts *mounts = run->machine->mounts;
	unsigned int number;
	int length = 0;

	if (sscanf(device, GRUB_OWN_DEVICE "m%u%n", &number, &length) != 1 || device[length] ||
	    number >= mounts->count)
		return NULL;
	return &mounts->mounts[number];
}

/* What of `path` is behind `folder`; NULL: it is not in it. */
static const char *path_within(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	while (length > 0 && folder[length - 1] == '/')
		length--;
	if (strncmp(path, folder, length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	return path + length;
}

static int doubt_place(struct grub_run *run, struct grub_place *place,
		       const struct grub_doubt *doubt)
{
	place->path = "";
	place->doubt = doubt;
	return doubt ? 0 : run->arena.code;
}

static int join(struct grub_run *run, struct grub_place *place, const char *folder,
		const char *path)
{
	cleanup_free char *joined = NULL;
	int r = entry_join_path(&joined, folder, path);

	if (r == -ENOMEM)
		return run->arena.code = r;
	if (r < 0)
		return doubt_place(run, place,
				   grub_doubt_new(run, ENTRY_MALFORMED,
						  "the path \"%.200s\" cannot be followed", path));
	place->path = grub_arena_text(&run->arena, joined);
	return place->path ? 0 : run->arena.code;
}

/* openSUSE's GRUB can count paths from btrfs's default subvolume, which is the root there. */
static bool counts_from_subvolume(struct grub_run *run, const struct machine_partition *partition)
{
	const struct grub_doubt *doubt;
	const char *value = grub_run_get(run, "btrfs_relative_path", &doubt);

	return strcmp(partition->file_system, "btrfs") == 0 && *value && *value != 'n' &&
	       *value != '0';
}

static int find_on_partition(struct grub_run *run, const struct machine_partition *partition,
			     const char *path, struct grub_place *place)
{
	cleanup_free char *found = NULL;
	int r;

	if (counts_from_subvolume(run, partition)) {
		r = join(run, place, "/", path);
		/* $prefix is of our own making, and counts from the top. */
		if (r < 0 || place->doubt || grub_path_kind(run, place->path) != '-')
			return r;
	}
	r = machine_find_on_partition(&found, NULL, run->machine->mounts, run->machine->partitions,
				      partition, path);
	if (r == -ENOMEM)
		return run->arena.code = r;
	if (r < 0)
		return doubt_place(
		    run, place,
		    grub_doubt_new(run, ENTRY_NOT_MOUNTED,
				   "no mount of /dev/%s (file system %s) shows %.200s",
				   partition->name, partition->uuid, path));
	return join(run, place, "/", found);
}

int grub_find_on_mount(struct grub_run *run, const struct machine_mount *mount, const char *path,
		       struct grub_place *place)
{
	const char *within = path_within(path, mount->folder);

	*place = (struct grub_place){0};
	return within ? join(run, place, mount->point, *within ? within : "/") : 0;
}

static int find_on_device(struct grub_run *run, const char *device, const char *path,
			  struct grub_place *place)
{
	const struct machine_partition *partition = partition_by_number(run, device);
	const struct machine_mount *mount = mount_by_number(run, device);
	int r;

	if (partition)
		return find_on_partition(run, partition, path, place);
	if (strcmp(device, SYSTEM_DEVICE) == 0)
		return join(run, place, "/", path);
	r = mount ? grub_find_on_mount(run, mount, path, place) : 0;
	if (r < 0 || place->path)
		return r;
	return doubt_place(run, place,
			   grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD,
					  "which disk GRUB calls (%.100s)",
					  device + (device[0] == GRUB_OWN_DEVICE[0])));
}

/* A device's name without parentheses, from `text` or, where it has none, $root. */
static int take_device(struct grub_run *run, const char **text, const char **device,
		       const struct grub_doubt **doubt)
{
	const char *name = *text, *end;
	size_t length;

	*doubt = NULL;
	if (*name == '(') {
		end = strchr(name, ')');
		length = end ? (size_t)(end - name) - 1 : strlen(name) - 1;
		*device = grub_arena_copy(&run->arena, name + 1, length);
		*text = end ? end + 1 : "";
	} else {
		name = grub_run_get(run, "root", doubt);
		length = strlen(name);
		if (*name == '(' && length > 1 && name[length - 1] == ')') {
			name++;
			length -= 2;
		}
		*device = grub_arena_copy(&run->arena, name, length);
	}
	return *device ? 0 : run->arena.code;
}

int grub_find_file(struct grub_run *run, const struct grub_argument *name, struct grub_place *place)
{
	const struct grub_doubt *doubt;
	const char *path = name->text, *device;
	int r;

	*place = (struct grub_place){0};
	if (name->doubt)
		return doubt_place(run, place, name->doubt);
	r = take_device(run, &path, &device, &doubt);
	if (r < 0)
		return r;
	if (doubt)
		return doubt_place(run, place, doubt);
	if (*path != '/')
		return doubt_place(run, place,
				   grub_doubt_new(run, ENTRY_MALFORMED,
						  "\"%.200s\" is no name of a file", name->text));
	return find_on_device(run, device, path, place);
}

int grub_name_device(struct grub_run *run, const struct machine_mount *mount, const char **device)
{
	const struct machine_partition *partition =
	    machine_partition_of_mount(run->machine->partitions, mount);

	if (partition)
		*device = grub_arena_format(&run->arena, GRUB_OWN_DEVICE "b%u:%u", partition->major,
					    partition->minor);
	else
		*device = grub_arena_format(&run->arena, GRUB_OWN_DEVICE "m%zu",
					    (size_t)(mount - run->machine->mounts->mounts));
	return *device ? 0 : run->arena.code;
}

int grub_name_file(struct grub_run *run, const char *path, const char **device, const char **name)
{
	const struct machine_mount *mount = machine_mounts_of(run->machine->mounts, path);
	const char *within = mount ? path_within(path, mount->point) : NULL;
	size_t length;
	int r;

	*device = SYSTEM_DEVICE;
	*name = path;
	if (!within)
		return 0;
	r = grub_name_device(run, mount, device);
	if (r < 0)
		return r;
	length = strlen(mount->folder);
	while (length > 0 && mount->folder[length - 1] == '/')
		length--;
	*name = grub_arena_format(&run->arena, "%.*s%s", (int)length, mount->folder, within);
	return *name ? 0 : run->arena.code;
}
