/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Usable memory from /proc/iomem. Input: its text. */
#include <ctype.h>

#include "base/cleanup.h"
#include "base/range.h"
#include "base/root.h"
#include "machine/memory.h"
#include "target.h"

enum { LINES_MAX = 64 };

/* A line as the kernel writes it, read by other means than the library's. */
struct line {
	struct range range;
	size_t depth;
	char name[128];
};

static bool read_hex(const char **at, uint64_t *value)
{
	size_t digits = 0;

	for (*value = 0; isxdigit((unsigned char)**at); (*at)++, digits++) {
		char digit = (char)tolower((unsigned char)**at);

		*value = *value * 16 + (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
	}
	return digits > 0 && digits <= 16 && !(digits > 1 && (**at == 'x' || **at == 'X'));
}

/* False unless the kernel could have written the line. */
static bool read_line(const char *at, size_t length, struct line *line)
{
	const char *end = at + length, *start = at;
	uint64_t last;

	while (*at == ' ')
		at++;
	line->depth = (size_t)(at - start) / 2;
	if ((at - start) % 2 || !read_hex(&at, &line->range.start) || *at++ != '-' ||
	    !read_hex(&at, &last) || strncmp(at, " : ", 3) != 0 || at + 3 >= end)
		return false;
	at += 3;
	if (isspace((unsigned char)*at) || last < line->range.start ||
	    (size_t)(end - at) >= sizeof(line->name))
		return false;
	line->range.end = last == UINT64_MAX ? last : last + 1;
	memcpy(line->name, at, (size_t)(end - at));
	line->name[end - at] = '\0';
	return true;
}

/* The number of lines; 0 when not all of them are such as the kernel writes. */
static size_t read_lines(const char *text, struct line *lines)
{
	size_t count = 0;

	for (size_t length; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		if (count == LINES_MAX || !read_line(text, length, &lines[count++]))
			return 0;
	}
	return count;
}

/* Whether the address is in RAM, and nothing below any RAM takes it: line by line. */
static bool is_usable(const struct line *lines, size_t count, uint64_t address)
{
	bool in_ram = false, is_ram = false, is_taken = false;

	for (size_t i = 0; i < count; i++) {
		const struct line *line = &lines[i];
		bool here = line->range.start <= address && address < line->range.end;

		if (line->depth == 0) {
			in_ram = strcmp(line->name, "System RAM") == 0;
			is_ram = is_ram || (in_ram && here);
		} else if (in_ram && here && strncmp(line->name, "Kernel ", 7) != 0) {
			is_taken = true;
		}
	}
	return is_ram && !is_taken;
}

static bool is_in_map(const struct map *map, uint64_t address)
{
	return address < UINT64_MAX && map_contains(map, (struct range){address, address + 1});
}

/* Around every border that the text names, the map says what the lines say. */
static void check_against_lines(const struct map *map, const char *text)
{
	static struct line lines[LINES_MAX];
	size_t count = read_lines(text, lines);

	for (size_t i = 0; i < count; i++) {
		uint64_t borders[] = {lines[i].range.start - 1, lines[i].range.start,
				      lines[i].range.end - 1, lines[i].range.end};

		for (size_t j = 0; j < sizeof(borders) / sizeof(*borders); j++)
			require(is_in_map(map, borders[j]) == is_usable(lines, count, borders[j]));
	}
}

/* All regions have one type and one name, so that normalised they neither touch nor overlap. */
static void check_normalised(const struct map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct region *region = &map->regions[i];

		require(region->range.start < region->range.end);
		require(region->type == MEMORY_RAM && strcmp(region->name, "System RAM") == 0);
		require(i == 0 || map->regions[i - 1].range.end < region->range.start);
	}
}

/* The two readers of a map that placing relies on. */
static void check_room(const struct map *map)
{
	struct range all = {0, UINT64_MAX}, largest = map_largest(map, all), room;

	for (unsigned int lowest = 0; lowest < 2; lowest++) {
		if (!range_size(largest))
			require(!map_find_room(map, 1, 1, all, lowest, &room));
		else
			require(map_find_room(map, range_size(largest), 1, all, lowest, &room) &&
				map_contains(map, room));
		if (map_find_room(map, 4096, 4096, all, lowest, &room))
			require(map_contains(map, room) && room.start % 4096 == 0 &&
				range_size(room) == 4096);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct range hole = {0x100000, 0x200000};
	cleanup_with(map_fini) struct map usable = {}, cut = {};
	char *text = text_of(data, size);
	enum fact fact = (enum fact) - 1;

	require(iomem_parse_usable(&usable, text, &fact) == 0);
	require(fact == FACT_ABSENT || fact == FACT_KNOWN || fact == FACT_UNREADABLE);
	require(fact != FACT_ABSENT || usable.count == 0);
	map_normalise(&usable);
	check_normalised(&usable);
	check_against_lines(&usable, text);
	check_room(&usable);

	/* Subtracting takes away exactly the range. */
	require(map_copy(&cut, &usable) == 0 && map_subtract(&cut, hole) == 0);
	map_normalise(&cut);
	check_normalised(&cut);
	for (size_t i = 0; i < cut.count; i++)
		require(!range_overlaps(cut.regions[i].range, hole));
	for (size_t i = 0; i < usable.count; i++) {
		uint64_t start = usable.regions[i].range.start;

		require((start >= hole.start && start < hole.end) || is_in_map(&cut, start));
	}
	free(text);
	return 0;
}
