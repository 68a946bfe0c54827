/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a kernel file is: its bytes, its kind, and what its header says.
 */
#pragma once

#include "base/blob.h"
#include "image/bzimage.h"
#include "image/recognise.h"
#include "image/unwrap/unwrap.h"

struct error;

struct image {
	struct blob *file;    /* the kernel itself: the file, or what was unwrapped from it */
	struct blob *wrapped; /* the file that it was unwrapped from; NULL: it was not wrapped */
	struct unwrapped unwrapped;        /* what was taken off; its blob is `file` */
	char trailing[TRAILING_TEXT_SIZE]; /* what follows the kernel itself; may be empty */
	enum image_kind kind;
	struct bzimage bzimage; /* when kind is IMAGE_BZIMAGE */
};

/*
 * Opens, unwraps and reads a kernel file. A file that is no kernel we know is an error that says
 * what it looks like, and inside of what. `limit` is what unwrap() may take, in bytes. 0 or a
 * negative errno; on success the caller ends it with image_close().
 */
int image_open(struct image *image, const char *path, uint64_t limit, struct error *error);
void image_close(struct image *image);

/* Name of a kind as in --type: "bzImage". NULL for IMAGE_UNKNOWN. */
const char *image_kind_name(enum image_kind kind);
