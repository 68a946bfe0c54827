/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file as a blob, or several as one, whole and in their order. Any trouble fails the test.
 */
#pragma once

#include <stddef.h>

#include "base/blob.h"

struct blob *open_file(const char *path);
struct blob *join_files(const char *const *paths, size_t count);

/* The descriptor of a blob as a file, to be closed; nothing in the blob is secret. */
int open_whole(const struct blob *blob, size_t alignment, struct error *error);
