/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/block-drivers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

enum {
	STACK_MAX = 8,    /* devices on top of each other */
	PARENTS_MAX = 24, /* folders from a device up to /sys/devices */
};

#define DEVICE_FOLDER_SIZE 320

bool module_name_of_file(const char *path, char name[MODULE_NAME_SIZE])
{
	const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path;
	const char *end = strstr(start, ".ko");
	size_t length = end ? (size_t)(end - start) : 0;

	if (length == 0 || length >= MODULE_NAME_SIZE || (end[3] != '\0' && end[3] != '.'))
		return false;
	for (size_t i = 0; i < length; i++)
		name[i] = start[i] == '-' ? '_' : start[i];
	name[length] = '\0';
	return true;
}

static void add_module(struct machine_disk *disk, const char *name)
{
	char with_underscores[MODULE_NAME_SIZE];
	size_t i;

	if (strlen(name) >= MODULE_NAME_SIZE || disk->module_count == BLOCK_DRIVERS_MAX)
		return;
	for (i = 0; name[i]; i++)
		with_underscores[i] = name[i] == '-' ? '_' : name[i];
	with_underscores[i] = '\0';
	for (i = 0; i < disk->module_count; i++)
		if (strcmp(disk->modules[i], with_underscores) == 0)
			return;
	memcpy(disk->modules[disk->module_count++], with_underscores, sizeof(with_underscores));
}

/* The last name of what a link leads to. */
static bool read_link_name(const struct root *root, const char *path, char *name, size_t size)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH | O_NOFOLLOW);
	char target[PATH_MAX], *slash;
	ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target) - 1);

	if (length <= 0)
		return false;
	target[length] = '\0';
	slash = strrchr(target, '/');
	return (size_t)snprintf(name, size, "%s", slash ? slash + 1 : target) < size;
}

static bool is_there(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);

	return fd >= 0;
}

/*
 * From a device's folder up: the kernel lets ".." behind a link lead to what the link's target
 * hangs on. /sys/devices itself has no "uevent", and neither have folders that only group.
 */
static void add_drivers(struct machine_disk *disk, const struct root *root, const char *device)
{
	char folder[DEVICE_FOLDER_SIZE], path[DEVICE_FOLDER_SIZE + 40], name[MODULE_NAME_SIZE];
	int length = snprintf(folder, sizeof(folder), "/sys/class/block/%s", device);

	for (int i = 0; i < PARENTS_MAX && length > 0 && (size_t)length + 3 < sizeof(folder); i++) {
		snprintf(path, sizeof(path), "%s/driver/module", folder);
		if (read_link_name(root, path, name, sizeof(name)))
			add_module(disk, name);
		snprintf(path, sizeof(path), "%s/system", folder);
		if (is_there(root, path)) /* /sys/devices */
			break;
		memcpy(folder + length, "/..", 4);
		length += 3;
	}
}

/* Device mapper and md have no driver in /sys. */
static void add_virtual(struct machine_disk *disk, const struct root *root, const char *device)
{
	char path[DEVICE_FOLDER_SIZE], text[128];

	if (strncmp(device, "md", 2) == 0)
		add_module(disk, "md_mod");
	snprintf(path, sizeof(path), "/sys/class/block/%s/md/level", device);
	if (root_read_line(root, path, text, sizeof(text)) == FACT_KNOWN)
		add_module(disk, strcmp(text, "raid4") == 0 || strcmp(text, "raid5") == 0 ||
					 strcmp(text, "raid6") == 0
				     ? "raid456"
				     : text);
	if (strncmp(device, "dm-", 3) != 0)
		return;
	add_module(disk, "dm_mod");
	snprintf(path, sizeof(path), "/sys/class/block/%s/dm/uuid", device);
	if (root_read_line(root, path, text, sizeof(text)) == FACT_KNOWN &&
	    strncmp(text, "CRYPT-", 6) == 0)
		add_module(disk, "dm_crypt");
}

static bool is_device_name(const char *name)
{
	return *name && strlen(name) < sizeof(((struct machine_disk *)0)->device) &&
	       name[0] != '.' && !strchr(name, '/');
}

