/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files that entries name: whether they are there, and what is in them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry/entry.h"

struct pe;
struct root;

/*
 * Opens a regular file for reading. A file descriptor, and its size; or a negative errno, -ENXIO
 * for what is no regular file.
 */
int entry_open_file(const struct root *root, const char *path, uint64_t *size);

/* Why a file cannot be read, by what entry_open_file() and its like return. */
const char *entry_error_text(int code);

/*
 * A part of a file as new text: up to its first NUL, if it has one. 0, -E2BIG for more than
 * `limit` bytes, or another negative errno.
 */
int entry_read_part(char **text, int fd, uint64_t offset, uint64_t size, uint64_t limit);

/*
 * Reads a configuration file of at most ENTRY_CONFIG_MAX bytes. As root_read(), but what is no
 * regular file is not opened: -ENXIO.
 */
int entry_read_config(const struct root *root, const char *path, char **text, size_t *size);

/* Names of a folder that end so, letters in either case, sorted; without those that begin with a
 * dot. At most ENTRY_LIST_MAX; *more is set when there were more. 0 or a negative errno. */
int entry_list_names(char ***names, size_t *count, bool *more, const struct root *root,
		     const char *folder, const char *end);
void entry_free_names(char **names, size_t count);

/*
 * Looks whether all files of an entry are there, and adds a problem for the first that is not, the
 * kernel first. Then it looks what release the kernel says it is, unless that is known. 0 or
 * -ENOMEM.
 */
int entry_check_files(struct entry *entry, const struct root *root);

/* Whether an open file is a kernel by its header: of x86 or arm64, also compressed (EFI zboot). */
bool entry_is_kernel(int fd);

/*
 * Reads the headers of a PE file. 0 and the open file's descriptor; -EBADMSG and why, when it is
 * none; or another negative errno.
 */
int entry_open_pe(struct pe *pe, int *fd, uint64_t *size, const char **why, const struct root *root,
		  const char *path);
