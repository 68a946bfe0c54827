/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a kernel file is: its bytes, its kind, and what its header says.
 */
#pragma once

#include "base/blob.h"
#include "image/bzimage.h"
#include "image/recognise.h"

struct error;

struct image {
	struct blob *file;
	enum image_kind kind;
	struct bzimage bzimage; /* when kind is IMAGE_BZIMAGE */
};

/*
 * Opens and reads a kernel file. A file that is no kernel we know is an error that says what it
 * looks like. 0 or a negative errno; on success the caller ends it with image_close().
 */
int image_open(struct image *image, const char *path, struct error *error);
void image_close(struct image *image);

/* Name of a kind as in --type: "bzImage". NULL for IMAGE_UNKNOWN. */
const char *image_kind_name(enum image_kind kind);
