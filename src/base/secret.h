/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for secrets: never written to swap, left out of core dumps, wiped before it is given back.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * `size` bytes of zeroed memory, from a page boundary on. NULL with errno set: ENOMEM also when the
 * process may lock no more memory (RLIMIT_MEMLOCK).
 */
void *secret_new(size_t size);

/* Wipes and gives back what secret_new() gave; nothing for NULL. */
void secret_free(void *memory, size_t size);

/* The same protection for pages that are mapped already. 0 or a negative errno. */
int secret_protect(void *pages, size_t size);

/* Overwrites with zeros, in a way that no compiler leaves out. */
void secret_wipe(void *memory, size_t size);

/* Adds that memory for a secret was not to be had, by errno `code`; a negative errno. */
int secret_failed(struct error *error, int code, const char *step, const char *subject);

/* A file's content, in memory for secrets. */
struct secret {
	uint8_t *bytes;
	size_t size;
	size_t capacity; /* of the memory */
};

/*
 * Reads a file of any kind that ends, also a pipe (/dev/stdin, /dev/fd/N), to its end. More than
 * `limit` bytes are an error. 0 or a negative errno, and then there is nothing to end.
 */
int secret_read(struct secret *secret, const char *path, size_t limit, struct error *error);

/* Wipes it. */
void secret_fini(struct secret *secret);
#define cleanup_secret __attribute__((cleanup(secret_fini)))
