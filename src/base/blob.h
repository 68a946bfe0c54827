/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blobs: bytes with an owner.
 *
 * A blob is either memory of its own (small things that we write) or one or more files, never
 * copied: they are mapped one behind the other, each from a page boundary, the last page of each
 * filled up with zeros, so that the kernel can take them all as one buffer. Such a mapping is only
 * handed to the kernel: our own code reads through blob_read(), because touching a mapped file that
 * somebody truncates kills the process.
 *
 * Files must be regular. What they were when they were opened is remembered, and blob_unchanged()
 * tells whether they still are.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct error;

struct blob_file {
	char *path; /* as the user named it */
	int fd;
	uint64_t offset; /* where in the blob it starts: a multiple of the page size */
	uint64_t size;
	struct stat status; /* when it was opened */
};

struct blob {
	const uint8_t *address; /* of the whole, for a system call; NULL when size is 0 */
	uint64_t size;          /* up to the last file's last byte */
	uint8_t *memory;        /* the bytes, when they are our own; else NULL */
	struct blob_file *files;
	size_t file_count;
	uint64_t mapped_size;
};

/* `size` bytes of zeroed memory. NULL when there is none. */
struct blob *blob_new_memory(uint64_t size);

/*
 * Opens files and maps them, in this order. An empty, missing or irregular file is an error that
 * names it. 0 or a negative errno.
 */
int blob_open(struct blob **blob, const char *const *paths, size_t count, struct error *error);

/* Copies [offset, offset + size) into `to`; gaps between files read as zeros. 0 or a negative
 * errno; a file that has become shorter is a failure of kind ERROR_CHANGED. */
int blob_read(const struct blob *blob, uint64_t offset, void *to, size_t size, struct error *error);

/* Whether each file still has the size, times and inode that it had. 0 or a negative errno. */
int blob_unchanged(const struct blob *blob, struct error *error);

/*
 * A file descriptor of all files as one: of a blob with one file a duplicate of that file's own, of
 * several a memory file in which each starts on a multiple of `alignment`. The caller closes it. A
 * negative errno with a failure added.
 */
int blob_as_file(const struct blob *blob, size_t alignment, struct error *error);

/* Name for messages: the first file's path, or "memory". */
const char *blob_name(const struct blob *blob);

void blob_free(struct blob *blob);
static inline void blob_free_pointer(struct blob **blob)
{
	blob_free(*blob);
}
#define cleanup_blob __attribute__((cleanup(blob_free_pointer)))
