/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compressed kernel inside a bzImage: what the image's own decompressor would unpack.
 *
 * Source: payload_offset and payload_length in Documentation/arch/x86/boot.rst; the last four bytes
 * are the unpacked size, which gzip has by itself and all other formats get behind the stream
 * (size_append in scripts/Makefile.lib).
 */
#pragma once

#include <stdint.h>

#include "base/range.h"

struct blob;
struct bzimage;
struct error;
struct format;

struct payload {
	const struct format *format;
	struct range packed; /* where the stream is in the file */
	uint64_t size;       /* of what is inside, as the file says */
};

enum { PAYLOAD_UNKNOWN = 1 }; /* there is none, or none in a format that is known */

/* Finds the payload. 0, PAYLOAD_UNKNOWN, or a negative errno. */
int payload_find(struct payload *payload, const struct blob *file, const struct bzimage *image,
		 struct error *error);

/*
 * Unpacks it into pages of our own: payload->size bytes at `*pages`, which the caller ends with
 * munmap(2). A stream that is damaged, or holds more or less than it says, is a failure of kind
 * ERROR_IMAGE. 0 or a negative errno with a failure added, -ENOSPC when there is no memory for it.
 */
int payload_unpack(uint8_t **pages, const struct payload *payload, const struct blob *file,
		   struct error *error);
