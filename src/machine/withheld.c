/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/withheld.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define MEMORY_BLOCKS "/sys/devices/system/memory"
#define RAMOOPS       "/sys/module/ramoops/parameters"

/* memoryN/state, Documentation/admin-guide/mm/memory-hotplug.rst; N counts from address 0. */
static bool is_offline(const struct root *root, uint64_t block)
{
	char path[80], state[32];

	snprintf(path, sizeof(path), MEMORY_BLOCKS "/memory%" PRIu64 "/state", block);
	return root_read_line(root, path, state, sizeof(state)) == FACT_KNOWN &&
	       strcmp(state, "online") != 0;
}

static int add_offline_blocks(struct map *withheld, const struct root *root,
			      const struct map *usable)
{
	uint64_t size = 0;

	if (root_read_number(root, MEMORY_BLOCKS "/block_size_bytes", 16, &size) != FACT_KNOWN ||
	    size < PAGE_BYTES)
		return 0;
	for (size_t i = 0; i < usable->count; i++) {
		struct range range = usable->regions[i].range;

		for (uint64_t block = range.start / size; block <= (range.end - 1) / size;
		     block++) {
			struct range whole;
			int r;

			if (!is_offline(root, block) ||
			    !range_from_size(block * size, size, &whole))
				continue;
			r = map_add(withheld, whole, 0, "offline");
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* The driver keeps in its parameters what it uses, wherever it was told of it. */
static int add_ramoops(struct map *withheld, const struct root *root)
{
	uint64_t address, size;
	struct range range;

	if (root_read_number(root, RAMOOPS "/mem_address", 10, &address) != FACT_KNOWN ||
	    root_read_number(root, RAMOOPS "/mem_size", 10, &size) != FACT_KNOWN || !size ||
	    !range_from_size(address, size, &range))
		return 0;
	return map_add(withheld, range, 0, "ramoops");
}

int withheld_subtract(struct map *usable, const struct root *root)
{
	cleanup_with(map_fini) struct map withheld = {};
	int r;

	r = add_offline_blocks(&withheld, root, usable);
	if (r == 0)
		r = add_ramoops(&withheld, root);
	return r < 0 ? r : map_subtract_all(usable, &withheld);
}
