/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What initrds unpack to: each entry of their archives, compressed or not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/newc-walk.h"

struct error;

struct initrd_list {
	uint64_t packed; /* bytes of the files themselves */
	bool whole;      /* every entry was visited; else those up to what could not be read */
};

/*
 * Visits the entries in their order. What is unpacked for that lies in memory until it ends, at
 * most `limit` bytes; where that is too little, a stream is damaged, or this build cannot decode
 * it, the list is not whole. 0 or a negative errno.
 */
int initrd_list(struct initrd_list *list, const char *const *paths, size_t count, uint64_t limit,
		const struct newc_visitor *visitor, struct error *error);
