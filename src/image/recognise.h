/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Telling what a file is from its first bytes, for messages about files that cannot be loaded and
 * for choosing the reader of those that can.
 */
#pragma once

#include "base/bytes.h"

enum image_kind {
	IMAGE_UNKNOWN,
	IMAGE_BZIMAGE,
};

struct recognised {
	enum image_kind kind;
	const char
	    *description; /* "an x86 bzImage", "gzip-compressed data", "text", … never NULL */
};

enum { RECOGNISE_HEAD_SIZE = 0x400 };

/* `head` is the file's start, RECOGNISE_HEAD_SIZE bytes of it or all when it is shorter. */
struct recognised recognise(struct bytes head);
