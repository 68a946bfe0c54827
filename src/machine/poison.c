/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/poison.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/physical.h"

/*
 * Whether /proc/meminfo counts poisoned memory; a kernel that cannot find any has no such line. 0
 * or -ENOMEM.
 */
static int any_poisoned(const struct root *root, bool *any, enum fact *fact)
{
	cleanup_free char *text = NULL;
	const char *line;
	uint64_t kib = 0;
	size_t size;
	int r;

	*any = false;
	*fact = FACT_UNREADABLE;
	r = root_read(root, "/proc/meminfo", 1 << 20, &text, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	line = strstr(text, "HardwareCorrupted:");
	if (line && sscanf(line, "HardwareCorrupted: %" SCNu64, &kib) != 1)
		return 0;
	*any = kib > 0;
	*fact = FACT_KNOWN;
	return 0;
}

int poison_subtract(struct map *usable, const struct root *root, enum fact *fact)
{
	cleanup_with(map_fini) struct map poisoned = {};
	bool any;
	int r;

	r = any_poisoned(root, &any, fact);
	if (r < 0 || *fact != FACT_KNOWN || !any)
		return r;
	*fact = FACT_UNREADABLE;
	for (size_t i = 0; r == 0 && i < usable->count; i++)
		r = root_find_pages(root, usable->regions[i].range, PAGE_FLAG_POISONED, &poisoned);
	if (r == 0)
		r = map_subtract_all(usable, &poisoned);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	*fact = FACT_KNOWN;
	return 0;
}
