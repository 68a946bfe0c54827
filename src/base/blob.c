/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/range.h"

/* Linux 6.3, include/uapi/linux/memfd.h. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

struct blob *blob_new_memory(uint64_t size)
{
	struct blob *blob = calloc(1, sizeof(*blob));

	if (!blob)
		return NULL;
	blob->memory = calloc(1, size ? size : 1);
	if (!blob->memory) {
		free(blob);
		return NULL;
	}
	blob->address = size ? blob->memory : NULL;
	blob->size = size;
	return blob;
}

static const char *file_type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a pipe";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	case S_IFSOCK:
		return "a socket";
	default:
		return "no regular file";
	}
}

static int file_open(struct blob_file *file, const char *path, struct error *error)
{
	/* O_NONBLOCK: opening a pipe that nobody writes to must not wait for ever. */
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0)
		return error_add(error, ERROR_FILE, errno, "open", path, "cannot be opened");
	file->path = strdup(path);
	if (!file->path)
		return error_memory(error, "open");
	if (fstat(file->fd, &file->status) < 0)
		return error_add(error, ERROR_FILE, errno, "examine", path, "fstat failed");
	if (!S_ISREG(file->status.st_mode))
		return error_add(error, ERROR_FILE, 0, "open", path,
				 "it is %s; only a regular file can be loaded",
				 file_type_name(file->status.st_mode));
	if (file->status.st_size == 0)
		return error_add(error, ERROR_FILE, 0, "open", path, "the file is empty");
	file->size = (uint64_t)file->status.st_size;
	return 0;
}

/* Reserves addresses for all files together, then maps each file over its part. */
static int files_map(struct blob *blob, struct error *error)
{
	uint8_t *address;

	address = mmap(NULL, blob->mapped_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (address == MAP_FAILED)
		return error_add(error, ERROR_NO_ROOM, errno, "map", blob_name(blob),
				 "%llu bytes of addresses are not to be had",
				 (unsigned long long)blob->mapped_size);
	blob->address = address;
	for (size_t i = 0; i < blob->file_count; i++) {
		struct blob_file *file = &blob->files[i];

		if (mmap(address + file->offset, file->size, PROT_READ, MAP_PRIVATE | MAP_FIXED,
			 file->fd, 0) == MAP_FAILED)
			return error_add(error, ERROR_FILE, errno, "map", file->path,
					 "its filesystem does not allow it to be mapped");
	}
	return 0;
}

int blob_open(struct blob **result, const char *const *paths, size_t count, struct error *error)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	cleanup_blob struct blob *blob = NULL;
	uint64_t end = 0;
	int r;

	blob = calloc(1, sizeof(*blob));
	if (!blob)
		return error_memory(error, "open");
	blob->files = calloc(count, sizeof(*blob->files));
	if (!blob->files)
		return error_memory(error, "open");
	for (size_t i = 0; i < count; i++) {
		struct blob_file *file = &blob->files[i];

		blob->file_count++;
		r = file_open(file, paths[i], error);
		if (r < 0)
			return r;
		if (!align_up(end, page, &file->offset) || file->size > INT64_MAX - file->offset)
			return error_add(error, ERROR_TOO_LONG, 0, "open", file->path,
					 "all files together are too large");
		end = file->offset + file->size;
	}
	blob->size = end;
	if (!align_up(end, page, &blob->mapped_size))
		return error_memory(error, "open");
	r = files_map(blob, error);
	if (r < 0)
		return r;
	*result = steal_pointer(blob);
	return 0;
}

