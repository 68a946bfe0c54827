/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/installed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/version.h"

/* A kernel's path is the folder, `before`, its release and `after`. */
struct place {
	const char *folder, *before, *after;
};

static const struct place places[] = {
    {"/boot", "vmlinuz-", ""},
    {"/usr/lib/modules", "", "/vmlinuz"},
    {"/lib/modules", "", "/vmlinuz"},
};

static bool is_letter(char character)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* Without the last parts between '-' that begin with a letter, as in -cloud-amd64. */
static void copy_without_flavour(char *copy, size_t capacity, const char *release)
{
	char *dash;

	snprintf(copy, capacity, "%s", release);
	while ((dash = strrchr(copy, '-')) && is_letter(dash[1]))
		*dash = '\0';
}

int machine_compare_releases(const char *a, const char *b)
{
	char a_copy[256], b_copy[256];

	copy_without_flavour(a_copy, sizeof(a_copy), a);
	copy_without_flavour(b_copy, sizeof(b_copy), b);
	return version_compare(a_copy, b_copy);
}

bool machine_is_a_backup(const char *release)
{
	static const char *const ends[] = {".old", ".bak", ".orig", ".save", "~"};
	size_t length = strlen(release);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (length >= end && strcmp(release + length - end, ends[i]) == 0)
			return true;
	}
	return strstr(release, ".dpkg-") || strstr(release, ".rpm");
}

static bool is_file(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* A name without a version is no release, and nothing can be told of it. */
static int consider(const struct root *root, const struct place *place, const char *name,
		    int (*found)(void *context, const struct machine_installed *kernel),
		    void *context)
{
	struct machine_installed kernel;
	size_t before = strlen(place->before);

	if (strncmp(name, place->before, before) != 0)
		return 0;
	name += before;
	if (*name < '0' || *name > '9' || machine_is_a_backup(name))
		return 0;
	snprintf(kernel.release, sizeof(kernel.release), "%s", name);
	snprintf(kernel.path, sizeof(kernel.path), "%s/%s%s%s", place->folder, place->before, name,
		 place->after);
	return is_file(root, kernel.path) ? found(context, &kernel) : 0;
}

int machine_walk_installed(const struct root *root,
			   int (*found)(void *context, const struct machine_installed *kernel),
			   void *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(places) / sizeof(*places); i++) {
		cleanup_close int fd =
		    root_open_file(root, places[i].folder, O_RDONLY | O_DIRECTORY);
		cleanup_closedir DIR *folder = fd < 0 ? NULL : fdopendir(fd);
		const struct dirent *entry;

		if (fd >= 0 && !folder)
			return -ENOMEM;
		if (!folder)
			continue;
		steal_fd(&fd);
		while (r == 0 && (entry = readdir(folder)))
			r = consider(root, &places[i], entry->d_name, found, context);
	}
	return r;
}

static int keep_newest(void *context, const struct machine_installed *kernel)
{
	struct machine_installed *newest = context;

	if (!*newest->release || machine_compare_releases(kernel->release, newest->release) > 0)
		*newest = *kernel;
	return 0;
}

int machine_newest_installed(struct machine_installed *newest, const struct root *root)
{
	*newest = (struct machine_installed){};
	return machine_walk_installed(root, keep_newest, newest);
}
