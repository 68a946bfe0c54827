/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-list.h"

#include "base/blob.h"
#include "image/initrd.h"

/* Our own limit is the only one: neither this kernel nor the next is to hold it for long. */
static struct initrd_room room_for(uint64_t limit)
{
	return (struct initrd_room){.limit = limit, .now = UINT64_MAX, .next = UINT64_MAX};
}

int initrd_list(struct initrd_list *list, const char *const *paths, size_t count, uint64_t limit,
		const struct newc_visitor *visitor, struct error *error)
{
	const struct initrd_unpacking unpacking = {.room = room_for(limit), .cpus = 1};
	cleanup_initrds struct initrds initrds = {};
	struct newc_walk walk = {};
	uint64_t start = 0;
	int r;

	*list = (struct initrd_list){};
	for (size_t i = 0; i < count; i++) {
		cleanup_blob struct blob *file = NULL;

		r = blob_open(&file, paths[i], error);
		if (r < 0)
			return r;
		list->packed += file->size;
	}
	if (count == 0)
		return 0;
	r = initrds_open(&initrds, paths, count, &unpacking, NULL, error);
	if (r == 0)
		r = initrd_skip_zeros(initrds.joined, initrds.joined->size, &start, error);
	if (r == 0)
		r = newc_walk_with(&walk, initrds.joined, start, initrds.joined->size, visitor,
				   error);
	list->whole = r == 0 && walk.whole;
	return r;
}
