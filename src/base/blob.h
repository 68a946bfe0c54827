/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blobs: bytes with an owner.
 *
 * A blob is a list of pieces. A piece is a file, a part of one, or memory of our own (small things
 * that we write). Files are not copied: blob_map() maps the pieces one behind the other, each from
 * a page boundary, the last page of each filled up with zeros, so that the kernel can take them all
 * as one buffer. Such a mapping is only handed to the kernel: our own code reads through
 * blob_read(), because touching a mapped file that somebody truncates kills the process.
 *
 * Files must be regular. What they were when they were opened is remembered, and blob_unchanged()
 * tells whether they still are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct error;
struct file_digest;

struct blob_file {
	char *path; /* as the user named it */
	int fd;
	uint64_t size;
	struct stat status;         /* when it was opened */
	bool sealed;                /* a memory file that nobody can change any more */
	struct file_digest *digest; /* owned; NULL: nobody wants it */
};

struct blob_piece {
	uint64_t offset;              /* where in the blob it starts: a multiple of the page size */
	uint64_t size;                /* never 0 */
	const struct blob_file *file; /* one of the blob's, or NULL for memory */
	uint64_t file_offset;         /* where in the file it starts */
	const uint8_t *memory;        /* the bytes, when there is no file */
	uint8_t *
	    *pages; /* their owner's, who gives them up when they are mapped; NULL: it keeps them */
	bool secret; /* they are memory for secrets (base/secret.h) */
};

struct blob {
	const uint8_t *address; /* of the whole, for a system call; NULL until blob_map() */
	uint64_t size;          /* up to the last piece's last byte */
	uint8_t *memory;        /* the bytes, of a blob that was made as memory; else NULL */
	uint8_t *pages;         /* likewise of one made by blob_from_pages() */
	bool secret;            /* a piece of it is */
	struct blob_file *files;
	size_t file_count;
	struct blob_piece *pieces;
	size_t piece_count;
	uint64_t mapped_size; /* bytes of whole pages that all pieces take when they are mapped */
	size_t mapped_count;  /* pieces that are in their places there */
	struct blob **joined; /* owned: the sources, for their memory */
	size_t joined_count;
};

/* `size` bytes of zeroed memory. NULL when there is none. */
struct blob *blob_new_memory(uint64_t size);

/*
 * The same in memory for secrets, of at least one byte. Every copy that is made of it here is such
 * memory too, and blob_free() wipes it. NULL with errno set, as secret_new().
 */
struct blob *blob_new_secret(uint64_t size);

/* Wipes what is secret in the blob, which is of no use then; sizes and files stay. */
void blob_wipe(struct blob *blob);

/*
 * Takes over pages that mmap(2) gave, with `size` bytes, not 0, and zeros behind them. When the
 * blob is joined with others, blob_map() does not copy the pages but moves them. NULL without
 * memory, and then they are gone.
 */
struct blob *blob_from_pages(uint8_t *pages, uint64_t size);

/*
 * Opens a file. An empty, missing or irregular one is an error that names it. 0 or a negative
 * errno.
 */
int blob_open(struct blob **blob, const char *path, struct error *error);

/* From now on reading its files takes their digests, as far as that goes (base/file-digest.h): a
 * gap of up to 64 KiB is read for it. Without memory it is not done. */
void blob_digest_while_reading(struct blob *blob);

/* A part of one of the blobs that are joined. */
struct blob_part {
	size_t source; /* index of the blob */
	uint64_t offset;
	uint64_t size; /* bytes; a part of 0 bytes leaves no trace */
};

/*
 * Makes one blob of parts of others, in the order of `parts`. Each source is memory or has one
 * file, and may have any number of parts, or none. On success the sources are set to NULL: their
 * files and their memory are the result's. On failure they are as they were. 0 or a negative errno.
 */
int blob_join(struct blob **blob, struct blob **sources, size_t source_count,
	      const struct blob_part *parts, size_t part_count, struct error *error);

/*
 * Maps the whole at `address`, if it is not mapped or memory anyway. What is no whole page of a
 * file is copied, a secret into memory for secrets. 0 or a negative errno. After blob_unmap() pages
 * that were moved are gone.
 */
int blob_map(struct blob *blob, struct error *error);
void blob_unmap(struct blob *blob);

/* Copies [offset, offset + size) into `to`; gaps between pieces read as zeros. 0 or a negative
 * errno; a file that has become shorter is a failure of kind ERROR_CHANGED. */
int blob_read(const struct blob *blob, uint64_t offset, void *to, size_t size, struct error *error);

/*
 * The same bytes without a copy, where they can be touched: all of them in one piece of memory, or
 * of a memory file that is mapped. NULL when they are not.
 */
const uint8_t *blob_view(const struct blob *blob, uint64_t offset, size_t size);

/* As blob_read() of one of a blob's files, from its start, whatever parts of it the blob has. */
int blob_file_read(const struct blob_file *file, uint64_t offset, void *to, size_t size,
		   struct error *error);

/* Whether each file still has the size, times and inode that it had. 0 or a negative errno. */
int blob_unchanged(const struct blob *blob, struct error *error);

/* A blob as a file, for a system call. */
struct blob_whole {
	int fd;
	uint8_t *locked; /* the file's pages with secrets, mapped; NULL: there are none */
	size_t locked_size;
};

/*
 * Opens the whole: of a blob that is one file a duplicate of that file's own descriptor, else a
 * memory file of the same pieces, in which each starts on a multiple of `alignment`. It ends with
 * the last piece's last byte. At most one piece may be secret: its pages are locked in memory until
 * the file is closed. 0, or a negative errno with a failure added, and then there is nothing to
 * close.
 */
int blob_whole_open(struct blob_whole *whole, const struct blob *blob, size_t alignment,
		    struct error *error);

/* Wipes what is secret in it. */
void blob_whole_close(struct blob_whole *whole);
#define cleanup_blob_whole __attribute__((cleanup(blob_whole_close)))

/* A new, empty memory file (memfd_create(2)) that can be sealed; -1 and errno when there is none.
 */
int blob_memory_file(const char *name);

/*
 * Makes a blob of a memory file that is written: seals it, so that nobody can change it any more,
 * and opens it. `name` is what messages call it. Takes the descriptor over, on failure too. 0 or a
 * negative errno.
 */
int blob_from_memory_file(struct blob **blob, int fd, const char *name, struct error *error);

/* Names for messages: the path of the first file, or of the piece's, or "memory". */
const char *blob_name(const struct blob *blob);
const char *blob_piece_name(const struct blob_piece *piece);

void blob_free(struct blob *blob);
static inline void blob_free_pointer(struct blob **blob)
{
	blob_free(*blob);
}
#define cleanup_blob __attribute__((cleanup(blob_free_pointer)))
