/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "record/record.h"

#define LOCK_FILE RECORD_FOLDER "/lock"

enum { TRIES_PER_SECOND = 20 };

static long read_holder(int fd)
{
	char text[24] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 ? strtol(text, NULL, 10) : 0;
}

/* What cannot be written, because the file system is full, stays unknown. */
static void write_holder(int fd)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)length, 0) < 0)
		ftruncate(fd, 0);
}

/* 0, or a negative errno; -EWOULDBLOCK: somebody has it. */
static int try_for_a_second(int fd)
{
	static const struct timespec pause = {.tv_nsec = 1000000000 / TRIES_PER_SECOND};

	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (i == TRIES_PER_SECOND)
			return -EWOULDBLOCK;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int take(int fd)
{
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int lock_take(const struct root *root, void (*waiting)(long holder))
{
	cleanup_close int fd = -1;
	int r;

	root_make_folder(root, RECORD_FOLDER);
	fd = root_open_file(root, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	r = try_for_a_second(fd);
	if (r == -EWOULDBLOCK) {
		if (waiting)
			waiting(read_holder(fd));
		r = take(fd);
	}
	if (r < 0)
		return -1;
	write_holder(fd);
	return steal_fd(&fd);
}

enum fact lock_is_held(const struct root *root, bool *held)
{
	cleanup_close int fd = root_open_file(root, LOCK_FILE, O_RDONLY | O_NOFOLLOW);

	*held = false;
	if (fd == -ENOENT || fd == -ENOTDIR)
		return FACT_KNOWN;
	if (fd < 0)
		return FACT_UNREADABLE;
	/* Shared: two that ask do not see each other; a load that begins meanwhile tries again. */
	if (flock(fd, LOCK_SH | LOCK_NB) == 0)
		return FACT_KNOWN;
	*held = errno == EWOULDBLOCK;
	return *held ? FACT_KNOWN : FACT_UNREADABLE;
}
