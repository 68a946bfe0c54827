/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/physical.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { FLAGS_AT_ONCE = 16384 };

int root_read_physical(const struct root *root, uint64_t address, void *to, size_t size)
{
	cleanup_close int fd = -1;
	ssize_t n;

	if (root->reader)
		return root->reader->read_physical(root->context, address, to, size);
	if (address > INT64_MAX)
		return -EINVAL;
	fd = root_open_file(root, "/dev/mem", O_RDONLY);
	if (fd < 0)
		return fd;
	n = pread(fd, to, size, (off_t)address);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

static int add_page(struct map *found, uint64_t page)
{
	struct range bytes = {page * PAGE_BYTES, (page + 1) * PAGE_BYTES};

	return map_add(found, bytes, 0, "");
}

/* One 64-bit word of flags a page (Documentation/admin-guide/mm/pagemap.rst). */
static int scan(int kpageflags, struct range pages, unsigned int flag, uint64_t *flags,
		struct map *found)
{
	for (uint64_t page = pages.start; page < pages.end;) {
		uint64_t count =
		    pages.end - page < FLAGS_AT_ONCE ? pages.end - page : FLAGS_AT_ONCE;
		ssize_t n = pread(kpageflags, flags, count * sizeof(*flags),
				  (off_t)(page * sizeof(*flags)));

		if (n < (ssize_t)sizeof(*flags))
			return -EIO;
		count = (uint64_t)n / sizeof(*flags);
		for (uint64_t i = 0; i < count; i++) {
			int r = flags[i] >> flag & 1 ? add_page(found, page + i) : 0;

			if (r < 0)
				return r;
		}
		page += count;
	}
	return 0;
}

int root_find_pages(const struct root *root, struct range bytes, unsigned int flag,
		    struct map *found)
{
	struct range pages = {bytes.start / PAGE_BYTES,
			      bytes.end / PAGE_BYTES + (bytes.end % PAGE_BYTES != 0)};
	cleanup_free uint64_t *flags = NULL;
	cleanup_close int kpageflags = -1;

	if (root->reader)
		return root->reader->find_pages(root->context, bytes, flag, found);
	kpageflags = root_open_file(root, "/proc/kpageflags", O_RDONLY);
	if (kpageflags < 0)
		return kpageflags;
	flags = calloc(FLAGS_AT_ONCE, sizeof(*flags));
	if (!flags)
		return -ENOMEM;
	return scan(kpageflags, pages, flag, flags, found);
}
