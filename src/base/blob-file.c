/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blobs as files: what kexec_file_load takes, and where things are unpacked to. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/range.h"
#include "base/secret.h"
#include "base/write-file.h"

/* Linux 6.3, include/uapi/linux/memfd.h. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static int append_file(int to, const struct blob_piece *piece, struct error *error)
{
	off_t offset = (off_t)piece->file_offset;
	uint64_t end = piece->file_offset + piece->size;

	while ((uint64_t)offset < end) {
		ssize_t n = sendfile(to, piece->file->fd, &offset, end - (uint64_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_add(error, ERROR_FILE, errno, "join files", piece->file->path,
					 "at offset %lld", (long long)offset);
		if (n == 0)
			return error_add(error, ERROR_CHANGED, 0, "join files", piece->file->path,
					 "it became shorter while it was read");
	}
	return 0;
}

static int append_memory(int to, const struct blob_piece *piece, struct error *error)
{
	int r = write_all(to, piece->memory, piece->size);

	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "join files", "memory",
				 "a memory file cannot be written");
	return 0;
}

/* Kernels with vm.memfd_noexec=2 want the seal, those before 6.3 do not know it. */
int blob_memory_file(const char *name)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create(name, flags) : fd;
}

static bool is_one_file(const struct blob *blob)
{
	return blob->piece_count == 1 && blob->pieces->file &&
	       blob->pieces->size == blob->pieces->file->size;
}

/* Through a mapping: what is written with write(2) could be swapped out before it is locked. */
static int append_secret(struct blob_whole *whole, const struct blob_piece *piece, uint64_t start,
			 struct error *error)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before = start % page;
	size_t size = before + piece->size;
	uint8_t *pages;
	int r;

	if (whole->locked)
		return error_add(error, ERROR_INTERNAL, 0, "join files", "memory",
				 "more than one piece is secret");
	if (ftruncate(whole->fd, (off_t)(start + piece->size)) < 0)
		return error_add(error, ERROR_NO_ROOM, errno, "join files", "memory",
				 "a memory file cannot grow");
	pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, whole->fd,
		     (off_t)(start - before));
	if (pages == MAP_FAILED)
		return error_add(error, ERROR_NO_ROOM, errno, "join files", "memory",
				 "a memory file cannot be mapped");
	whole->locked = pages;
	whole->locked_size = size;
	r = secret_protect(pages, size);
	if (r < 0)
		return secret_failed(error, -r, "join files", "memory");
	memcpy(pages + before, piece->memory, piece->size);
	return 0;
}

static int append_piece(struct blob_whole *whole, const struct blob *blob,
			const struct blob_piece *piece, size_t alignment, struct error *error)
{
	off_t end = lseek(whole->fd, 0, SEEK_END);
	uint64_t start;

	/* The hole up to the aligned offset reads as zeros. */
	if (end < 0 || !align_up((uint64_t)end, alignment, &start) ||
	    lseek(whole->fd, (off_t)start, SEEK_SET) < 0)
		return error_add(error, ERROR_FILE, errno, "join files", blob_name(blob),
				 "seeking in a memory file failed");
	if (piece->secret)
		return append_secret(whole, piece, start, error);
	return piece->file ? append_file(whole->fd, piece, error)
			   : append_memory(whole->fd, piece, error);
}

int blob_whole_open(struct blob_whole *result, const struct blob *blob, size_t alignment,
		    struct error *error)
{
	bool one = is_one_file(blob);
	cleanup_blob_whole struct blob_whole whole = {
	    .fd = one ? fcntl(blob->pieces->file->fd, F_DUPFD_CLOEXEC, 0)
		      : blob_memory_file("joined")};

	*result = (struct blob_whole){.fd = -1};
	if (whole.fd < 0)
		return error_add(error, ERROR_FILE, errno, "join files", blob_name(blob),
				 "no file descriptor is to be had");
	for (size_t i = 0; !one && i < blob->piece_count; i++) {
		int r = append_piece(&whole, blob, &blob->pieces[i], alignment, error);

		if (r < 0)
			return r;
	}
	*result = whole;
	whole = (struct blob_whole){.fd = -1};
	return 0;
}

void blob_whole_close(struct blob_whole *whole)
{
	secret_free(whole->locked, whole->locked_size);
	if (whole->fd >= 0)
		close(whole->fd);
	*whole = (struct blob_whole){.fd = -1};
}
