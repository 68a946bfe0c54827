/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file that is there complete or not at all.
 */
#pragma once

#include <stddef.h>

struct error;

/*
 * Writes a new file beside `path` and puts it in its place. What is there and is no regular file (a
 * pipe, a terminal) is written to as it is. 0 or a negative errno with a failure added that names
 * `path`, and then what was there before is still there.
 */
int write_file(const char *path, const char *content, size_t size, struct error *error);
