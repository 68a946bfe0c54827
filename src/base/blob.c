/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-digest.h"
#include "base/pages.h"
#include "base/range.h"
#include "base/secret.h"

/* An empty blob with room for so many files and pieces. NULL without memory. */
static struct blob *blob_allocate(size_t files, size_t pieces)
{
	struct blob *blob = calloc(1, sizeof(*blob));

	if (!blob)
		return NULL;
	blob->files = calloc(files ? files : 1, sizeof(*blob->files));
	blob->pieces = calloc(pieces ? pieces : 1, sizeof(*blob->pieces));
	if (blob->files && blob->pieces)
		return blob;
	blob_free(blob);
	return NULL;
}

static struct blob *new_memory(uint64_t size, bool secret)
{
	struct blob *blob = blob_allocate(0, 1);

	if (!blob)
		return NULL;
	blob->memory = secret ? secret_new(size) : calloc(1, size ? size : 1);
	if (!blob->memory) {
		int code = errno;

		blob_free(blob);
		errno = code;
		return NULL;
	}
	blob->secret = secret;
	if (size == 0)
		return blob;
	blob->address = blob->memory;
	blob->size = size;
	blob->pieces[blob->piece_count++] =
	    (struct blob_piece){.size = size, .memory = blob->memory, .secret = secret};
	return blob;
}

struct blob *blob_new_memory(uint64_t size)
{
	return new_memory(size, false);
}

struct blob *blob_new_secret(uint64_t size)
{
	return new_memory(size, true);
}

struct blob *blob_from_pages(uint8_t *pages, uint64_t size)
{
	struct blob *blob = blob_allocate(0, 1);

	if (!blob) {
		munmap(pages, whole_pages(size));
		return NULL;
	}
	blob->pages = pages;
	blob->size = size;
	blob->pieces[blob->piece_count++] = (struct blob_piece){.size = size, .memory = pages};
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

const char *blob_piece_name(const struct blob_piece *piece)
{
	return piece->file ? piece->file->path : "memory";
}

void blob_digest_while_reading(struct blob *blob)
{
	for (size_t i = 0; i < blob->file_count; i++)
		if (!blob->files[i].digest)
			blob->files[i].digest = file_digest_new();
}

/* Puts a piece behind the others; its offset is set here. The blob has room for it. */
static int piece_add(struct blob *blob, struct blob_piece piece, struct error *error)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!align_up(blob->size, page, &piece.offset) ||
	    piece.size > INT64_MAX - page - piece.offset)
		return error_add(error, ERROR_TOO_LONG, 0, "open", blob_piece_name(&piece),
				 "all files together are too large");
	blob->pieces[blob->piece_count++] = piece;
	blob->secret = blob->secret || piece.secret;
	blob->size = piece.offset + piece.size;
	align_up(blob->size, page, &blob->mapped_size);
	return 0;
}

/* What nobody reads at the start, as a header, or between streams. */
static void digest_gap(const struct blob_file *file, uint64_t end)
{
	enum { GAP_MAX = 64 << 10, CHUNK = 4096 };
	uint64_t start = file->digest ? file_digest_size(file->digest) : end;
	uint8_t chunk[CHUNK];

	if (start >= end || end - start > GAP_MAX)
		return;
	for (; start < end; start += CHUNK) {
		size_t size = end - start < CHUNK ? (size_t)(end - start) : CHUNK;

		if (blob_file_read(file, start, chunk, size, NULL) < 0)
			return;
	}
}

int blob_file_read(const struct blob_file *file, uint64_t offset, void *to, size_t size,
		   struct error *error)
{
	uint8_t *at = to;

