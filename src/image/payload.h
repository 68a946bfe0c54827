/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compressed kernel inside a bzImage: what the image's own decompressor would unpack.
 *
 * Source: payload_offset and payload_length in Documentation/arch/x86/boot.rst; the last four bytes
 * are the unpacked size, which gzip has by itself and all other formats get behind the stream
 * (size_append in scripts/Makefile.lib).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/parallel.h"
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
 * munmap(2). `progress` counts the packed bytes; it may be NULL. A stream that is damaged, or holds
 * more or less than it says, is a failure of kind ERROR_IMAGE. 0 or a negative errno with a failure
 * added, -ENOSPC when there is no memory for it.
 */
int payload_unpack(uint8_t **pages, const struct payload *payload, const struct blob *file,
		   struct progress *progress, struct error *error);

/* The same as a job. Begin with everything zero. */
struct payload_job {
	struct job job; /* its result and its error are those of payload_unpack() */
	struct payload payload;
	const struct blob *file;
	struct progress *progress;
	bool done;
	uint8_t *pages; /* owned */
};

/* Makes the job ready to be run; what it is given must stay until then. */
void payload_job_prepare(struct payload_job *job, const struct payload *payload,
			 const struct blob *file, struct progress *progress);

/* Ends pages that nobody took. */
void payload_job_fini(struct payload_job *job);
