/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * UTF-8, for output formats that allow nothing else (JSON, XML).
 */
#pragma once

#include <stddef.h>

/* Bytes of the sequence at `text`, which ends with a NUL; 0 when it is none (RFC 3629 section 4).
 */
size_t utf8_length(const char *text);
