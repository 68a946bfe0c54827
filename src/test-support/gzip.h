/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gzip without compression (RFC 1951, section 3.2.4): a valid stream of anything, made by hand, so
 * that a wrapped kernel needs no library in the test.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GZIP_OVERHEAD = 23, GZIP_CONTENT_MAX = 65535 };

/* Writes size + GZIP_OVERHEAD bytes; that number. */
size_t gzip_wrap(uint8_t *to, const uint8_t *from, size_t size);

/* Whether this build can unwrap it. */
bool gzip_is_built(void);
