/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sizes for people.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* "60.0 MiB" into `text`, in the largest unit that keeps a number before the point; returns it. */
const char *size_text(uint64_t size, char *text, size_t capacity);
