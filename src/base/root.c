/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

int root_open(struct root *root, const char *path, struct error *error)
{
	*root = (struct root){.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
	if (root->fd < 0)
		return error_add(error, ERROR_FILE, errno, "open system root", path,
				 "not a folder that can be entered");
	return 0;
}

void root_close(struct root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

/* The *at() calls ignore their folder for a path with a leading slash. */
static const char *below(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

static int open_contained(const struct root *root, const char *path, int flags)
{
	struct open_how how = {
	    .flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd =
	    syscall(SYS_openat2, root->fd, *below(path) ? below(path) : ".", &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* To open a device or a pipe can block, or do more than that. */
static int check_plain(const struct root *root, const char *path)
{
	cleanup_close int fd = open_contained(root, path, O_PATH);
	struct stat status;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return -errno;
	return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? 0 : -ENXIO;
}

/* Somebody else's tree, or one that somebody answers for, is only read. */
static bool is_for_reading(const struct root *root)
{
	return root->contained || root->reader;
}

static bool would_write(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
}

int root_open_file(const struct root *root, const char *path, int flags)
{
	int fd, r;

	if (is_for_reading(root) && would_write(flags))
		return -EROFS;
	if (root->reader)
		return root->reader->open_file(root->context, path, flags);
	if (root->contained) {
		r = check_plain(root, path);
		return r < 0 ? r : open_contained(root, path, flags);
	}
	fd = openat(root->fd, below(path), flags | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

int root_make_folder(const struct root *root, const char *path)
{
	if (is_for_reading(root))
		return -EROFS;
	return mkdirat(root->fd, below(path), 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int root_rename(const struct root *root, const char *from, const char *to)
{
	if (is_for_reading(root))
		return -EROFS;
	return renameat(root->fd, below(from), root->fd, below(to)) < 0 ? -errno : 0;
}

int root_remove(const struct root *root, const char *path)
{
	if (is_for_reading(root))
		return -EROFS;
	return unlinkat(root->fd, below(path), 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* As much as there is, and no more; `to` has room for a NUL behind it. */
static int read_up_to(int fd, char *to, size_t limit, size_t *size)
{
	size_t length = 0;

	while (length < limit) {
		ssize_t n = read(fd, to + length, limit - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += (size_t)n;
	}
	to[length] = '\0';
	*size = length;
	return 0;
}

int root_read_start(const struct root *root, const char *path, size_t limit, char **content,
		    size_t *size)
{
	cleanup_free char *buffer = NULL;
	cleanup_close int fd = -1;
	int r;

	if (root->reader)
		return root->reader->read_start(root->context, path, limit, content, size);
	fd = root_open_file(root, path, O_RDONLY);
	if (fd < 0)
		return fd;
	buffer = malloc(limit + 1);
	if (!buffer)
		return -ENOMEM;
	r = read_up_to(fd, buffer, limit, size);
	if (r == 0)
		*content = steal_pointer(buffer);
	return r;
}

int root_read(const struct root *root, const char *path, size_t limit, char **content, size_t *size)
{
	cleanup_free char *buffer = NULL;
	cleanup_close int fd = -1;
	size_t length = 0, capacity = 4096;

	if (root->reader)
		return root->reader->read(root->context, path, limit, content, size);
	fd = root_open_file(root, path, O_RDONLY);
	if (fd < 0)
		return fd;
	for (;;) {
		char *larger = realloc(buffer, capacity + 1);
		ssize_t n;

		if (!larger)
			return -ENOMEM;
		buffer = larger;
		n = read(fd, buffer + length, capacity - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += (size_t)n;
		if (length > limit)
			return -EFBIG;
		if (length == capacity)
			capacity *= 2;
	}
	buffer[length] = '\0';
	*content = steal_pointer(buffer);
	*size = length;
	return 0;
}

/* The file's first bytes, without allocating any. */
static int read_start(const struct root *root, const char *path, char *line, size_t capacity)
{
	cleanup_close int fd = root_open_file(root, path, O_RDONLY);
	size_t length;

	return fd < 0 ? fd : read_up_to(fd, line, capacity - 1, &length);
}

enum fact root_read_line(const struct root *root, const char *path, char *line, size_t capacity)
{
	cleanup_free char *content = NULL;
	char start[4096];
	size_t size, length;
	int r;

	/* For want of memory alone a fact must not become unknown: another plan would come of it.
	 */
	r = root_read(root, path, 65536, &content, &size);
	if (r == -ENOMEM)
		r = read_start(root, path, start, sizeof(start));
	if (r == -ENOENT)
		return FACT_ABSENT;
	if (r < 0)
		return FACT_UNREADABLE;
	length = strcspn(content ? content : start, "\n");
	if (length >= capacity)
		return FACT_UNREADABLE;
	memcpy(line, content ? content : start, length);
	line[length] = '\0';
	return FACT_KNOWN;
}

enum fact root_read_number(const struct root *root, const char *path, int base, uint64_t *number)
{
	char line[64], *end;
	enum fact fact;
	unsigned long long value;

	fact = root_read_line(root, path, line, sizeof(line));
	if (fact != FACT_KNOWN)
		return fact;
	errno = 0;
	value = strtoull(line, &end, base);
	if (errno || end == line || *end != '\0' || strchr(line, '-'))
		return FACT_UNREADABLE;
	*number = value;
	return FACT_KNOWN;
}
