/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/file-limit.h"

#include <errno.h>

#include "base/error.h"

/* The kernel, the lock, /proc and so on, and what the caller left open. */
#define OTHER_FILES 64

int file_limit_raise(size_t initrd_count, struct rlimit *before, struct error *error)
{
	rlim_t needed = (rlim_t)initrd_count + OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_add(error, ERROR_INTERNAL, errno, "limit open files", NULL,
				 "RLIMIT_NOFILE cannot be read");
	*before = limit;
	if (limit.rlim_cur >= needed)
		return 0;
	if (limit.rlim_max < needed)
		return error_add(
		    error, ERROR_FILE, EMFILE, "limit open files", NULL,
		    "%zu initrds need %llu open files, and this process may have %llu at most",
		    initrd_count, (unsigned long long)needed, (unsigned long long)limit.rlim_max);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_add(error, ERROR_FILE, errno, "limit open files", NULL,
				 "%zu initrds need %llu open files, and the limit cannot be raised",
				 initrd_count, (unsigned long long)needed);
	return 0;
}

void file_limit_restore(const struct rlimit *before)
{
	setrlimit(RLIMIT_NOFILE, before);
}
