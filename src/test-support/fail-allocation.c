/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/fail-allocation.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static bool counting;
static unsigned long count, failing;

static bool fails(void)
{
	if (!counting || ++count != failing)
		return false;
	errno = ENOMEM;
	return true;
}

static void *libc_function(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

void *malloc(size_t size)
{
	static void *(*libc_malloc)(size_t);

	if (!libc_malloc)
		libc_malloc = (void *(*)(size_t))libc_function("malloc");
	return fails() ? NULL : libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	static void *(*libc_calloc)(size_t, size_t);

	if (!libc_calloc)
		libc_calloc = (void *(*)(size_t, size_t))libc_function("calloc");
	return fails() ? NULL : libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
	static void *(*libc_realloc)(void *, size_t);

	if (!libc_realloc)
		libc_realloc = (void *(*)(void *, size_t))libc_function("realloc");
	return fails() ? NULL : libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	static void *(*libc_aligned_alloc)(size_t, size_t);

	if (!libc_aligned_alloc)
		libc_aligned_alloc = (void *(*)(size_t, size_t))libc_function("aligned_alloc");
	return fails() ? NULL : libc_aligned_alloc(alignment, size);
}

void fail_allocation_start(unsigned long n)
{
	count = 0;
	failing = n;
	counting = true;
}

unsigned long fail_allocation_stop(void)
{
	counting = false;
	return count;
}
