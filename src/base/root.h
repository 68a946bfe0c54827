/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files below a system root.
 *
 * /proc, /sys and /run are read through a handle, so that another machine's recorded tree can
 * stand in for the live one. Paths are written as on the live machine, with a leading slash.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/range.h"

struct error;

/*
 * Who answers for a root in place of its folder: a recorder, which hands every question on and
 * keeps the answers, or a recording. The functions of the same names here and in base/physical.h
 * say what each of them owes.
 */
struct root_reader {
	int (*read)(void *context, const char *path, size_t limit, char **content, size_t *size);
	int (*read_start)(void *context, const char *path, size_t limit, char **content,
			  size_t *size);
	int (*open_file)(void *context, const char *path, int flags);
	int (*read_physical)(void *context, uint64_t address, void *to, size_t size);
	int (*find_pages)(void *context, struct range bytes, unsigned int flag, struct map *found);
};

struct root {
	int fd; /* O_PATH of the root folder */
	/*
	 * Paths lead neither out of the folder nor through a symbolic link, and to nothing but
	 * regular files and folders: for a tree that somebody else made. It is only read. Needs
	 * openat2(2), of Linux 5.6.
	 */
	bool contained;
	const struct root_reader
	    *reader;   /* NULL: the folder answers itself; else it is only read */
	void *context; /* the reader's */
};

/* How much is known of a fact; what could not be read never counts as "no". */
enum fact {
	FACT_UNREADABLE,
	FACT_ABSENT,
	FACT_KNOWN,
};

/* Opens `path` ("/" for the live machine). 0 or a negative errno, with a failure added. */
int root_open(struct root *root, const char *path, struct error *error);
void root_close(struct root *root);

/*
 * Reads a whole file of at most `limit` bytes. `*content` gets a buffer with a NUL behind the
 * `*size` bytes, to be freed by the caller. Returns 0, -ENOENT, -EFBIG over the limit, or another
 * negative errno.
 */
int root_read(const struct root *root, const char *path, size_t limit, char **content,
	      size_t *size);

/* As root_read for the first `limit` bytes of a file, however long it is: `*size` may be less. */
int root_read_start(const struct root *root, const char *path, size_t limit, char **content,
		    size_t *size);

/* As root_read for one short line; the trailing newline is cut. The rest of `line` is not kept. */
enum fact root_read_line(const struct root *root, const char *path, char *line, size_t capacity);

/* As root_read_line for a number; base as in strtoull. Text that is no number is unreadable. */
enum fact root_read_number(const struct root *root, const char *path, int base, uint64_t *number);

/*
 * openat(2) below the root, with O_CLOEXEC. A file descriptor or a negative errno. Nothing that a
 * plan depends on may be read through it, save that a file or folder is there (O_PATH) and a
 * folder's names: a recorder does not see more. -EROFS for anything but reading where a root is
 * contained or has a reader.
 */
int root_open_file(const struct root *root, const char *path, int flags);

/* mkdirat, renameat and unlinkat below the root. 0 or a negative errno; a folder that is there
 * already and a file that is gone already are no failures. -EROFS where the root is contained or
 * has a reader. */
int root_make_folder(const struct root *root, const char *path);
int root_rename(const struct root *root, const char *from, const char *to);
int root_remove(const struct root *root, const char *path);
