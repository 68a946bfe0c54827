/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cleanup attributes for locals, and the explicit hand-over of ownership.
 *
 * A local marked with one of these releases what it owns when its scope ends; `steal_pointer` and
 * `steal_fd` take the thing out of the local, so that a function can hand it to its caller.
 */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* "unused": a local may exist for nothing but its end, as a lock does. */
#define cleanup_with(function) __attribute__((cleanup(function), unused))

static inline void cleanup_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

static inline void cleanup_close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

#define cleanup_free     cleanup_with(cleanup_free_pointer)
#define cleanup_close    cleanup_with(cleanup_close_fd)
#define cleanup_fclose   cleanup_with(cleanup_close_stream)
#define cleanup_closedir cleanup_with(cleanup_close_folder)

#define steal_pointer(pointer)                                                                     \
	({                                                                                         \
		__typeof__(pointer) *stolen_from = &(pointer);                                     \
		__typeof__(pointer) stolen = *stolen_from;                                         \
		*stolen_from = NULL;                                                               \
		stolen;                                                                            \
	})

static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}
