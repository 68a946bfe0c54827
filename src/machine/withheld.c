/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/withheld.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/numbered.h"

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

/* Only blocks that are there are looked at: a recording may claim any size and any memory. */
static int add_offline_blocks(struct map *withheld, const struct root *root)
{
	cleanup_free uint64_t *blocks = NULL;
	size_t count;
	uint64_t size;
	int r;

	if (root_read_number(root, MEMORY_BLOCKS "/block_size_bytes", 16, &size) != FACT_KNOWN ||
	    size < PAGE_BYTES)
		return 0;
	r = numbered_list(root, MEMORY_BLOCKS, "memory", SIZE_MAX, &blocks, &count);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct range block;

		if (blocks[i] <= UINT64_MAX / size &&
		    range_from_size(blocks[i] * size, size, &block) && is_offline(root, blocks[i]))
			r = map_add(withheld, block, 0, "offline");
	}
	return r;
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
	int r = add_offline_blocks(&withheld, root);

	if (r == 0)
		r = add_ramoops(&withheld, root);
	return r < 0 ? r : map_subtract_all(usable, &withheld);
}
