/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/initrd-room.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "handover/handover.h"
#include "machine/memory.h"

#define MIB UINT64_C(0x100000)

/* boot_params, setup_data, purgatory, and what alignment costs. */
#define OTHER_SEGMENTS (4 * MIB)

/* What decoders and the rest of this program take, and what else wants memory meanwhile. */
#define KEPT_FREE_NOW (96 * MIB)

static uint64_t less(uint64_t from, uint64_t taken)
{
	return from > taken ? from - taken : 0;
}

/* A number with a suffix, as memparse() of the kernel takes it (lib/cmdline.c). */
static uint64_t parse_size(const char *text, const char **end)
{
	char *behind;
	uint64_t value = strtoull(text, &behind, 0);
	static const char suffixes[] = "KMGTPE";
	/* A blank without that bit would be the NUL, which strchr() finds, too. */
	const char *at = *behind & ~0x20 ? strchr(suffixes, *behind & ~0x20) : NULL;
	unsigned int shift = at ? 10 * (unsigned int)(at - suffixes + 1) : 0;

	*end = behind + (at ? 1 : 0);
	return value > UINT64_MAX >> shift ? UINT64_MAX : value << shift;
}

/* What crashkernel= takes (Documentation/admin-guide/kdump/kdump.rst): a size, with more behind it,
 * or ranges of the whole memory with a size each, "1G-4G:192M,4G-:256M". */
static uint64_t crash_memory(const char *value, uint64_t total)
{
	uint64_t taken = 0;

	for (;;) {
		uint64_t start = parse_size(value, &value), size = start;

		if (*value == '-') {
			parse_size(value + 1, &value);
			if (*value == ':')
				size = parse_size(value + 1, &value);
			size = start <= total ? size : 0;
		}
		taken = size > taken ? size : taken;
		value += strcspn(value, ", ");
		if (*value != ',')
			return taken;
		value++;
	}
}

/* The words of huge pages, as they come (mm/hugetlb.c). */
struct huge_pages {
	uint64_t size;         /* of the last hugepagesz=; 0: none yet */
	uint64_t default_size; /* of those without one */
	uint64_t without_size; /* pages of hugepages= before any hugepagesz= */
	uint64_t taken;        /* bytes */
};

static uint64_t bytes_of(uint64_t pages, uint64_t size)
{
	return size && pages > UINT64_MAX / size ? UINT64_MAX : pages * size;
}

/* N, or NODE:N with commas between. */
static uint64_t count_pages(const char *value)
{
	uint64_t pages = 0;

	for (;;) {
		uint64_t more = parse_size(value, &value);

		if (*value == ':')
			more = parse_size(value + 1, &value);
		pages = more > UINT64_MAX - pages ? UINT64_MAX : pages + more;
		if (*value != ',')
			return pages;
		value++;
	}
}

static void add_taken(struct huge_pages *huge, uint64_t bytes)
{
	huge->taken = bytes > UINT64_MAX - huge->taken ? UINT64_MAX : huge->taken + bytes;
}

static void read_huge(struct huge_pages *huge, const char *word, size_t length, const char *value)
{
	const char *end;

	if (word_is(word, length, "hugepagesz"))
		huge->size = parse_size(value, &end);
	else if (word_is(word, length, "default_hugepagesz"))
		huge->default_size = parse_size(value, &end);
	else if (word_is(word, length, "hugepages") && huge->size)
		add_taken(huge, bytes_of(count_pages(value), huge->size));
	else if (word_is(word, length, "hugepages"))
		huge->without_size = count_pages(value);
}

/*
 * The memory that the next kernel has: what this one has, less what its command line takes away. Of
 * memmap= it is not known how much that is. Huge pages are taken before initrds are unpacked.
 */
static uint64_t memory_of_next(uint64_t total, const char *command_line)
{
	struct huge_pages huge = {.default_size = 2 * MIB};
	uint64_t left = total;
	const char *word;
	size_t length;

	while (words_next(&command_line, &word, &length)) {
		const char *value = memchr(word, '=', length), *end;

		if (length == 2 && memcmp(word, "--", 2) == 0)
			break;
		if (!value)
			continue;
		if (word_is(word, length, "memmap"))
			return 0;
		if (word_is(word, length, "mem")) {
			uint64_t size = parse_size(value + 1, &end);

			left = size < left ? size : left;
		} else if (word_is(word, length, "crashkernel")) {
			left = less(left, crash_memory(value + 1, total));
		} else {
			read_huge(&huge, word, length, value + 1);
		}
	}
	add_taken(&huge, bytes_of(huge.without_size, huge.default_size));
	return less(left, huge.taken);
}

/* An initrd is one segment, in one piece, and the kernel may lie in the same gap. */
static uint64_t largest_gap(const struct request *request, const struct machine_memory *memory,
			    const struct bzimage *image)
{
	struct range limits = {request->load_min, request->load_max};

	if (!(image->xloadflags & BZIMAGE_XLF_ABOVE_4G) && limits.end > image->initrd_max)
		limits.end = image->initrd_max + 1;
	return range_size(map_largest(&memory->usable, limits));
}

struct initrd_room initrd_room(const struct request *request, const struct machine_memory *memory,
			       const struct image *image, const char *command_line)
{
	uint64_t kernel = image->bzimage.init_size + OTHER_SEGMENTS;
	uint64_t next = memory_of_next(memory->total, command_line);
	uint64_t limit = less(memory->total / 2, kernel);
	uint64_t gap = less(largest_gap(request, memory, &image->bzimage), kernel);
	uint64_t unwrapped = image->wrapped ? image->file->size : 0;

	return (struct initrd_room){
	    .limit = limit < gap ? limit : gap,
	    .now = less(memory->available, kernel + unwrapped + KEPT_FREE_NOW),
	    /* Page structures, its own tables, and something for its first processes. */
	    .next = less(next, kernel + next / 16 + 32 * MIB),
	};
}
