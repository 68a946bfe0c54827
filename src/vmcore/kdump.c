/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/kdump.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "vmcore/dump.h"
#include "vmcore/kdump-header.h"
#include "vmcore/notes.h"
#include "vmcore/page-decoder.h"

enum {
	DESCRIPTOR_SIZE = 24, /* offset 8, size 4, flags 4, page flags 8 */
	BITMAP_CHUNK = 4096,  /* bytes of the bitmap between two counts */
	CACHED_PAGES = 16,
	LAST_PAGES = 1024, /* that are looked for at the end */
};

/* A table of so many bytes is for 256 TiB in pages of 4 KiB; one that is larger makes no sense, and
 * a file with holes, which cost nothing, can claim to have it. */
#define BITMAP_SIZE_MAX (UINT64_C(1) << 33)

/* In a descriptor's flags. */
enum {
	PACKED_ZLIB = 0x1,
	PACKED_LZO = 0x2,
	PACKED_SNAPPY = 0x4,
	PACKED_ZSTD = 0x20,
	PACKED_ANY = PACKED_ZLIB | PACKED_LZO | PACKED_SNAPPY | PACKED_ZSTD,
};

struct cached_page {
	bool used;
	uint64_t number;
	uint8_t *bytes;
};

struct kdump {
	struct kdump_header header;
	uint64_t bitmap, bitmap_size; /* the second one, in the file; as much as there is */
	uint64_t descriptors;         /* where they begin */
	uint64_t first_descriptor;    /* of a split file: bits of the bitmap before its own */
	uint64_t *counts; /* bits that are set before each chunk of the bitmap, and in all */
	size_t chunk_count;
	struct cached_page cache[CACHED_PAGES];
	uint8_t *packed; /* room for a page */
};

struct descriptor {
	uint64_t offset;
	uint32_t size, flags;
};

static unsigned int count_bits(const uint8_t *bytes, uint64_t size)
{
	unsigned int count = 0;

	for (uint64_t i = 0; i < size; i++)
		count += (unsigned int)__builtin_popcount(bytes[i]);
	return count;
}

/* Reads the bitmap once, so that a page's descriptor is found by reading a part of it. */
static int count_pages(struct dump *dump, struct error *error)
{
	struct kdump *kdump = dump->kdump;
	uint64_t count = 0;

	kdump->chunk_count = (size_t)((kdump->bitmap_size + BITMAP_CHUNK - 1) / BITMAP_CHUNK);
	kdump->counts = calloc(kdump->chunk_count + 1, sizeof(*kdump->counts));
	if (!kdump->counts)
		return error_memory(error, "read");
	for (size_t i = 0; i < kdump->chunk_count; i++) {
		uint64_t start = (uint64_t)i * BITMAP_CHUNK, size = kdump->bitmap_size - start;
		uint8_t chunk[BITMAP_CHUNK];
		int r = 0;

		size = size < sizeof(chunk) ? size : sizeof(chunk);
		if (dump_file_hole(&dump->file, kdump->bitmap + start) < size) {
			r = dump_file_read(&dump->file, kdump->bitmap + start, chunk, size, error);
			count += r == 0 ? count_bits(chunk, size) : 0;
		}
		if (r < 0)
			return r;
		kdump->counts[i + 1] = count;
	}
	return 0;
}

/* How many pages before this one were written, and whether it was; false behind the bitmap. */
static bool look_up(struct dump *dump, uint64_t number, uint64_t *before, bool *written)
{
	struct kdump *kdump = dump->kdump;
	uint64_t byte = number / 8, chunk = byte / BITMAP_CHUNK;
	uint64_t size = byte % BITMAP_CHUNK + 1;
	uint8_t bits[BITMAP_CHUNK];

	if (byte >= kdump->bitmap_size ||
	    dump_file_read(&dump->file, kdump->bitmap + chunk * BITMAP_CHUNK, bits, size, NULL) < 0)
		return false;
	*written = bits[size - 1] >> number % 8 & 1;
	bits[size - 1] &= (uint8_t)((1U << number % 8) - 1);
	*before = kdump->counts[chunk] + count_bits(bits, size);
	return true;
}

static int find_bitmap(struct dump *dump, struct error *error)
{
	struct kdump *kdump = dump->kdump;
	const struct kdump_header *header = &kdump->header;
	/* Both factors are below 2^32 and 2^21, so that nothing wraps. */
	uint64_t start = (1 + header->sub_header_blocks) * header->block_size;
	uint64_t half = header->bitmap_blocks / 2 * header->block_size;

	kdump->bitmap = start + half;
	kdump->bitmap_size = dump_file_has(&dump->file, kdump->bitmap,
					   half < BITMAP_SIZE_MAX ? half : BITMAP_SIZE_MAX);
	kdump->descriptors = start + header->bitmap_blocks * header->block_size;
	if (kdump->bitmap_size < half)
		error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			  "truncated: of its table of pages %llu bytes are not there",
			  (unsigned long long)(half - kdump->bitmap_size));
	return count_pages(dump, error);
}

