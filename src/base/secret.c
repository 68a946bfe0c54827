/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

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
