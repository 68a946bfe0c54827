/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/boot-partitions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/efi-variables.h"
#include "machine/mounts.h"
#include "machine/partitions.h"

/* Where they belong, the ESP first wherever both could be. */
static const struct place {
	const char *point;
	enum boot_partition_kind kind; /* where the partition's type does not tell */
} places[] = {
    {"/efi", BOOT_PARTITION_ESP},
    {"/boot/efi", BOOT_PARTITION_ESP},
    {"/boot", BOOT_PARTITION_FOLDER},
};

enum { PLACES = sizeof(places) / sizeof(*places) };

static bool is_fat(const char *file_system)
{
	return strcmp(file_system, "vfat") == 0 || strcmp(file_system, "msdos") == 0;
}

/* Whether the partition's type is one of ours (UAPI.1). */
static bool kind_of_type(enum boot_partition_kind *kind, const char *type)
{
	if (strcmp(type, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b") == 0 || strcmp(type, "0xef") == 0)
		*kind = BOOT_PARTITION_ESP;
	else if (strcmp(type, "bc13c2ff-59e6-4262-a352-b275fd6f7172") == 0 ||
		 strcmp(type, "0xea") == 0)
		*kind = BOOT_PARTITION_XBOOTLDR;
	else
		return false;
	return true;
}

/* Opening an automount's folder mounts it. */
static int look_behind_automounts(const struct root *root, struct machine_mounts *mounts)
{
	bool looked = false;

	for (size_t i = 0; i < PLACES; i++) {
		const struct machine_mount *mount = machine_mounts_at(mounts, places[i].point);
		cleanup_close int fd = -1;

		if (!mount || strcmp(mount->type, "autofs") != 0)
			continue;
		fd = root_open_file(root, places[i].point, O_RDONLY | O_DIRECTORY);
		looked = true;
	}
	if (!looked)
		return 0;
	machine_mounts_fini(mounts);
	return machine_mounts_read(mounts, root);
}

static void set_device(struct boot_partition *boot, const struct machine_partition *partition)
{
	if (partition && *partition->name)
		snprintf(boot->device, sizeof(boot->device), "/dev/%.58s", partition->name);
	else if (partition && *partition->partition_uuid)
		snprintf(boot->device, sizeof(boot->device), "PARTUUID=%s",
			 partition->partition_uuid);
}

static void add(struct machine_boot_partitions *found, const struct boot_partition *boot)
{
	if (found->count < BOOT_PARTITIONS_MAX)
		found->partitions[found->count++] = *boot;
}

/* One that is mounted in two places is read once. */
static bool is_found(const struct machine_boot_partitions *found, const struct machine_mount *mount)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->partitions[i].major == mount->major &&
		    found->partitions[i].minor == mount->minor)
			return true;
	return false;
}

/* What is mounted at one place. A folder counts at /boot alone. */
static void add_mounted(struct machine_boot_partitions *found, const struct place *place,
			const struct machine_mounts *mounts,
			const struct machine_partitions *partitions, const char *loader_uuid)
{
	const struct machine_mount *mount = machine_mounts_at(mounts, place->point);
	const struct machine_partition *partition =
	    mount ? machine_partition_of_mount(partitions, mount) : NULL;
	struct boot_partition boot = {.kind = place->kind, .mounted = true};

	if (mount && strcmp(mount->type, "autofs") == 0)
		mount = NULL;
	if (mount ? is_found(found, mount) : strcmp(place->point, "/boot") != 0)
		return;
	snprintf(boot.point, sizeof(boot.point), "%s", place->point);
	if (mount) {
		boot.major = mount->major;
		boot.minor = mount->minor;
		set_device(&boot, partition);
	}
	if (partition)
		boot.kind_is_known = kind_of_type(&boot.kind, partition->type);
	if (mount && !boot.kind_is_known && (!partition || !*partition->type) &&
	    is_fat(mount->type))
		boot.kind = BOOT_PARTITION_ESP;
	boot.loader_is_from_it =
	    partition && *loader_uuid && strcmp(partition->partition_uuid, loader_uuid) == 0;
	add(found, &boot);
}

/* Where to mount what is not mounted: an ESP at /efi, unless the machine has /boot/efi for it. */
static const char *home_of(enum boot_partition_kind kind, const struct root *root)
{
	cleanup_close int efi = -1, boot_efi = -1;

	if (kind == BOOT_PARTITION_XBOOTLDR)
		return "/boot";
	efi = root_open_file(root, "/efi", O_PATH | O_DIRECTORY);
	boot_efi = root_open_file(root, "/boot/efi", O_PATH | O_DIRECTORY);
	return efi >= 0 ? "/efi" : boot_efi >= 0 ? "/boot/efi" : "/boot";
}

/* One by its type, which is mounted in another place than usual, or nowhere. */
static int add_by_type(struct machine_boot_partitions *found, const struct root *root,
		       const struct machine_mounts *mounts,
		       const struct machine_partitions *partitions,
		       const struct machine_partition *partition, const char *loader_uuid)
{
	struct boot_partition boot = {.kind_is_known = true};
	const struct machine_mount *mount = NULL;
	cleanup_free char *top = NULL;
	int r;

	if (!kind_of_type(&boot.kind, partition->type))
		return 0;
	r = machine_find_on_partition(&top, &mount, mounts, partitions, partition, "/");
	if (r == -ENOMEM || (mount && is_found(found, mount)))
		return r == -ENOMEM ? r : 0;
	boot.mounted = mount && strlen(mount->point) < sizeof(boot.point);
	snprintf(boot.point, sizeof(boot.point), "%s",
		 boot.mounted ? mount->point : home_of(boot.kind, root));
	if (boot.mounted) {
		boot.major = mount->major;
		boot.minor = mount->minor;
	}
	set_device(&boot, partition);
	boot.loader_is_from_it =
	    *loader_uuid && strcmp(partition->partition_uuid, loader_uuid) == 0;
	add(found, &boot);
	return 0;
}

static int by_kind(const void *a, const void *b)
{
	const struct boot_partition *x = a, *y = b;

	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	if (x->loader_is_from_it != y->loader_is_from_it)
		return (int)y->loader_is_from_it - (int)x->loader_is_from_it;
	if (x->mounted != y->mounted)
		return (int)y->mounted - (int)x->mounted;
	return strcmp(x->point, y->point) ?: strcmp(x->device, y->device);
}

int machine_boot_partitions_read(struct machine_boot_partitions *found, const struct root *root,
				 struct machine_mounts *mounts,
				 const struct machine_partitions *partitions)
{
	cleanup_free char *loader_uuid = NULL;
	enum fact fact;
	int r;

	*found = (struct machine_boot_partitions){};
	r = look_behind_automounts(root, mounts);
	if (r == 0)
		r = machine_loader_text(&loader_uuid, &fact, root, "LoaderDevicePartUUID");
	if (r < 0)
		return r;
	for (char *at = loader_uuid; at && *at; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	for (size_t i = 0; i < PLACES; i++)
		add_mounted(found, &places[i], mounts, partitions, loader_uuid ?: "");
	for (size_t i = 0; r == 0 && i < partitions->count; i++)
		r = add_by_type(found, root, mounts, partitions, &partitions->partitions[i],
				loader_uuid ?: "");
	qsort(found->partitions, found->count, sizeof(*found->partitions), by_kind);
	return r;
}
