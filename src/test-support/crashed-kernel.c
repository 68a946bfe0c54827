/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/crashed-kernel.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/blob.h"
#include "test-support/test.h"

enum { NOTE_SIZE_MAX = CRASHED_INFO_SIZE + 64, PAGES = CRASHED_MEMORY / CRASHED_PAGE };

/* A file that is written front to back. */
struct writer {
	uint8_t *bytes;
	uint64_t size, room;
	const struct crashed_kernel *kernel;
};

void crashed_init(struct crashed_kernel *kernel, unsigned int word, enum byte_order order)
{
	*kernel = (struct crashed_kernel){
	    .word = word,
	    .order = order,
	    .pages = PAGES,
	    .virtual = word == 8 ? UINT64_C(0xffff888001000000) : 0xc1000000,
	    .machine = EM_MIPS,
	};
	if (order == ORDER_LITTLE)
		kernel->machine = word == 8 ? EM_X86_64 : EM_386;
	else
		kernel->machine = word == 8 ? EM_PPC64 : EM_PPC;
	crashed_info(kernel, "OSRELEASE=6.12.0-test");
	crashed_info(kernel, "CRASHTIME=1700000000");
}

void crashed_info(struct crashed_kernel *kernel, const char *format, ...)
{
	size_t used = strlen(kernel->info), room = sizeof(kernel->info) - used;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(kernel->info + used, room, format, arguments);
	va_end(arguments);
	assert_true(n > 0 && (size_t)n + 1 < room);
	memcpy(kernel->info + used + n, "\n", 2);
}

uint64_t crashed_room(struct crashed_kernel *kernel, uint64_t size)
{
	uint64_t address = kernel->virtual + kernel->used;

	kernel->used += (size + 15) / 16 * 16;
	assert_true(kernel->used <= CRASHED_MEMORY);
	return address;
}

uint8_t *crashed_at(struct crashed_kernel *kernel, uint64_t address, uint64_t size)
{
	uint64_t at = address - kernel->virtual;

	assert_true(at <= CRASHED_MEMORY && size <= CRASHED_MEMORY - at);
	return kernel->memory + at;
}

void crashed_put(struct crashed_kernel *kernel, uint64_t address, unsigned int width,
		 uint64_t value)
{
	store_ordered(crashed_at(kernel, address, width), width, kernel->order, value);
}

uint64_t crashed_get(struct crashed_kernel *kernel, uint64_t address, unsigned int width)
{
	return load_ordered(crashed_at(kernel, address, width), width, kernel->order);
}

static uint8_t *extend(struct writer *writer, uint64_t size)
{
	uint64_t at = writer->size;

	writer->size += size;
	assert_true(writer->size <= writer->room);
	return writer->bytes + at;
}

static struct writer writer_new(const struct crashed_kernel *kernel)
{
	struct writer writer = {.room = 4 * CRASHED_MEMORY, .kernel = kernel};

	writer.bytes = calloc(1, writer.room);
	assert_non_null(writer.bytes);
	return writer;
}

static struct blob *writer_end(struct writer *writer)
{
	struct blob *blob = blob_new_memory(writer->size);

	assert_non_null(blob);
	memcpy(blob->memory, writer->bytes, writer->size);
	free(writer->bytes);
	return blob;
}

static void put(struct writer *writer, uint64_t at, unsigned int width, uint64_t value)
{
	assert_true(at + width <= writer->size);
	store_ordered(writer->bytes + at, width, writer->kernel->order, value);
}

/* A note of a CPU, and VMCOREINFO; their size. */
static uint64_t write_notes(struct writer *writer)
{
	uint64_t start = writer->size, text = strlen(writer->kernel->info), at;

	at = start;
	extend(writer, 12 + 8 + 32);
	put(writer, at, 4, 5);
	put(writer, at + 4, 4, 30);
	put(writer, at + 8, 4, NT_PRSTATUS);
	memcpy(writer->bytes + at + 12, "CORE", 5);
	at = writer->size;
	extend(writer, 12 + 12 + (text + 3) / 4 * 4);
	put(writer, at, 4, 11);
	put(writer, at + 4, 4, text);
	memcpy(writer->bytes + at + 12, "VMCOREINFO", 11);
	memcpy(writer->bytes + at + 24, writer->kernel->info, text);
	return writer->size - start;
}

struct program_header {
	uint32_t type;
	uint64_t offset, virtual, physical, size;
};

static void put_program_header(struct writer *writer, uint64_t at, bool wide,
			       const struct program_header *header)
{
	unsigned int width = wide ? 8 : 4;
	unsigned int first = wide ? 8 : 4; /* p_flags stands in between */

	put(writer, at, 4, header->type);
	put(writer, at + first, width, header->offset);
	put(writer, at + first + width, width, header->virtual);
	put(writer, at + first + 2 * width, width, header->physical);
	put(writer, at + first + 3 * width, width, header->size);
	put(writer, at + first + 4 * width, width, header->size);
}

