/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of versions, as the Version Format Specification has it (UAPI.10, version 1.0): what
 * boot entries are sorted by, and kernels that lie side by side.
 */
#pragma once

/*
 * Compares two versions: negative, 0 or positive as `a` is older than, equal to or newer than `b`.
 * Any text is a version. No memory is needed, and numbers may have any length.
 */
int version_compare(const char *a, const char *b);
