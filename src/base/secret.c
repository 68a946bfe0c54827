/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

/* What a pipe holds as a rule. */
#define FIRST_SIZE ((size_t)64 << 10)

int secret_protect(void *pages, size_t size)
{
	/* A child must not get a copy either. The sanitizers make mlock() do nothing: mlock2(). */
	if (madvise(pages, size, MADV_DONTDUMP) < 0 || madvise(pages, size, MADV_DONTFORK) < 0 ||
	    mlock2(pages, size, 0) < 0)
		return -errno;
	return 0;
}

void *secret_new(size_t size)
{
	void *pages =
	    mmap(NULL, size ? size : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r;

	if (pages == MAP_FAILED)
		return NULL;
	r = secret_protect(pages, size ? size : 1);
	if (r == 0)
		return pages;
	munmap(pages, size ? size : 1);
	errno = -r == EAGAIN || -r == EPERM ? ENOMEM : -r;
	return NULL;
}

void secret_wipe(void *memory, size_t size)
{
	explicit_bzero(memory, size);
}

void secret_free(void *memory, size_t size)
{
	if (!memory)
		return;
	secret_wipe(memory, size);
	munmap(memory, size ? size : 1);
}

int secret_failed(struct error *error, int code, const char *step, const char *subject)
{
	return error_add(error, ERROR_NO_ROOM, code, step, subject,
			 "no memory can be locked for it (RLIMIT_MEMLOCK)");
}

/* Room for `capacity` bytes; what is there is kept, and wiped where it was. */
static int secret_grow(struct secret *secret, size_t capacity)
{
	uint8_t *bytes = secret_new(capacity);

	if (!bytes)
		return -errno;
	if (secret->size)
		memcpy(bytes, secret->bytes, secret->size);
	secret_free(secret->bytes, secret->capacity);
	secret->bytes = bytes;
	secret->capacity = capacity;
	return 0;
}

/* One byte more than the file has, so that its end is seen; a pipe tells no size. */
static size_t first_size(int fd, size_t limit)
{
	struct stat status;
	uint64_t size;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < 0)
		return FIRST_SIZE < limit ? FIRST_SIZE : limit + 1;
	size = (uint64_t)status.st_size;
	return (size_t)(size < limit ? size : limit) + 1;
}

static int read_to_end(struct secret *secret, int fd, size_t limit, const char *path,
		       struct error *error)
{
	size_t capacity = first_size(fd, limit);

	for (;;) {
		ssize_t n;
		int r = secret->size == secret->capacity ? secret_grow(secret, capacity) : 0;

		if (r < 0)
			return secret_failed(error, -r, "read", path);
		capacity = secret->capacity < limit / 2 ? secret->capacity * 2 : limit + 1;
		n = read(fd, secret->bytes + secret->size, secret->capacity - secret->size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_add(error, ERROR_FILE, errno, "read", path,
					 "it cannot be read");
		if (n == 0)
			return 0;
		secret->size += (size_t)n;
		if (secret->size > limit)
			return error_add(error, ERROR_TOO_LONG, 0, "read", path,
					 "it has more than %zu MiB, the limit of such a file",
					 limit >> 20);
	}
}

int secret_read(struct secret *result, const char *path, size_t limit, struct error *error)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	cleanup_secret struct secret secret = {};
	int r;

	*result = secret;
	if (fd < 0)
		return error_add(error, ERROR_FILE, errno, "open", path, "cannot be opened");
	r = read_to_end(&secret, fd, limit, path, error);
	if (r < 0)
		return r;
	*result = secret;
	secret = (struct secret){};
	return 0;
}

void secret_fini(struct secret *secret)
{
	secret_free(secret->bytes, secret->capacity);
	*secret = (struct secret){};
}
