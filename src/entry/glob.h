/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The patterns of systemd-boot: '*', '?', ranges as in "[a-c0]" and '\' before a character that is
 * meant literally; letters in either case are the same. Not fnmatch(3), which knows more, and whose
 * time can grow with the text to the power of the stars.
 */
#pragma once

#include <stdbool.h>

/* Whether the pattern matches all of the text. In time at most the product of their lengths. */
bool glob_match(const char *pattern, const char *text);