/* A split file has the whole bitmap, and the descriptors of its own part. */
static void skip_other_parts(struct dump *dump)
{
	struct kdump *kdump = dump->kdump;
	const struct kdump_header *header = &kdump->header;
	bool written;

	if (!header->split)
		return;
	look_up(dump, header->first_page, &kdump->first_descriptor, &written);
	error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
		  "it is one part of a split dump: pages 0x%llx to 0x%llx",
		  (unsigned long long)header->first_page, (unsigned long long)header->end_page);
}

static int read_info(struct dump *dump, struct error *error)
{
	const struct kdump_header *header = &dump->kdump->header;
	bool notes = header->notes_offset && header->notes_size;
	uint64_t offset = notes ? header->notes_offset : header->vmcoreinfo_offset;
	uint64_t size = notes ? header->notes_size : header->vmcoreinfo_size;
	uint64_t has = dump_file_has(&dump->file, offset, size);
	cleanup_free uint8_t *bytes = NULL;
	bool enough;
	int r;

	if (has < size || size > NOTES_SIZE_MAX)
		error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			  "its notes of %llu bytes at offset %llu are not all there",
			  (unsigned long long)size, (unsigned long long)offset);
	if (has == 0 || has > NOTES_SIZE_MAX)
		return 0;
	bytes = malloc(has);
	if (!bytes)
		return error_memory(error, "read");
	r = dump_file_read(&dump->file, offset, bytes, has, error);
	if (r < 0)
		return r;
	enough = notes ? notes_find_vmcoreinfo((struct bytes){bytes, has}, dump->order, &dump->info)
		       : vmcoreinfo_set(&dump->info, bytes, has);
	return enough ? 0 : error_memory(error, "read");
}

/*
 * A copy that was cut is told of, whether what is asked for was cut off or not. Pages are mostly
 * written in order, so that the last ones lie at the end.
 */
static void look_at_end(struct dump *dump)
{
	struct kdump *kdump = dump->kdump;
	uint64_t count = kdump->counts[kdump->chunk_count] - kdump->first_descriptor;
	uint64_t first = count > LAST_PAGES ? count - LAST_PAGES : 0, missing = 0;

	for (uint64_t i = first; i < count && !kdump->header.split; i++) {
		uint8_t bytes[DESCRIPTOR_SIZE];
		uint64_t size;

		if (dump_file_read(&dump->file, kdump->descriptors + i * DESCRIPTOR_SIZE, bytes,
				   sizeof(bytes), NULL) < 0) {
			missing++;
			continue;
		}
		size = load_ordered(bytes + 8, 4, dump->order);
		missing +=
		    dump_file_has(&dump->file, load_ordered(bytes, 8, dump->order), size) < size;
	}
	if (missing)
		error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			  "truncated: of its last %llu pages %llu lie behind its end",
			  (unsigned long long)(count - first), (unsigned long long)missing);
}

static int open_kdump(struct dump *dump, struct error *error)
{
	struct kdump *kdump = calloc(1, sizeof(*kdump));
	unsigned int word;
	int r;

	if (!kdump)
		return error_memory(error, "read");
	dump->kdump = kdump;
	r = kdump_header_read(&kdump->header, &dump->file, error);
	if (r < 0)
		return r;
	dump->order = kdump->header.order;
	dump->machine = kdump_machine(kdump->header.machine, &word);
	dump->word = word ? word : kdump->header.word;
	dump->phys_base = kdump->header.phys_base;
	dump->has_phys_base = true;
	if (kdump->header.status & KDUMP_INCOMPLETE)
		error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			  "its writer says that it ran out of room, and that pages are missing");
	r = find_bitmap(dump, error);
	if (r == 0)
		r = read_info(dump, error);
	if (r == 0)
		skip_other_parts(dump);
	if (r == 0)
		look_at_end(dump);
	return r;
}

static int page_failed(const struct dump *dump, uint64_t number, const char *what,
		       struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			 "the memory at 0x%llx %s",
			 (unsigned long long)(number * dump->kdump->header.block_size), what);
}

static int read_descriptor(struct dump *dump, uint64_t number, struct descriptor *descriptor,
			   struct error *error)
{
	struct kdump *kdump = dump->kdump;
	uint64_t index;
	bool written;
	uint8_t bytes[DESCRIPTOR_SIZE];
	int r;

