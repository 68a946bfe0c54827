/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text from anywhere (a file's name, a command line, a recording) on a terminal.
 */
#pragma once

#include <stdio.h>

/*
 * Writes text in which nothing can move a terminal's cursor, colour it or start a line: each
 * control character (C0, DEL, C1) and each byte that is no UTF-8 becomes '?'.
 */
void print_printable(FILE *out, const char *text);

/* The same as new text, to be freed by the caller. NULL without memory. */
char *printable_copy(const char *text);
