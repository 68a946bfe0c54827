/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel logs while it refuses an image: the real reason is often only there.
 */
#pragma once

#include <stddef.h>

struct root;

/* A position at the log's end, as a file descriptor; -1 when the log cannot be read. */
int kernel_log_mark(const struct root *root);

/* Text of the lines logged since, joined by "; ", cut to `capacity`. Empty when there are none. */
void kernel_log_since(int mark, char *text, size_t capacity);