static int file_read(const struct blob_file *file, uint64_t offset, uint8_t *to, size_t size,
		     struct error *error)
{
	while (size > 0) {
		ssize_t n = pread(file->fd, to, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_add(error, ERROR_FILE, errno, "read", file->path,
					 "at offset %llu", (unsigned long long)offset);
		if (n == 0)
			return error_add(error, ERROR_CHANGED, 0, "read", file->path,
					 "it ends at offset %llu and was %llu bytes long before",
					 (unsigned long long)offset,
					 (unsigned long long)file->size);
		to += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

int blob_read(const struct blob *blob, uint64_t offset, void *to, size_t size, struct error *error)
{
	struct range wanted;

	if (offset > blob->size || size > blob->size - offset)
		return error_add(error, ERROR_INTERNAL, 0, "read", blob_name(blob),
				 "%zu bytes at offset %llu of %llu", size,
				 (unsigned long long)offset, (unsigned long long)blob->size);
	if (blob->memory) {
		memcpy(to, blob->memory + offset, size);
		return 0;
	}
	if (blob->file_count > 1)
		memset(to, 0, size); /* the gaps */
	wanted = (struct range){offset, offset + size};
	for (size_t i = 0; i < blob->file_count; i++) {
		const struct blob_file *file = &blob->files[i];
		uint64_t start = wanted.start > file->offset ? wanted.start : file->offset;
		uint64_t end = file->offset + file->size;
		int r;

		end = wanted.end < end ? wanted.end : end;
		if (start >= end)
			continue;
		r = file_read(file, start - file->offset, (uint8_t *)to + (start - offset),
			      end - start, error);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* A new link or a rename, as in a package's upgrade, changes the inode's time and not the file. */
static bool same_content(const struct stat *before, const struct stat *now)
{
	return now->st_size == before->st_size && same_time(now->st_mtim, before->st_mtim) &&
	       now->st_ino == before->st_ino && now->st_dev == before->st_dev &&
	       (same_time(now->st_ctim, before->st_ctim) || now->st_nlink != before->st_nlink);
}

int blob_unchanged(const struct blob *blob, struct error *error)
{
	for (size_t i = 0; i < blob->file_count; i++) {
		const struct blob_file *file = &blob->files[i];
		struct stat now;

		if (fstat(file->fd, &now) < 0)
			return error_add(error, ERROR_CHANGED, errno, "examine", file->path,
					 "the file cannot be examined any more");
		if (!same_content(&file->status, &now))
			return error_add(error, ERROR_CHANGED, 0, "load", file->path,
					 "the file was changed while it was being loaded");
	}
	return 0;
}

static int append_file(int to, const struct blob_file *file, struct error *error)
{
	off_t offset = 0;

	while ((uint64_t)offset < file->size) {
		ssize_t n = sendfile(to, file->fd, &offset, file->size - (uint64_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_add(error, ERROR_FILE, errno, "join files", file->path,
					 "at offset %lld", (long long)offset);
		if (n == 0)
			return error_add(error, ERROR_CHANGED, 0, "join files", file->path,
					 "it became shorter while it was read");
	}
	return 0;
}

/* Kernels with vm.memfd_noexec=2 want the seal, those before 6.3 do not know it. */
static int new_memory_file(void)
{
	int fd = memfd_create("joined", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("joined", MFD_CLOEXEC) : fd;
}

int blob_as_file(const struct blob *blob, size_t alignment, struct error *error)
{
	cleanup_close int fd = -1;

	fd = blob->file_count == 1 ? fcntl(blob->files[0].fd, F_DUPFD_CLOEXEC, 0)
				   : new_memory_file();
	if (fd < 0)
		return error_add(error, ERROR_FILE, errno, "join files", blob_name(blob),
				 "no file descriptor is to be had");
	for (size_t i = 0; blob->file_count > 1 && i < blob->file_count; i++) {
		off_t end = lseek(fd, 0, SEEK_END);
		uint64_t start;
		int r;

		/* The hole up to the aligned offset reads as zeros. */
		if (end < 0 || !align_up((uint64_t)end, alignment, &start) ||
		    lseek(fd, (off_t)start, SEEK_SET) < 0)
			return error_add(error, ERROR_FILE, errno, "join files", blob_name(blob),
					 "seeking in a memory file failed");
		r = append_file(fd, &blob->files[i], error);
		if (r < 0)
			return r;
	}
	return steal_fd(&fd);
}

const char *blob_name(const struct blob *blob)
{
	return blob->file_count ? blob->files[0].path : "memory";
}

void blob_free(struct blob *blob)
{
	if (!blob)
		return;
	if (!blob->memory && blob->address)
		munmap((void *)(uintptr_t)blob->address, blob->mapped_size);
	for (size_t i = 0; i < blob->file_count; i++) {
		if (blob->files[i].fd >= 0)
			close(blob->files[i].fd);
		free(blob->files[i].path);
	}
	free(blob->files);
	free(blob->memory);
	free(blob);
}
