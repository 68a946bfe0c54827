/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a load would load what is loaded already, so that it need not be done (--if-changed).
 */
#pragma once

#include <stdbool.h>

struct machine;
struct record_request;
struct request;
struct root;

/*
 * What the record keeps of a request. It borrows from the request, and from `*command_line`, which
 * the caller frees. 0 or -ENOMEM.
 */
int request_for_record(const struct request *request, const struct machine *machine,
		       struct record_request *asked, char **command_line);

/*
 * True only when the kernel says that an image is loaded, and the record of it is confirmed and of
 * this boot, was asked for likewise, has the same command line, and its files are as they were.
 * Whatever cannot be known counts as a change, and so does a request with files that are secret.
 */
bool request_is_loaded(const struct request *request, const struct machine *machine,
		       const struct root *root);
