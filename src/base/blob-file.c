/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blobs as files: what kexec_file_load takes, and where things are unpacked to. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/range.h"
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

int blob_as_file(const struct blob *blob, size_t alignment, struct error *error)
{
	cleanup_close int fd = -1;

	fd = is_one_file(blob) ? fcntl(blob->pieces->file->fd, F_DUPFD_CLOEXEC, 0)
			       : blob_memory_file("joined");
	if (fd < 0)
		return error_add(error, ERROR_FILE, errno, "join files", blob_name(blob),
				 "no file descriptor is to be had");
	for (size_t i = 0; !is_one_file(blob) && i < blob->piece_count; i++) {
		const struct blob_piece *piece = &blob->pieces[i];
		off_t end = lseek(fd, 0, SEEK_END);
		uint64_t start;
		int r;

		/* The hole up to the aligned offset reads as zeros. */
		if (end < 0 || !align_up((uint64_t)end, alignment, &start) ||
		    lseek(fd, (off_t)start, SEEK_SET) < 0)
			return error_add(error, ERROR_FILE, errno, "join files", blob_name(blob),
					 "seeking in a memory file failed");
		r = piece->file ? append_file(fd, piece, error) : append_memory(fd, piece, error);
		if (r < 0)
			return r;
	}
	return steal_fd(&fd);
}
