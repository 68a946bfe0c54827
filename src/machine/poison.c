/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/poison.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define KPF_HWPOISON 19 /* linux/kernel-page-flags.h */

enum { FLAGS_AT_ONCE = 16384 };

/* Whether /proc/meminfo counts poisoned memory; a kernel that cannot find any has no such line. */
static enum fact any_poisoned(const struct root *root, bool *any)
{
	cleanup_free char *text = NULL;
	const char *line;
	uint64_t kib = 0;
	size_t size;

	*any = false;
	if (root_read(root, "/proc/meminfo", 1 << 20, &text, &size) < 0)
		return FACT_UNREADABLE;
	line = strstr(text, "HardwareCorrupted:");
	if (line && sscanf(line, "HardwareCorrupted: %" SCNu64, &kib) != 1)
		return FACT_UNREADABLE;
	*any = kib > 0;
	return FACT_KNOWN;
}

/* One 64-bit word of flags a page (Documentation/admin-guide/mm/pagemap.rst). */
static int scan(int kpageflags, struct range pages, uint64_t *flags, struct map *poisoned)
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
			struct range bad = {(page + i) * PAGE_BYTES, (page + i + 1) * PAGE_BYTES};
			int r;

			if (!(flags[i] >> KPF_HWPOISON & 1))
				continue;
			r = map_add(poisoned, bad, 0, "poisoned");
			if (r < 0)
				return r;
		}
		page += count;
	}
	return 0;
}

int poison_subtract(struct map *usable, const struct root *root, enum fact *fact)
{
	cleanup_with(map_fini) struct map poisoned = {};
	cleanup_free uint64_t *flags = NULL;
	cleanup_close int kpageflags = -1;
	bool any;
	int r = 0;

	*fact = any_poisoned(root, &any);
	if (*fact != FACT_KNOWN || !any)
		return 0;
	*fact = FACT_UNREADABLE;
	kpageflags = root_open_file(root, "/proc/kpageflags", O_RDONLY);
	if (kpageflags < 0)
		return 0;
	flags = calloc(FLAGS_AT_ONCE, sizeof(*flags));
	if (!flags)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < usable->count; i++) {
		struct range bytes = usable->regions[i].range;
		struct range pages = {bytes.start / PAGE_BYTES,
				      bytes.end / PAGE_BYTES + (bytes.end % PAGE_BYTES != 0)};

		r = scan(kpageflags, pages, flags, &poisoned);
	}
	for (size_t i = 0; r == 0 && i < poisoned.count; i++)
		r = map_subtract(usable, poisoned.regions[i].range);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	*fact = FACT_KNOWN;
	return 0;
}
