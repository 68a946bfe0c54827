/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/partitions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/mounts.h"

#define UDEV_DATA "/run/udev/data"

enum {
	PARTITIONS_MAX = 4096,
	DATA_MAX = 65536, /* of one device; a disk with many names has some KiB */
};

/* udev writes what could be mistaken in a name as \xNN. */
static void copy_unescaped(char *to, size_t capacity, const char *text)
{
	size_t length = 0;

	while (*text && length + 1 < capacity) {
		unsigned int byte;

		if (text[0] == '\\' && text[1] == 'x' && sscanf(text + 2, "%2x", &byte) == 1 &&
		    byte != 0 && text[3]) {
			to[length++] = (char)byte;
			text += 4;
		} else {
			to[length++] = *text++;
		}
	}
	to[length] = '\0';
}

static void copy_small(char *to, size_t capacity, const char *text)
{
	size_t length = 0;

	for (; *text && length + 1 < capacity; text++)
		to[length++] = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
	to[length] = '\0';
}

/* Where the value of a property goes, when it is one of ours. */
static void take_property(struct machine_partition *partition, const char *property)
{
	const char *value = strchr(property, '=');
	size_t length = value ? (size_t)(value - property) : 0;

#define IS(name) (length == strlen(name) && strncmp(property, name, length) == 0)
	if (!value)
		return;
	value++;
	if (IS("ID_PART_ENTRY_TYPE"))
		copy_small(partition->type, sizeof(partition->type), value);
	else if (IS("ID_PART_ENTRY_UUID"))
		copy_small(partition->partition_uuid, sizeof(partition->partition_uuid), value);
	else if (IS("ID_PART_ENTRY_NAME"))
		copy_unescaped(partition->partition_label, sizeof(partition->partition_label),
			       value);
	else if (IS("ID_FS_TYPE"))
		snprintf(partition->file_system, sizeof(partition->file_system), "%s", value);
	else if (IS("ID_FS_UUID"))
		snprintf(partition->uuid, sizeof(partition->uuid), "%s", value);
	else if (IS("ID_FS_LABEL_ENC"))
		copy_unescaped(partition->label, sizeof(partition->label), value);
	else if (IS("DM_NAME"))
		snprintf(partition->name, sizeof(partition->name), "mapper/%s", value);
#undef IS
}

/* The kernel's name for it, where udev gives it no better one. */
static int read_name(struct machine_partition *partition, const struct root *root)
{
	cleanup_free char *content = NULL;
	char path[64], *rest, *line;
	size_t size;
	int r;

	if (*partition->name)
		return 0;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/uevent", partition->major,
		 partition->minor);
	r = root_read(root, path, DATA_MAX, &content, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = content;
	while ((line = strsep(&rest, "\n")))
		if (strncmp(line, "DEVNAME=", 8) == 0)
			snprintf(partition->name, sizeof(partition->name), "%s", line + 8);
	return 0;
}

static int read_one(struct machine_partition *partition, const struct root *root, const char *file)
{
	cleanup_free char *content = NULL;
	char path[64], *rest, *line;
	size_t size;
	int r;

	snprintf(path, sizeof(path), UDEV_DATA "/%s", file);
	r = root_read(root, path, DATA_MAX, &content, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = content;
	while ((line = strsep(&rest, "\n")))
		if (strncmp(line, "E:", 2) == 0)
			take_property(partition, line + 2);
	return read_name(partition, root);
}

static int add(struct machine_partitions *partitions, const struct root *root, const char *file)
{
	struct machine_partition found = {}, *larger;
	int used = 0, r;

	if (sscanf(file, "b%u:%u%n", &found.major, &found.minor, &used) != 2 || file[used] ||
	    strlen(file) > 32 || partitions->count == PARTITIONS_MAX)
		return 0;
	r = read_one(&found, root, file);
	if (r < 0)
		return r;
	larger = reallocarray(partitions->partitions, partitions->count + 1, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	partitions->partitions = larger;
	larger[partitions->count++] = found;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct machine_partition *x = a, *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return (x->minor > y->minor) - (x->minor < y->minor);
}

int machine_partitions_read(struct machine_partitions *partitions, const struct root *root)
{
	cleanup_close int fd = root_open_file(root, UDEV_DATA, O_RDONLY | O_DIRECTORY);
	cleanup_closedir DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	*partitions = (struct machine_partitions){};
	if (fd < 0)
		partitions->fact = fd == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
	if (!folder)
		return fd < 0 ? 0 : -ENOMEM;
	steal_fd(&fd);
	while (r == 0 && (entry = readdir(folder)))
		r = add(partitions, root, entry->d_name);
	if (r < 0) {
		machine_partitions_fini(partitions);
		return r;
	}
	if (partitions->count > 0)
		qsort(partitions->partitions, partitions->count, sizeof(*partitions->partitions),
		      by_number);
	partitions->fact = FACT_KNOWN;
	return 0;
}

void machine_partitions_fini(struct machine_partitions *partitions)
{
	free(partitions->partitions);
	*partitions = (struct machine_partitions){};
}

const struct machine_partition *
machine_partition_by_uuid(const struct machine_partitions *partitions, const char *uuid)
{
	for (size_t i = 0; *uuid && i < partitions->count; i++)
		if (strcasecmp(partitions->partitions[i].uuid, uuid) == 0)
			return &partitions->partitions[i];
	return NULL;
}

const struct machine_partition *
machine_partition_by_label(const struct machine_partitions *partitions, const char *label)
{
	for (size_t i = 0; *label && i < partitions->count; i++)
		if (strcmp(partitions->partitions[i].label, label) == 0)
			return &partitions->partitions[i];
	return NULL;
}

const struct machine_partition *
machine_partition_by_partition_uuid(const struct machine_partitions *partitions, const char *uuid)
{
	for (size_t i = 0; *uuid && i < partitions->count; i++)
		if (strcasecmp(partitions->partitions[i].partition_uuid, uuid) == 0)
			return &partitions->partitions[i];
	return NULL;
}

const struct machine_partition *
machine_partition_of_mount(const struct machine_partitions *partitions,
			   const struct machine_mount *mount)
{
	const char *name = strncmp(mount->source, "/dev/", 5) == 0 ? mount->source + 5 : "";

	for (size_t i = 0; i < partitions->count; i++) {
		const struct machine_partition *partition = &partitions->partitions[i];

		if (mount->major != 0 && partition->major == mount->major &&
		    partition->minor == mount->minor)
			return partition;
		if (mount->major == 0 && *name && strcmp(partition->name, name) == 0)
			return partition;
	}
	return NULL;
}

/* The path in the mount, NULL when the mount does not show it. */
static const char *behind_folder(const char *path, const char *folder)
{
	if (strcmp(folder, "/") == 0)
		return path;
	return machine_path_is_below(path, folder) ? path + strlen(folder) : NULL;
}

int machine_find_on_partition(char **result, const struct machine_mount **mount,
			      const struct machine_mounts *mounts,
			      const struct machine_partitions *partitions,
			      const struct machine_partition *partition, const char *path)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const struct machine_mount *at = &mounts->mounts[i];
		const char *rest = behind_folder(path, at->folder);

		if (!rest || machine_partition_of_mount(partitions, at) != partition ||
		    machine_mounts_at(mounts, at->point) != at)
			continue;
		if (asprintf(result, "%s%s", strcmp(at->point, "/") == 0 ? "" : at->point,
			     *rest ? rest : "/") < 0)
			return -ENOMEM;
		if (mount)
			*mount = at;
		return 0;
	}
	return -ENOENT;
}