static void put_elf_header(struct writer *writer, const struct crashed_dump *dump, bool wide,
			   uint64_t phoff, unsigned int phnum)
{
	uint8_t *ident = writer->bytes;

	memcpy(ident, ELFMAG, SELFMAG);
	ident[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	ident[EI_DATA] = writer->kernel->order == ORDER_BIG ? ELFDATA2MSB : ELFDATA2LSB;
	ident[EI_VERSION] = EV_CURRENT;
	put(writer, 16, 2, ET_CORE);
	put(writer, 18, 2, writer->kernel->machine);
	put(writer, 20, 4, EV_CURRENT);
	put(writer, wide ? 32 : 28, wide ? 8 : 4, phoff);
	put(writer, wide ? 54 : 42, 2, wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	put(writer, wide ? 56 : 44, 2, dump->many_headers ? PN_XNUM : phnum);
	if (dump->many_headers) {
		put(writer, wide ? 40 : 32, wide ? 8 : 4, 64);
		put(writer, 64 + (wide ? 44 : 28), 4, phnum); /* sh_info */
	}
}

/* The memory before a hole and behind it. */
static unsigned int split_memory(const struct crashed_kernel *kernel,
				 const struct crashed_dump *dump, uint64_t parts[2][2])
{
	uint64_t from = dump->lost_from * CRASHED_PAGE, to = dump->lost_to * CRASHED_PAGE;

	parts[0][0] = 0;
	parts[0][1] = from < to ? from : kernel->pages * CRASHED_PAGE;
	parts[1][0] = to;
	parts[1][1] = kernel->pages * CRASHED_PAGE;
	return from < to ? 2 : 1;
}

struct blob *crashed_elf(const struct crashed_kernel *kernel, const struct crashed_dump *dump)
{
	bool wide = dump->elf_class_64 || kernel->word == 8;
	uint64_t size = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), table = 128, parts[2][2];
	unsigned int loads = split_memory(kernel, dump, parts), count = loads + 1;
	struct writer writer = writer_new(kernel);
	struct program_header note = {.type = PT_NOTE};

	extend(&writer, table + count * size);
	put_elf_header(&writer, dump, wide, table, count);
	note.offset = writer.size;
	note.size = write_notes(&writer);
	put_program_header(&writer, table + (dump->notes_last ? loads : 0) * size, wide, &note);
	for (unsigned int i = 0; i < loads; i++) {
		struct program_header load = {
		    .type = PT_LOAD,
		    .offset = writer.size,
		    .virtual = dump->without_virtual ? 0 : kernel->virtual + parts[i][0],
		    .physical = CRASHED_PHYSICAL + parts[i][0],
		    .size = parts[i][1] - parts[i][0],
		};

		memcpy(extend(&writer, load.size), kernel->memory + parts[i][0], load.size);
		put_program_header(&writer, table + (i + !dump->notes_last) * size, wide, &load);
	}
	return writer_end(&writer);
}

/* By snappy: 64 bytes that are those before again are a copy, others a literal. */
static uint32_t pack_by_snappy(uint8_t *to, const uint8_t *page)
{
	static const uint8_t literal[] = {60 << 2, 63}, copy[] = {63 << 2 | 2, 64, 0};
	uint32_t at = 2;

	to[0] = 0x80;
	to[1] = CRASHED_PAGE >> 7;
	for (unsigned int i = 0; i < CRASHED_PAGE; i += 64) {
		if (i > 0 && memcmp(page + i, page + i - 64, 64) == 0) {
			memcpy(to + at, copy, sizeof(copy));
			at += sizeof(copy);
			continue;
		}
		memcpy(to + at, literal, sizeof(literal));
		memcpy(to + at + sizeof(literal), page + i, 64);
		at += sizeof(literal) + 64;
	}
	return at;
}

static const char *machine_name(const struct crashed_kernel *kernel)
{
	switch (kernel->machine) {
	case EM_X86_64:
		return "x86_64";
	case EM_386:
		return "i686";
	case EM_ARM:
		return "armv7l";
	case EM_AARCH64:
		return "aarch64";
	case EM_PPC64:
		return "ppc64";
	case EM_PPC:
		return "ppc";
	case EM_RISCV:
		return "riscv64";
	default:
		return "unknown";
	}
}

static bool is_lost(const struct crashed_dump *dump, uint64_t page)
{
	return page >= dump->lost_from && page < dump->lost_to;
}

/* Bitmaps of one block each, for pages from CRASHED_PHYSICAL on. */
static void write_bitmaps(struct writer *writer, const struct crashed_dump *dump)
{
	uint64_t at = writer->size;

	extend(writer, 2 * CRASHED_PAGE);
	for (uint64_t i = 0; i < writer->kernel->pages; i++) {
		uint64_t page = CRASHED_PHYSICAL / CRASHED_PAGE + i;
		uint8_t bit = (uint8_t)(1U << page % 8);

		writer->bytes[at + page / 8] |= bit;
		if (!is_lost(dump, i))
			writer->bytes[at + CRASHED_PAGE + page / 8] |= bit;
	}
}

static void write_page(struct writer *writer, const struct crashed_dump *dump, uint64_t index,
		       uint64_t descriptor)
{
	const uint8_t *page = writer->kernel->memory + index * CRASHED_PAGE;
	uint8_t snappy[CRASHED_PAGE + CRASHED_PAGE / 16];
	struct crashed_page packed = {.bytes = page, .size = CRASHED_PAGE};

	if (index % 2)
		packed = (struct crashed_page){
		    .flags = 4, .bytes = snappy, .size = pack_by_snappy(snappy, page)};
	/* A page that grows is written as it is. */
	if (packed.size > CRASHED_PAGE)
		packed = (struct crashed_page){.bytes = page, .size = CRASHED_PAGE};
	for (size_t i = 0; i < dump->packed_count; i++)
		if (dump->packed[i].index == index)
			packed = dump->packed[i];
	put(writer, descriptor, 8, writer->size);
	put(writer, descriptor + 8, 4, packed.size);
	put(writer, descriptor + 12, 4, packed.flags);
	memcpy(extend(writer, packed.size), packed.bytes, packed.size);
}

static void put_kdump_header(struct writer *writer, const struct crashed_dump *dump)
{
	const struct crashed_kernel *kernel = writer->kernel;
	uint64_t at = kernel->word == 8 ? 424 : 412;

	extend(writer, 2 * CRASHED_PAGE);
	memcpy(writer->bytes, "KDUMP   ", 8);
	put(writer, 8, 4, dump->version);
	strcpy((char *)writer->bytes + 12 + 4 * 65, machine_name(kernel));
	put(writer, at + 4, 4, CRASHED_PAGE);
	put(writer, at + 12, 4, 2); /* bitmap_blocks */
}

/* The sub header, with the notes behind it. */
static void put_sub_header(struct writer *writer, const struct crashed_dump *dump)
{
	const struct crashed_kernel *kernel = writer->kernel;
	bool wide = kernel->word == 8;
	uint64_t base = CRASHED_PAGE, notes = writer->size, size = write_notes(writer), blocks;
	uint64_t info = notes + 12 + 8 + 32 + 24;
	uint64_t at = dump->other_alignment ? 24 : 20;

	if (wide)
		at = 32;
	put(writer, base, kernel->word, 0);
	if (dump->version >= 3) {
		put(writer, base + at, 8, info);
		put(writer, base + at + 8, kernel->word, strlen(kernel->info));
	}
	at += dump->other_alignment || wide ? 16 : 12;
	if (dump->version >= 4) {
		put(writer, base + at, 8, notes);
		put(writer, base + at + 8, kernel->word, size);
	}
	blocks = (writer->size - base + CRASHED_PAGE - 1) / CRASHED_PAGE;
	extend(writer, base + blocks * CRASHED_PAGE - writer->size);
	put(writer, (wide ? 424U : 412U) + 8, 4, blocks);
}

struct blob *crashed_kdump(const struct crashed_kernel *kernel, const struct crashed_dump *dump)
{
	struct writer writer = writer_new(kernel);
	uint64_t descriptor;

	put_kdump_header(&writer, dump);
	put_sub_header(&writer, dump);
	write_bitmaps(&writer, dump);
	descriptor = writer.size;
	extend(&writer, kernel->pages * 24);
	for (uint64_t i = 0; i < kernel->pages; i++)
		if (!is_lost(dump, i)) {
			write_page(&writer, dump, i, descriptor);
			descriptor += 24;
		}
	return writer_end(&writer);
}

static bool is_zero(const uint8_t *bytes, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static void flat_record(struct writer *writer, uint64_t offset, const uint8_t *bytes, uint64_t size)
{
	uint8_t *to = extend(writer, 16 + size);

	store_be(to, 8, offset);
	store_be(to + 8, 8, size);
	if (bytes)
		memcpy(to + 16, bytes, size);
	else
		memset(to + 16, 0xee, size);
}

struct blob *crashed_flatten(const struct blob *blob, uint64_t step)
{
	struct writer writer = writer_new(NULL);
	uint64_t first = step < blob->size ? step : blob->size;

	strcpy((char *)extend(&writer, CRASHED_PAGE), "makedumpfile");
	store_be(writer.bytes + 16, 8, 1);
	store_be(writer.bytes + 24, 8, 1);
	flat_record(&writer, first / 2, NULL, first - first / 2);
	for (uint64_t at = (blob->size - 1) / step * step;; at -= step) {
		uint64_t size = blob->size - at < step ? blob->size - at : step;

		if (at == 0 || at + size == blob->size || !is_zero(blob->memory + at, size))
			flat_record(&writer, at, blob->memory + at, size);
		if (at == 0)
			break;
	}
	memset(extend(&writer, 16), 0xff, 16);
	return writer_end(&writer);
}

struct blob *crashed_cut(const struct blob *blob, uint64_t size)
{
	struct blob *cut = blob_new_memory(size);

	assert_non_null(cut);
	assert_true(size <= blob->size);
	memcpy(cut->memory, blob->memory, size);
	return cut;
}