/* A device, and those that it is made of. */
static void add_device(struct machine_disk *disk, const struct root *root, const char *device,
		       int depth)
{
	cleanup_closedir DIR *slaves = NULL;
	char path[DEVICE_FOLDER_SIZE];
	const struct dirent *entry;
	int fd;

	if (depth > STACK_MAX || !is_device_name(device))
		return;
	add_drivers(disk, root, device);
	add_virtual(disk, root, device);
	snprintf(path, sizeof(path), "/sys/class/block/%s/slaves", device);
	fd = root_open_file(root, path, O_RDONLY | O_DIRECTORY);
	slaves = fd < 0 ? NULL : fdopendir(fd);
	if (!slaves && fd >= 0)
		close(fd);
	while (slaves && (entry = readdir(slaves)))
		add_device(disk, root, entry->d_name, depth + 1);
}

/* One line of /proc/self/mountinfo (Documentation/filesystems/proc.rst, 3.5). */
struct mount {
	unsigned int major, minor;
	char point[PATH_MAX], filesystem[32], source[256];
};

static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to++ =
			    (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static bool parse_mount(const char *line, struct mount *mount)
{
	const char *dash = strstr(line, " - ");

	if (!dash ||
	    sscanf(line, "%*u %*u %u:%u %*s %4095s", &mount->major, &mount->minor, mount->point) !=
		3 ||
	    sscanf(dash, " - %31s %255s", mount->filesystem, mount->source) != 2)
		return false;
	unescape(mount->point);
	unescape(mount->source);
	return true;
}

static bool lies_below(const char *path, const char *point)
{
	size_t length = strlen(point);

	if (strcmp(point, "/") == 0)
		return true;
	return strncmp(path, point, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The mount that a path is on: of the longest, the last one, which lies on top. */
static bool find_mount(char *text, const char *path, struct mount *found)
{
	bool any = false;
	char *rest;

	/* Cut into lines, so that none is read beyond its end. */
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct mount mount;

		if (!parse_mount(line, &mount) || !lies_below(path, mount.point) ||
		    (any && strlen(mount.point) < strlen(found->point)))
			continue;
		*found = mount;
		any = true;
	}
	return any;
}

/* The kernel's name of a device: the link /sys/dev/block/254:1 leads to its folder. */
static bool device_name(const struct root *root, unsigned int major, unsigned int minor, char *name,
			size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major, minor);
	return read_link_name(root, path, name, size);
}

/* Some filesystems, as btrfs, have a number of their own; then their source is asked. */
static bool device_of_mount(const struct root *root, const struct mount *mount, char *name,
			    size_t size)
{
	cleanup_close int fd = -1;
	struct stat status;

	if (device_name(root, mount->major, mount->minor, name, size))
		return true;
	if (strncmp(mount->source, "/dev/", 5) != 0)
		return false;
	fd = root_open_file(root, mount->source, O_PATH);
	return fd >= 0 && fstat(fd, &status) == 0 && S_ISBLK(status.st_mode) &&
	       device_name(root, major(status.st_rdev), minor(status.st_rdev), name, size);
}

/* A folder that will be made is where the one above it is. */
static void cut_to_what_is_there(char *folder, const struct root *root)
{
	char *slash;

	while (!is_there(root, folder) && (slash = strrchr(folder, '/')) && slash != folder)
		*slash = '\0';
	if (!is_there(root, folder))
		folder[1] = '\0';
}

int machine_disk_read(struct machine_disk *disk, const struct root *root, const char *folder,
		      struct error *error)
{
	cleanup_free char *text = NULL;
	struct mount mount;
	size_t size;
	int r;

	*disk = (struct machine_disk){};
	if (folder[0] != '/' || (size_t)snprintf(disk->folder, sizeof(disk->folder), "%s",
						 folder) >= sizeof(disk->folder))
		return 0;
	cut_to_what_is_there(disk->folder, root);
	r = root_read(root, "/proc/self/mountinfo", 1 << 20, &text, &size);
	if (r < 0)
		return r == -ENOMEM ? error_memory(error, "read mounts") : 0;
	if (!find_mount(text, disk->folder, &mount))
		return 0;
	disk->fact = FACT_ABSENT;
	snprintf(disk->filesystem, sizeof(disk->filesystem), "%s", mount.filesystem);
	if (!device_of_mount(root, &mount, disk->device, sizeof(disk->device)))
		return 0;
	disk->fact = FACT_KNOWN;
	add_device(disk, root, disk->device, 0);
	disk->driver_known = disk->module_count > 0;
	add_module(disk, disk->filesystem);
	return 0;
}
