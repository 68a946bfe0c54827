/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Walking over newc cpio archives as the kernel's unpacker does (init/initramfs.c): entries with
 * zeros in between, each on a multiple of 4. It needs no "TRAILER!!!", and goes on behind one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct blob;
struct error;

enum { NEWC_WALK_ALIGNMENT = 4 };

struct newc_walk {
	uint64_t end;  /* of the last entry that was walked over */
	uint64_t next; /* the first byte behind it that is not 0; the size when there is none */
	bool whole;    /* nothing follows */
	bool for_early_boot; /* a file of it would be found before anything is unpacked, if it
			      * were not compressed: microcode, ACPI tables */
};

/* Whether an entry begins so. */
bool newc_begins(const uint8_t *head, uint64_t size);

/*
 * Walks from `start` on, from where offsets are counted, in the first `size` bytes of the blob,
 * until something comes that is no entry. 0 or a negative errno.
 */
int newc_walk(struct newc_walk *walk, const struct blob *blob, uint64_t start, uint64_t size,
	      struct error *error);

/* An entry that was walked over. */
struct newc_walk_entry {
	const char *name; /* valid during the call */
	uint64_t mode;    /* as in stat(2) */
	uint64_t size;    /* bytes of content */
};

/* Called for each entry, also for "TRAILER!!!". 0, or a negative errno, which ends the walk. */
struct newc_visitor {
	int (*visit)(void *context, const struct newc_walk_entry *entry);
	void *context;
};

/* The same with a visitor. A name that ends before its length says is cut there. */
int newc_walk_with(struct newc_walk *walk, const struct blob *blob, uint64_t start, uint64_t size,
		   const struct newc_visitor *visitor, struct error *error);
