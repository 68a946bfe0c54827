/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

/* As the kernel follows (MAXSYMLINKS, include/linux/namei.h). */
#define LINKS_MAX 40

int write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int write_all_and_close(int fd, const void *bytes, size_t size)
{
	int r = write_all(fd, bytes, size);

	return close(fd) < 0 && r == 0 ? -errno : r;
}

static int write_through(const char *path, const char *content, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : write_all_and_close(fd, content, size);
}

/* The folder that a path's last name is looked up in, without links; and that name. */
static char *split_path(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	*name = slash ? slash + 1 : path;
	return folder ? realpath(folder, NULL) : NULL;
}

/* Follows one link at the end of the path. NULL when there is none. */
static char *follow_link(const char *folder, const char *name)
{
	cleanup_free char *path = NULL;
	char target[PATH_MAX], *next;
	ssize_t length;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return NULL;
	}
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return NULL;
	target[length] = '\0';
	if (*target == '/')
		return strdup(target);
	return asprintf(&next, "%s/%s", folder, target) < 0 ? NULL : next;
}

/*
 * The number of this process's descriptor that a path names, as /dev/stdout and /dev/fd/1 do by
 * leading to /proc/self/fd/1; -1 when it names none.
 */
static int own_descriptor(const char *path)
{
	cleanup_free char *at = strdup(path);
	char own[64];

	snprintf(own, sizeof(own), "/proc/%d/fd", (int)getpid());
	for (unsigned int links = 0; at && links < LINKS_MAX; links++) {
		const char *name;
		cleanup_free char *folder = split_path(at, &name);
		char *next;

		if (!folder)
			return -1;
		if (strcmp(folder, own) == 0)
			return *name ? atoi(name) : -1;
		next = follow_link(folder, name);
		free(at);
		at = next;
	}
	return -1;
}

static int write_new(const char *path, const struct stat *old, const char *content, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0666);

	if (fd >= 0 && old && fchmod(fd, old->st_mode & 0777) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd < 0 ? -errno : write_all_and_close(fd, content, size);
}

/* `old` is what is there, or NULL. */
static int replace(const char *path, const struct stat *old, const char *content, size_t size)
{
	cleanup_free char *target = realpath(path, NULL), *fresh = NULL;
	int r;

	if (asprintf(&fresh, "%s.new.%d", target ? target : path, (int)getpid()) < 0) {
		fresh = NULL;
		return -ENOMEM;
	}
	r = write_new(fresh, old, content, size);
	if (r == -EEXIST)
		return r;
	if (r == 0 && rename(fresh, target ? target : path) < 0)
		r = -errno;
	if (r < 0)
		unlink(fresh);
	return r;
}

int write_file(const char *path, const char *content, size_t size, struct error *error)
{
	struct stat status;
	bool exists = stat(path, &status) == 0;
	int own = exists ? own_descriptor(path) : -1, r;

	if (own >= 0)
		r = write_all(own, content, size);
	else if (exists && !S_ISREG(status.st_mode))
		r = write_through(path, content, size);
	else
		r = replace(path, exists ? &status : NULL, content, size);
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "write", path, "it cannot be written");
	return 0;
}
