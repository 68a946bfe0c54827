/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

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

static int write_through(const char *path, int flags, const char *content, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);

	return fd < 0 ? -errno : write_all_and_close(fd, content, size);
}

static int replace(const char *path, const char *content, size_t size)
{
	cleanup_free char *target = realpath(path, NULL), *fresh = NULL;
	int r;

	if (asprintf(&fresh, "%s.new.%d", target ? target : path, (int)getpid()) < 0) {
		fresh = NULL;
		return -ENOMEM;
	}
	r = write_through(fresh, O_CREAT | O_EXCL, content, size);
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
	bool special = stat(path, &status) == 0 && !S_ISREG(status.st_mode);
	int r;

	r = special ? write_through(path, 0, content, size) : replace(path, content, size);
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "write", path, "it cannot be written");
	return 0;
}
