/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/recorded-facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Room for one more element in an array of `*count`, zeroed; NULL without memory. */
static void *grow(void *array, size_t *count, size_t size)
{
	char *larger = reallocarray(array, *count + 1, size);

	if (larger)
		memset(larger + (*count)++ * size, 0, size);
	return larger;
}

/* NULL when not all of the bytes are known. */
static const uint8_t *find_bytes(const struct recorded_facts *facts, uint64_t address, size_t size)
{
	for (size_t i = 0; i < facts->bytes_count; i++) {
		const struct recorded_bytes *known = &facts->bytes[i];

		if (address >= known->address && address - known->address <= known->size &&
		    size <= known->size - (address - known->address))
			return known->bytes + (address - known->address);
	}
	return NULL;
}

int recorded_facts_read_physical(const struct recorded_facts *facts, uint64_t address, void *to,
				 size_t size)
{
	const uint8_t *bytes = find_bytes(facts, address, size);

	if (!bytes)
		return -EIO;
	memcpy(to, bytes, size);
	return 0;
}

/* Bytes that follow on the last ones are kept with them: tables are read entry by entry. */
int recorded_facts_add_bytes(struct recorded_facts *facts, uint64_t address, const void *bytes,
			     size_t size)
{
	struct recorded_bytes *last =
	    facts->bytes_count ? &facts->bytes[facts->bytes_count - 1] : NULL;
	uint8_t *memory;

	if (find_bytes(facts, address, size))
		return 0;
	if (!last || last->address + last->size != address) {
		if (facts->bytes_count == RECORDED_ENTRIES_MAX)
			return -E2BIG;
		last = grow(facts->bytes, &facts->bytes_count, sizeof(*last));
		if (!last)
			return -ENOMEM;
		facts->bytes = last;
		last += facts->bytes_count - 1;
		last->address = address;
	}
	memory = realloc(last->bytes, last->size + size + 1);
	if (!memory)
		return -ENOMEM;
	memcpy(memory + last->size, bytes, size);
	last->bytes = memory;
	last->size += size;
	return 0;
}

int recorded_facts_refusal(const struct recorded_facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->refusal_count; i++)
		if (strcmp(facts->refusals[i].path, path) == 0)
			return -facts->refusals[i].code;
	return 0;
}

int recorded_facts_add_refusal(struct recorded_facts *facts, const char *path, int code)
{
	struct recorded_refusal *refusals;
	char *copy;

	if (recorded_facts_refusal(facts, path) < 0)
		return 0;
	if (facts->refusal_count == RECORDED_REFUSALS_MAX)
		return -E2BIG;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	refusals = grow(facts->refusals, &facts->refusal_count, sizeof(*refusals));
	if (!refusals) {
		free(copy);
		return -ENOMEM;
	}
	facts->refusals = refusals;
	refusals[facts->refusal_count - 1] = (struct recorded_refusal){copy, code};
	return 0;
}

static struct recorded_pages *pages_of_flag(const struct recorded_facts *facts, unsigned int flag)
{
	for (size_t i = 0; i < facts->pages_count; i++)
		if (facts->pages[i].flag == flag)
			return &facts->pages[i];
	return NULL;
}

int recorded_facts_find_pages(const struct recorded_facts *facts, struct range bytes,
			      unsigned int flag, struct map *found)
{
	const struct recorded_pages *pages = pages_of_flag(facts, flag);
	struct region region = {.range = bytes};
	struct map wanted = {&region, 1, 1}, near;
	size_t asked, first, end;

	asked = pages ? map_search(&pages->asked, bytes.start) : 0;
	if (!pages || asked == pages->asked.count ||
	    !range_contains(pages->asked.regions[asked].range, bytes))
		return -EIO;
	/* Both can be long, and this is asked for each region of memory. */
	first = map_search(&pages->found, bytes.start);
	end = map_search(&pages->found, bytes.end - 1);
	end += end < pages->found.count;
	if (first == end)
		return 0;
	near = (struct map){pages->found.regions + first, end - first, end - first};
	return map_intersect(found, &near, &wanted);
}

static int add_all(struct map *map, const struct map *more)
{
	int r = 0;

	if (more->count > RECORDED_ENTRIES_MAX - map->count)
		return -E2BIG;
	for (size_t i = 0; r == 0 && i < more->count; i++)
		r = map_add(map, more->regions[i].range, 0, "");
	map_normalise(map);
	return r;
}

int recorded_facts_add_pages(struct recorded_facts *facts, unsigned int flag,
			     const struct map *asked, const struct map *found)
{
	struct recorded_pages *pages = pages_of_flag(facts, flag);
	int r;

	if (!pages) {
		pages = grow(facts->pages, &facts->pages_count, sizeof(*pages));
		if (!pages)
			return -ENOMEM;
		facts->pages = pages;
		pages += facts->pages_count - 1;
		pages->flag = flag;
	}
	r = add_all(&pages->asked, asked);
	return r < 0 ? r : add_all(&pages->found, found);
}

void recorded_facts_fini(struct recorded_facts *facts)
{
	for (size_t i = 0; i < facts->bytes_count; i++)
		free(facts->bytes[i].bytes);
	for (size_t i = 0; i < facts->refusal_count; i++)
		free(facts->refusals[i].path);
	for (size_t i = 0; i < facts->pages_count; i++) {
		map_fini(&facts->pages[i].asked);
		map_fini(&facts->pages[i].found);
	}
	free(facts->bytes);
	free(facts->refusals);
	free(facts->pages);
	*facts = (struct recorded_facts){};
}
