/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/init-system.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char library[] = "libsystemd-shared-";

/* Where a distribution may have that library, which is systemctl's own. */
static const char *const library_folders[] = {
    "/usr/lib/systemd", "/usr/lib64/systemd", "/lib/systemd",
    "/run/current-system/systemd/lib/systemd", /* NixOS */
};

/* The version in a name like libsystemd-shared-257.9-1.so; 0 for any other name. */
static unsigned int version_in(const char *name)
{
	const char *digits = name + sizeof(library) - 1;
	unsigned int version = 0;

	if (strncmp(name, library, sizeof(library) - 1) != 0)
		return 0;
	for (; isdigit((unsigned char)*digits) && version < 100000; digits++)
		version = version * 10 + (unsigned int)(*digits - '0');
	return version;
}

static DIR *open_folder(const struct root *root, const char *path)
{
	int fd = root_open_file(root, path, O_RDONLY | O_DIRECTORY);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder && fd >= 0)
		close(fd);
	return folder;
}

/* The newest one wins: an upgrade may leave the old library for programs that still use it. */
static void look_for_version(struct init_system *init, const struct root *root, const char *path)
{
	cleanup_closedir DIR *folder = open_folder(root, path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		unsigned int version = version_in(entry->d_name);

		if (version > init->version)
			init->version = version;
	}
}

/* Debian's are in /usr/lib/x86_64-linux-gnu/systemd and its likes. */
static void look_in_multiarch_folders(struct init_system *init, const struct root *root)
{
	cleanup_closedir DIR *folder = open_folder(root, "/usr/lib");
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[sizeof(entry->d_name) + 32];

		if (!strstr(entry->d_name, "-linux-"))
			continue;
		snprintf(path, sizeof(path), "/usr/lib/%s/systemd", entry->d_name);
		look_for_version(init, root, path);
	}
}

static enum fact is_there(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);

	if (fd >= 0)
		return FACT_KNOWN;
	return fd == -ENOENT || fd == -ENOTDIR ? FACT_ABSENT : FACT_UNREADABLE;
}

void init_system_read(struct init_system *init, const struct root *root)
{
	enum fact systemd = is_there(root, "/run/systemd/system");

	*init = (struct init_system){
	    .systemd_fact = systemd == FACT_UNREADABLE ? FACT_UNREADABLE : FACT_KNOWN,
	    .systemd = systemd == FACT_KNOWN,
	    .version_fact = FACT_ABSENT,
	    .logind = is_there(root, "/run/systemd/seats") == FACT_KNOWN,
	    .kexec_script = is_there(root, "/etc/init.d/kexec") != FACT_ABSENT,
	};
	if (!init->systemd)
		return;
	for (size_t i = 0; i < sizeof(library_folders) / sizeof(*library_folders); i++)
		look_for_version(init, root, library_folders[i]);
	look_in_multiarch_folders(init, root);
	init->version_fact = init->version ? FACT_KNOWN : FACT_UNREADABLE;
}

bool init_system_is_of_container(const struct root *root)
{
	/* PROC_PID_INIT_INO, include/linux/proc_ns.h. */
	static const char machines_own[] = "pid:[4026531836]";
	cleanup_close int fd = root_open_file(root, "/proc/self/ns/pid", O_PATH | O_NOFOLLOW);
	char text[32];
	ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", text, sizeof(text));

	return length > 0 && ((size_t)length != strlen(machines_own) ||
			      memcmp(text, machines_own, (size_t)length) != 0);
}
