/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/swap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/root.h"

enum {
	DEPTH_MAX = 8, /* of devices on top of each other */
	NAME_SIZE = 80,
};

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

static DIR *open_folder(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_RDONLY | O_DIRECTORY);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (folder)
		steal_fd(&fd);
	return folder;
}

/* A name below /sys/class/block; anything that could leave that folder is refused. */
static bool is_device_name(const char *name)
{
	return *name && strlen(name) < NAME_SIZE && name[0] != '.' && !strchr(name, '/');
}

static bool is_encrypted(const struct root *root, const char *name, int depth);

/* Whether there are devices below, and all of them are encrypted. */
static bool slaves_are_encrypted(const struct root *root, const char *name, int depth)
{
	cleanup_with(close_folder) DIR *folder = NULL;
	char path[NAME_SIZE + 40];
	struct dirent *entry;
	bool any = false;

	snprintf(path, sizeof(path), "/sys/class/block/%s/slaves", name);
	folder = open_folder(root, path);
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (!is_encrypted(root, entry->d_name, depth + 1))
			return false;
		any = true;
	}
	return any;
}

/* By the names that cryptsetup gives to dm-crypt devices: "CRYPT-PLAIN-…", "CRYPT-LUKS2-…". */
static bool is_encrypted(const struct root *root, const char *name, int depth)
{
	char path[NAME_SIZE + 40], uuid[256];

	if (depth > DEPTH_MAX || !is_device_name(name))
		return false;
	snprintf(path, sizeof(path), "/sys/class/block/%s/dm/uuid", name);
	if (root_read_line(root, path, uuid, sizeof(uuid)) == FACT_KNOWN &&
	    strncmp(uuid, "CRYPT-", 6) == 0)
		return true;
	return slaves_are_encrypted(root, name, depth);
}

/* zram keeps pages in RAM, unless it has a device to write some of them back to. */
static bool stays_in_memory(const struct root *root, const char *name)
{
	char path[NAME_SIZE + 40], device[PATH_MAX];

	if (strncmp(name, "zram", 4) != 0 || !is_device_name(name))
		return false;
	snprintf(path, sizeof(path), "/sys/class/block/%s/backing_dev", name);
	switch (root_read_line(root, path, device, sizeof(device))) {
	case FACT_KNOWN:
		return strcmp(device, "none") == 0;
	case FACT_ABSENT:
		return true; /* a kernel that cannot write back */
	case FACT_UNREADABLE:
		break;
	}
	return false;
}

/* The kernel's name of the device that a swap file's filesystem is on. False when there is none. */
static bool device_of_file(const struct root *root, const char *path, char *name, size_t size)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);
	char folder[64], *found;
	cleanup_free char *text = NULL;
	struct stat status;
	size_t length;

	if (fd < 0 || fstat(fd, &status) < 0)
		return false;
	snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u/uevent", major(status.st_dev),
		 minor(status.st_dev));
	if (root_read(root, folder, 4096, &text, &length) < 0)
		return false;
	found = strstr(text, "DEVNAME=");
	if (!found)
		return false;
	found += strlen("DEVNAME=");
	found[strcspn(found, "\n")] = '\0';
	return (size_t)snprintf(name, size, "%s", found) < size;
}

/* Blanks and backslashes in a path are written as in \040. */
static void unescape(char *path)
{
	char *to = path;

	for (; *path; path++) {
		if (path[0] == '\\' && strspn(path + 1, "01234567") >= 3) {
			*to++ =
			    (char)((path[1] - '0') * 64 + (path[2] - '0') * 8 + (path[3] - '0'));
			path += 3;
		} else {
			*to++ = *path;
		}
	}
	*to = '\0';
}

/* One line: path, type, size, used, priority. */
static void judge_line(struct machine_swap *swap, const struct root *root, char *line)
{
	char name[NAME_SIZE], *rest = NULL;
	char *path = strtok_r(line, " \t", &rest), *type = strtok_r(NULL, " \t", &rest);

	if (!path || !type)
		return;
	unescape(path);
	if (strcmp(type, "file") == 0) {
		if (!device_of_file(root, path, name, sizeof(name)))
			name[0] = '\0';
	} else {
		const char *last = strrchr(path, '/');

		snprintf(name, sizeof(name), "%s", last ? last + 1 : path);
		if (stays_in_memory(root, name))
			return;
	}
	swap->fact = FACT_KNOWN;
	if (!is_encrypted(root, name, 0) && !*swap->unencrypted)
		snprintf(swap->unencrypted, sizeof(swap->unencrypted), "%s", path);
}

/* A kernel without swap has no list of it; neither has a /proc that is not mounted. */
static bool proc_is_mounted(const struct root *root)
{
	cleanup_close int fd = root_open_file(root, "/proc/meminfo", O_PATH);

	return fd >= 0;
}

void machine_swap_read(struct machine_swap *swap, const struct root *root)
{
	cleanup_free char *text = NULL;
	char *rest = NULL, *line;
	size_t size;
	int r;

	*swap = (struct machine_swap){.fact = FACT_ABSENT};
	r = root_read(root, "/proc/swaps", 1 << 20, &text, &size);
	if (r < 0) {
		swap->fact = r == -ENOENT && proc_is_mounted(root) ? FACT_ABSENT : FACT_UNREADABLE;
		return;
	}
	line = strtok_r(text, "\n", &rest); /* the heading */
	while (line && (line = strtok_r(NULL, "\n", &rest)))
		judge_line(swap, root, line);
}