	digest_gap(file, offset);
	while (size > 0) {
		ssize_t n = pread(file->fd, at, size, (off_t)offset);

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
		if (file->digest)
			file_digest_add(file->digest, offset, at, (size_t)n);
		at += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

static int piece_read(const struct blob_piece *piece, uint64_t offset, uint8_t *to, size_t size,
		      struct error *error)
{
	if (piece->file)
		return blob_file_read(piece->file, piece->file_offset + offset, to, size, error);
	memcpy(to, piece->memory + offset, size);
	return 0;
}

int blob_open(struct blob **result, const char *path, struct error *error)
{
	cleanup_blob struct blob *blob = blob_allocate(1, 1);
	struct blob_file *file;
	int r;

	if (!blob)
		return error_memory(error, "open");
	file = &blob->files[blob->file_count++];
	r = file_open(file, path, error);
	if (r == 0)
		r = piece_add(blob, (struct blob_piece){.size = file->size, .file = file}, error);
	if (r < 0)
		return r;
	*result = steal_pointer(blob);
	return 0;
}

static int part_add(struct blob *blob, struct blob *source, const struct blob_file *file,
		    const struct blob_part *part, struct error *error)
{
	struct blob_piece piece = {.size = part->size, .file = file, .secret = source->secret};

	if (part->offset > source->size || part->size > source->size - part->offset)
		return error_add(error, ERROR_INTERNAL, 0, "join", blob_name(source),
				 "%llu bytes at offset %llu of %llu",
				 (unsigned long long)part->size, (unsigned long long)part->offset,
				 (unsigned long long)source->size);
	if (part->size == 0)
		return 0;
	if (file)
		piece.file_offset = source->pieces->file_offset + part->offset;
	else
		piece.memory = source->pieces->memory + part->offset;
	if (source->pages && part->size == source->size)
		piece.pages = &source->pages;
	return piece_add(blob, piece, error);
}

/* Makes the sources and their files the blob's. */
static void sources_take_over(struct blob *blob, struct blob **sources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		blob->file_count += sources[i]->file_count;
		sources[i]->file_count = 0;
		blob->joined[i] = steal_pointer(sources[i]);
	}
}

int blob_join(struct blob **result, struct blob **sources, size_t source_count,
	      const struct blob_part *parts, size_t part_count, struct error *error)
{
	cleanup_blob struct blob *blob = blob_allocate(source_count, part_count);
	cleanup_free const struct blob_file **files = calloc(source_count, sizeof(*files));
	struct blob_file *next;
	int r = 0;

	if (blob)
		blob->joined = calloc(source_count, sizeof(*blob->joined));
	if (!blob || !files || !blob->joined)
		return error_memory(error, "join");
	blob->joined_count = source_count;
	/* As long as blob->file_count is 0, the files are still the sources'. */
	next = blob->files;
	for (size_t i = 0; i < source_count; i++) {
		if (sources[i]->piece_count > 1)
			return error_add(error, ERROR_INTERNAL, 0, "join", blob_name(sources[i]),
					 "it was joined before");
		if (sources[i]->file_count == 1) {
			*next = sources[i]->files[0];
			files[i] = next++;
		}
	}
	for (size_t i = 0; r == 0 && i < part_count; i++)
		r = part_add(blob, sources[parts[i].source], files[parts[i].source], &parts[i],
			     error);
	if (r < 0)
		return r;
	sources_take_over(blob, sources, source_count);
	*result = steal_pointer(blob);
	return 0;
}

int blob_read(const struct blob *blob, uint64_t offset, void *to, size_t size, struct error *error)
{
	if (offset > blob->size || size > blob->size - offset)
		return error_add(error, ERROR_INTERNAL, 0, "read", blob_name(blob),
				 "%zu bytes at offset %llu of %llu", size,
				 (unsigned long long)offset, (unsigned long long)blob->size);
	if (blob->piece_count > 1)
		memset(to, 0, size); /* the gaps */
	for (size_t i = 0; i < blob->piece_count; i++) {
		const struct blob_piece *piece = &blob->pieces[i];
		uint64_t start = offset > piece->offset ? offset : piece->offset;
		uint64_t end = piece->offset + piece->size;
		int r;

		end = offset + size < end ? offset + size : end;
		if (start >= end)
			continue;
		r = piece_read(piece, start - piece->offset, (uint8_t *)to + (start - offset),
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

int blob_from_memory_file(struct blob **result, int fd, const char *name, struct error *error)
{
	cleanup_close int owned = fd;
	cleanup_blob struct blob *blob = blob_allocate(1, 1);
	struct blob_file *file;
	int r = 0;

	if (!blob)
		return error_memory(error, "seal");
	file = &blob->files[blob->file_count++];
	*file = (struct blob_file){.fd = steal_fd(&owned), .path = strdup(name), .sealed = true};
	if (!file->path)
		return error_memory(error, "seal");
	if (fcntl(file->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) < 0 ||
	    fstat(file->fd, &file->status) < 0)
		return error_add(error, ERROR_FILE, errno, "seal", name,
				 "a memory file cannot be sealed");
	file->size = (uint64_t)file->status.st_size;
	if (file->size)
		r = piece_add(blob, (struct blob_piece){.size = file->size, .file = file}, error);
	if (r < 0)
		return r;
	*result = steal_pointer(blob);
	return 0;
}

const char *blob_name(const struct blob *blob)
{
	for (size_t i = 0; i < blob->piece_count; i++)
		if (blob->pieces[i].file)
			return blob->pieces[i].file->path;
	return "memory";
}

void blob_free(struct blob *blob)
{
	if (!blob)
		return;
	blob_unmap(blob);
	for (size_t i = 0; i < blob->joined_count; i++)
		blob_free(blob->joined[i]);
	free(blob->joined);
	for (size_t i = 0; i < blob->file_count; i++) {
		if (blob->files[i].fd >= 0)
			close(blob->files[i].fd);
		free(blob->files[i].path);
		file_digest_free(blob->files[i].digest);
	}
	if (blob->pages)
		munmap(blob->pages, whole_pages(blob->size));
	free(blob->files);
	free(blob->pieces);
	if (blob->secret && blob->memory)
		secret_free(blob->memory, blob->size);
	else
		free(blob->memory);
	free(blob);
}
