/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of a request that are secrets: read once, for a pipe cannot be read again, and packed
 * for each plan anew.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "machine/swap.h"

struct blob;
struct error;
struct plan;
struct request;
struct root;
struct secret;

struct secret_files {
	const struct request *request; /* the caller's, which has `count` files */
	struct secret *contents;
	size_t count;
	struct machine_swap swap;
};

/*
 * Reads the files of a request, if it has any, and what swap there is. `load`: they are to be
 * loaded, not only planned for, which swap that is not encrypted forbids unless the request allows
 * it. 0 or a negative errno, and then there is nothing to end.
 */
int secret_files_read(struct secret_files *files, const struct request *request,
		      const struct root *root, bool load, struct error *error);

/* Wipes them. */
void secret_files_fini(struct secret_files *files);

/*
 * Packs them into an archive, which is NULL when there are none, and tells the plan of them. 0 or a
 * negative errno.
 */
int secret_files_pack(const struct secret_files *files, struct plan *plan, struct blob **archive,
		      struct error *error);
