/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text of any origin as XML 1.0: escaped, and with a '?' for each byte and character that XML does
 * not allow.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* At most `max` characters, the last of them "…" when there are more. */
void svg_put_text(FILE *out, const char *text, size_t max);

/* As svg_put_text(), but the beginning is left out: the name of a file is at its end. */
void svg_put_path(FILE *out, const char *path, size_t max);

/* The element that text stands in, from its place and class to its end. */
void svg_start_text(FILE *out, double x, double y, const char *style);
void svg_end_text(FILE *out);
