/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What follows the end of a kernel, or of a compressed stream, in its file. Known things are
 * explained; anything else is an error, because the file is not what its header says.
 */
#pragma once

#include <stdint.h>

struct blob;
struct error;

enum { TRAILING_TEXT_SIZE = 256 };

/*
 * Explains the bytes from `offset` to the blob's end. Accepted, in any order and number: padding of
 * NULs; signatures as in signed EFI programs (WIN_CERTIFICATE, "The Attribute Certificate Table" in
 * Microsoft's PE Format); flattened device trees (Devicetree Specification, chapter 5); one
 * signature as of kernel modules, at the very end (include/linux/module_signature.h).
 *
 * `what` is what ends at `offset`, as in "the gzip data". `text` becomes a clause for a note, or
 * empty when nothing follows. 0 or a negative errno.
 */
int trailing_explain(const struct blob *blob, uint64_t offset, const char *what,
		     char text[TRAILING_TEXT_SIZE], struct error *error);

/* The offset of the first byte that is not 0, from `offset` on; the blob's size when there is none.
 * Where more follows than is ever explained, 1 GiB, nothing is skipped. 0 or a negative errno. */
int trailing_skip_zeros(const struct blob *blob, uint64_t offset, uint64_t *end,
			struct error *error);
