/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * UTF-16, little-endian, as EFI writes text (UEFI 2.10, section 2.3.1), turned into UTF-8.
 */
#pragma once

#include <stddef.h>

#include "base/bytes.h"

/*
 * All of the bytes, NULs among them, as UTF-8 with a NUL behind it unless there is one at the end.
 * `*text` is the caller's to free, `*size` its bytes with that NUL. 0, -ENOMEM, or -EILSEQ: half a
 * character, or half a pair.
 */
int utf16_to_utf8(char **text, size_t *size, struct bytes utf16);