	if (!look_up(dump, number, &index, &written) || !written ||
	    index < kdump->first_descriptor ||
	    (kdump->header.split &&
	     (number < kdump->header.first_page || number >= kdump->header.end_page)))
		return page_failed(dump, number, "is not in the dump", error);
	index -= kdump->first_descriptor;
	r = dump_file_read(&dump->file, kdump->descriptors + index * DESCRIPTOR_SIZE, bytes,
			   sizeof(bytes), error);
	if (r < 0)
		return r;
	descriptor->offset = load_ordered(bytes, 8, dump->order);
	descriptor->size = (uint32_t)load_ordered(bytes + 8, 4, dump->order);
	descriptor->flags = (uint32_t)load_ordered(bytes + 12, 4, dump->order);
	if (descriptor->offset == 0)
		return page_failed(dump, number, "was lost when the dump was written", error);
	if (descriptor->size == 0 || descriptor->size > kdump->header.block_size ||
	    (!(descriptor->flags & PACKED_ANY) && descriptor->size != kdump->header.block_size))
		return page_failed(dump, number, "is corrupt: its page has an impossible size",
				   error);
	return 0;
}

static enum page_result decode(uint32_t flags, struct bytes packed, uint8_t *to, size_t size)
{
	switch (flags & PACKED_ANY) {
	case 0:
		memcpy(to, packed.data, size);
		return PAGE_OK;
	case PACKED_ZLIB:
		return page_decode_zlib(packed, to, size);
	case PACKED_LZO:
		return page_decode_lzo(packed, to, size);
	case PACKED_SNAPPY:
		return page_decode_snappy(packed, to, size);
	case PACKED_ZSTD:
		return page_decode_zstd(packed, to, size);
	default:
		return PAGE_CORRUPT;
	}
}

static const char *format_name(uint32_t flags)
{
	if (flags & PACKED_ZLIB)
		return "zlib";
	return flags & PACKED_LZO ? "LZO" : "zstd";
}

static int unpack(struct dump *dump, uint64_t number, uint8_t *to, struct error *error)
{
	struct kdump *kdump = dump->kdump;
	struct descriptor descriptor = {};
	int r = read_descriptor(dump, number, &descriptor, error);

	if (r == 0)
		r = dump_file_read(&dump->file, descriptor.offset, kdump->packed, descriptor.size,
				   error);
	if (r < 0)
		return r;
	switch (decode(descriptor.flags, (struct bytes){kdump->packed, descriptor.size}, to,
		       (size_t)kdump->header.block_size)) {
	case PAGE_OK:
		return 0;
	case PAGE_NO_MEMORY:
		return error_memory(error, "unpack a page");
	case PAGE_ABSENT:
		return error_add(error, ERROR_UNSUPPORTED, 0, "unpack a page",
				 dump_file_name(&dump->file),
				 "its pages are packed with %s, and this program was built without",
				 format_name(descriptor.flags));
	case PAGE_CORRUPT:
		break;
	}
	return page_failed(dump, number, "is corrupt: its page cannot be unpacked", error);
}

/* The page's bytes, good until the next call; NULL with a failure added. */
static const uint8_t *get_page(struct dump *dump, uint64_t number, struct error *error)
{
	struct kdump *kdump = dump->kdump;
	struct cached_page *page = &kdump->cache[number % CACHED_PAGES];

	if (page->used && page->number == number)
		return page->bytes;
	if (!kdump->packed)
		kdump->packed = malloc(kdump->header.block_size);
	if (!page->bytes)
		page->bytes = malloc(kdump->header.block_size);
	page->used = false;
	if (!kdump->packed || !page->bytes) {
		error_memory(error, "unpack a page");
		return NULL;
	}
	if (unpack(dump, number, page->bytes, error) < 0)
		return NULL;
	page->used = true;
	page->number = number;
	return page->bytes;
}

static uint64_t read_memory(struct dump *dump, uint64_t physical, uint8_t *to, uint64_t size,
			    struct error *error)
{
	uint64_t block = dump->kdump->header.block_size, done = 0;

	while (done < size) {
		uint64_t at = physical + done, part = block - at % block;
		const uint8_t *page = get_page(dump, at / block, error);

		if (!page)
			break;
		part = part < size - done ? part : size - done;
		memcpy(to + done, page + at % block, part);
		done += part;
	}
	return done;
}

static void close_kdump(struct dump *dump)
{
	struct kdump *kdump = dump->kdump;

	for (size_t i = 0; kdump && i < CACHED_PAGES; i++)
		free(kdump->cache[i].bytes);
	if (kdump) {
		free(kdump->packed);
		free(kdump->counts);
	}
	free(kdump);
}

const struct dump_format kdump_format = {
    .name = "kdump-compressed",
    .recognise = kdump_header_recognise,
    .open = open_kdump,
    .read = read_memory,
    .close = close_kdump,
};
