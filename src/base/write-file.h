/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing to the end: all bytes of a file, or a failure.
 */
#pragma once

#include <stddef.h>

struct error;

/* Writes all bytes. 0 or a negative errno. */
int write_all(int fd, const void *bytes, size_t size);

/* The same, and closes the descriptor, on failure too: some filesystems report a failure only then.
 */
int write_all_and_close(int fd, const void *bytes, size_t size);

/*
 * Writes a new file beside `path`, with the mode of the old one, and puts it in its place. What is
 * there and is no regular file (a pipe, a terminal), or is one of this process's descriptors
 * (/dev/stdout, /dev/fd/N), is written to as it is. 0 or a negative errno with a failure added that
 * names `path`, and then a file that was there before is still there.
 */
int write_file(const char *path, const char *content, size_t size, struct error *error);
