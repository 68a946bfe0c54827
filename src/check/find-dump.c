/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/find-dump.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

enum {
	DEPTH_MAX = 4, /* /var/crash/HOST/DATE/vmcore, and one more */
	FILES_MAX = 10000,
	/* ELF headers and a note for each CPU may come before vmcoreinfo. */
	HEAD_SIZE = 4 << 20,
};

struct search {
	const struct dump_wish *wish;
	struct dump_found *found;
	const struct root *root;
	char *head; /* HEAD_SIZE and a NUL */
	unsigned int files;
};

/* The value of a line of vmcoreinfo; NULL when there is none. */
static const char *find_line(const char *head, size_t size, const char *name)
{
	size_t length = strlen(name);
	const char *at = memmem(head, size, name, length);

	return at ? at + length : NULL;
}

/* Whether it is a dump, and of which crash. The text ends with a NUL behind the head. */
static bool read_vmcoreinfo(const char *head, size_t size, char *release, size_t release_size,
			    uint64_t *crash_time)
{
	const char *first = find_line(head, size, "OSRELEASE=");
	const char *second =
	    first ? find_line(first, size - (size_t)(first - head), "\nCRASHTIME=") : NULL;

	if (!second)
		return false;
	snprintf(release, release_size, "%.*s", (int)strcspn(first, "\n"), first);
	return sscanf(second, "%" SCNu64, crash_time) == 1;
}

static ssize_t read_head(const struct search *search, const char *path, uint64_t *size)
{
	cleanup_close int fd =
	    root_open_file(search->root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	size_t used = 0;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return -1;
	*size = (uint64_t)status.st_size;
	while (used < HEAD_SIZE) {
		ssize_t got = read(fd, search->head + used, HEAD_SIZE - used);

		if (got <= 0)
			break;
		used += (size_t)got;
	}
	search->head[used] = '\0';
	return (ssize_t)used;
}

/* What Fedora's kdump-utils call a dump that is not written to its end. */
static bool is_incomplete(const char *path)
{
	const char *last = strrchr(path, '/');

	return strstr(last ? last : path, "incomplete");
}

static void look_at_file(struct search *search, const char *path)
{
	struct dump_found *found = search->found;
	uint64_t size, crash_time;
	char release[80];
	ssize_t length = read_head(search, path, &size);

	if (length <= 0 ||
	    !read_vmcoreinfo(search->head, (size_t)length, release, sizeof(release), &crash_time))
		return;
	if (strcmp(release, search->wish->release) != 0 || crash_time < search->wish->earliest ||
	    crash_time > search->wish->latest || is_incomplete(path) ||
	    (*found->path && crash_time >= found->crash_time)) {
		found->others++;
		return;
	}
	found->others += *found->path != '\0';
	snprintf(found->path, sizeof(found->path), "%s", path);
	found->crash_time = crash_time;
	found->size = size;
}

static DIR *open_folder(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (fd < 0)
		errno = -fd;
	if (folder)
		steal_fd(&fd);
	return folder;
}

/* 0, or a negative errno when this folder itself cannot be read. */
static int look_into(struct search *search, const char *path, int depth)
{
	cleanup_closedir DIR *folder = open_folder(search->root, path);
	const struct dirent *entry;

	if (!folder)
		return -errno;
	while (search->files < FILES_MAX && (entry = readdir(folder))) {
		char below[sizeof(search->found->path)];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    (size_t)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
			sizeof(below))
			continue;
		search->files++;
		/* A name that is no folder cannot be opened as one; filesystems may not tell. */
		if (entry->d_type == DT_REG || depth == DEPTH_MAX ||
		    look_into(search, below, depth + 1) == -ENOTDIR)
			look_at_file(search, below);
	}
	return 0;
}

int dump_find(struct dump_found *found, const struct dump_wish *wish, const struct root *root,
	      struct error *error)
{
	cleanup_free char *head = malloc(HEAD_SIZE + 1);
	struct search search = {.wish = wish, .found = found, .root = root, .head = head};
	int r;

	*found = (struct dump_found){};
	if (!head)
		return error_memory(error, "look for dumps");
	r = look_into(&search, wish->folder, 0);
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "look for dumps", wish->folder,
				 "the folder cannot be read");
	return 0;
}
