/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the record says of the loaded kernel, held against the files of today.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct root;

struct recall {
	bool known;       /* the record is there and confirmed; else all else is empty */
	char release[80]; /* of the kernel, as uname -r will say; empty: not known */
	size_t differing; /* how many files are no longer what was loaded */
	char first[256];  /* the path of the first of them */
	bool first_missing;
};

/* 0 or -ENOMEM. */
int recall_loaded(struct recall *recall, const struct root *root);
