/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/elf-core.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "vmcore/dump.h"
#include "vmcore/notes.h"

struct elf_core {
	struct pieces stored; /* memory that is there; where it lies in the file */
	bool any_memory;      /* there or not */
	uint64_t missing;     /* bytes of memory that lie behind the file's end */
	uint64_t notes;       /* bytes of notes that were read */
};

/* More program headers than any dump needs: one for each 4 MiB of 64 TiB. */
enum { HEADERS_MAX = 1 << 24 };

/* Where fields lie in the headers of a class (elf.h has them as structures of one order). */
struct layout {
	unsigned int width; /* of addresses, offsets and sizes */
	unsigned int phoff, shoff, phentsize, phnum;
	unsigned int program_header_size, section_info;
	unsigned int p_offset, p_vaddr, p_paddr, p_filesz, p_memsz;
};

#define LAYOUT(bits, bytes)                                                                        \
	{                                                                                          \
		.width = (bytes), .phoff = offsetof(Elf##bits##_Ehdr, e_phoff),                    \
		.shoff = offsetof(Elf##bits##_Ehdr, e_shoff),                                      \
		.phentsize = offsetof(Elf##bits##_Ehdr, e_phentsize),                              \
		.phnum = offsetof(Elf##bits##_Ehdr, e_phnum),                                      \
		.program_header_size = sizeof(Elf##bits##_Phdr),                                   \
		.section_info = offsetof(Elf##bits##_Shdr, sh_info),                               \
		.p_offset = offsetof(Elf##bits##_Phdr, p_offset),                                  \
		.p_vaddr = offsetof(Elf##bits##_Phdr, p_vaddr),                                    \
		.p_paddr = offsetof(Elf##bits##_Phdr, p_paddr),                                    \
		.p_filesz = offsetof(Elf##bits##_Phdr, p_filesz),                                  \
		.p_memsz = offsetof(Elf##bits##_Phdr, p_memsz),                                    \
	}

static const struct layout layout_32 = LAYOUT(32, 4), layout_64 = LAYOUT(64, 8);

/* The file's table of program headers. */
struct table {
	const struct layout *layout;
	uint64_t offset, count;
};

static bool recognise(struct bytes head)
{
	return bytes_match(head, 0, ELFMAG, SELFMAG);
}

static int not_a_core(const struct dump *dump, const char *what, struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file), "%s", what);
}

/*
 * Cores in the form of the other class are made too: 64-bit ones of 32-bit kernels with more than
 * 4 GiB, and 32-bit ones of 64-bit kernels with less.
 */
static unsigned int word_of(uint16_t machine, unsigned char class)
{
	switch (machine) {
	case EM_386:
	case EM_ARM:
	case EM_PPC:
		return 4;
	case EM_X86_64:
	case EM_AARCH64:
	case EM_PPC64:
		return 8;
	default:
		return class == ELFCLASS32 ? 4 : 8;
	}
}

/* What all headers have at the same place; then where the others lie. */
static int read_identity(struct dump *dump, const uint8_t *header, uint64_t has,
			 const struct layout **layout, struct error *error)
{
	bool wide = header[EI_CLASS] == ELFCLASS64;

	if (has < (wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
		return not_a_core(dump, "truncated: it ends within its ELF header", error);
	if ((!wide && header[EI_CLASS] != ELFCLASS32) ||
	    (header[EI_DATA] != ELFDATA2LSB && header[EI_DATA] != ELFDATA2MSB))
		return not_a_core(dump, "corrupt: its ELF header is of no known class or order",
				  error);
	*layout = wide ? &layout_64 : &layout_32;
	dump->order = header[EI_DATA] == ELFDATA2MSB ? ORDER_BIG : ORDER_LITTLE;
	dump->machine =
	    (uint16_t)load_ordered(header + offsetof(Elf64_Ehdr, e_machine), 2, dump->order);
	dump->word = word_of(dump->machine, header[EI_CLASS]);
	if (load_ordered(header + offsetof(Elf64_Ehdr, e_type), 2, dump->order) != ET_CORE)
		return not_a_core(dump, "it is an ELF file, and no core", error);
	if (load_ordered(header + (*layout)->phentsize, 2, dump->order) !=
	    (*layout)->program_header_size)
		return not_a_core(dump, "corrupt: its program headers are of an unknown size",
				  error);
	return 0;
}

/* Their number, where it does not fit into the header. */
static int read_large_count(const struct dump *dump, const struct layout *layout,
			    const uint8_t *header, uint64_t *count, struct error *error)
{
	uint64_t section = load_ordered(header + layout->shoff, layout->width, dump->order);
	uint8_t number[4];
	int r;

	if (section > UINT64_MAX - layout->section_info)
		section = UINT64_MAX - layout->section_info;
	r = dump_file_read(&dump->file, section + layout->section_info, number, sizeof(number),
			   error);
	if (r == 0)
		*count = load_ordered(number, sizeof(number), dump->order);
	return r;
}

static int read_header(struct dump *dump, struct table *table, struct error *error)
{
	uint8_t header[sizeof(Elf64_Ehdr)] = {};
	uint64_t has = dump_file_has(&dump->file, 0, sizeof(header));
	const struct layout *layout = NULL;
	int r = dump_file_read(&dump->file, 0, header, has, error);

	if (r == 0)
		r = read_identity(dump, header, has, &layout, error);
	if (r < 0)
		return r;
	*table = (struct table){
	    .layout = layout,
	    .offset = load_ordered(header + layout->phoff, layout->width, dump->order),
	    .count = load_ordered(header + layout->phnum, 2, dump->order),
	};
	return table->count == PN_XNUM
		   ? read_large_count(dump, layout, header, &table->count, error)
		   : 0;
}

/* Ends that would wrap around are cut. */
static uint64_t clip(uint64_t start, uint64_t size)
{
	return size > UINT64_MAX - start ? UINT64_MAX - start : size;
}

/* A copy that was cut is told of, whether what is asked for was cut off or not. */
static bool add_stored(struct dump *dump, uint64_t physical, uint64_t offset, uint64_t size)
{
	struct elf_core *elf = dump->elf;
	uint64_t has = dump_file_has(&dump->file, offset, size);

	if (__builtin_add_overflow(elf->missing, size - has, &elf->missing))
		elf->missing = UINT64_MAX;
	return pieces_add(&elf->stored, physical, physical + has, offset);
}

static int read_load(struct dump *dump, const struct layout *layout, const uint8_t *header,
		     struct error *error)
{
	uint64_t virtual = load_ordered(header + layout->p_vaddr, layout->width, dump->order);
	uint64_t physical = load_ordered(header + layout->p_paddr, layout->width, dump->order);
	uint64_t size = load_ordered(header + layout->p_memsz, layout->width, dump->order);
	uint64_t stored = load_ordered(header + layout->p_filesz, layout->width, dump->order);
	uint64_t offset = load_ordered(header + layout->p_offset, layout->width, dump->order);
	uint64_t limit = layout->width == 4 ? UINT32_MAX : UINT64_MAX;

	size = clip(physical, size);
	stored = clip(offset, stored < size ? stored : size);
	if (size == 0)
		return 0;
	dump->elf->any_memory = true;
	if (!add_stored(dump, physical, offset, stored))
		return error_memory(error, "read");
	/* 0 and -1 stand for "none", but that of s390 is where it is. */
	if (size > limit - virtual || (virtual == 0 && physical != 0))
		return 0;
	return pieces_add(&dump->ranges, virtual, virtual + size, physical)
		   ? 0
		   : error_memory(error, "read");
}

static int read_notes(struct dump *dump, uint64_t offset, uint64_t size, struct error *error)
{
	uint64_t has = dump_file_has(&dump->file, offset, size);
	uint64_t room = NOTES_SIZE_MAX - dump->elf->notes;
	cleanup_free uint8_t *notes = NULL;

	if (has < size || size > room)
		error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			  "its notes of %llu bytes at offset %llu are not all there",
			  (unsigned long long)size, (unsigned long long)offset);
	if (has > room || has == 0)
		return 0;
	dump->elf->notes += has;
	notes = malloc(has);
	if (!notes)
		return error_memory(error, "read");
	if (dump_file_read(&dump->file, offset, notes, has, &dump->damage) < 0)
		return 0;
	if (!notes_find_vmcoreinfo((struct bytes){notes, has}, dump->order, &dump->info))
		return error_memory(error, "read");
	return 0;
}

static int read_program_header(struct dump *dump, const struct layout *layout,
			       const uint8_t *header, struct error *error)
{
	uint64_t type = load_ordered(header, 4, dump->order);

	if (type == PT_LOAD)
		return read_load(dump, layout, header, error);
	if (type == PT_NOTE && !dump->info.text)
		return read_notes(
		    dump, load_ordered(header + layout->p_offset, layout->width, dump->order),
		    load_ordered(header + layout->p_filesz, layout->width, dump->order), error);
	return 0;
}

/* As many program headers as the file has, some at a time. */
static int read_table(struct dump *dump, const struct table *table, struct error *error)
{
	enum { AT_ONCE = 64 };
	uint8_t headers[AT_ONCE * sizeof(Elf64_Phdr)];
	unsigned int size = table->layout->program_header_size;
	uint64_t count = table->count < HEADERS_MAX ? table->count : HEADERS_MAX;
	uint64_t has = dump_file_has(&dump->file, table->offset, count * size) / size;
	int r = 0;

	if (has < table->count)
		error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			  "truncated: %llu of its %llu program headers are not there",
			  (unsigned long long)(table->count - has),
			  (unsigned long long)table->count);
	for (uint64_t i = 0; i < has && r == 0; i += AT_ONCE) {
		uint64_t now = has - i < AT_ONCE ? has - i : AT_ONCE;

		r = dump_file_read(&dump->file, table->offset + i * size, headers, now * size,
				   error);
		for (uint64_t j = 0; j < now && r == 0; j++)
			r = read_program_header(dump, table->layout, headers + j * size, error);
	}
	return r;
}

/* Of memory that is there twice, as the kernel's image is, the first one counts. */
static int sort(struct dump *dump, struct error *error)
{
	struct elf_core *elf = dump->elf;

	if (!elf->any_memory)
		return not_a_core(dump, "corrupt: there is no memory in it (no PT_LOAD)", error);
	if (!pieces_sort(&elf->stored, PIECES_FIRST) || !pieces_sort(&dump->ranges, PIECES_FIRST))
		return error_memory(error, "read");
	if (elf->missing)
		error_add(&dump->damage, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
			  "truncated: %llu bytes of memory lie behind its end",
			  (unsigned long long)elf->missing);
	return 0;
}

static int open_core(struct dump *dump, struct error *error)
{
	struct table table;
	int r;

	dump->elf = calloc(1, sizeof(*dump->elf));
	if (!dump->elf)
		return error_memory(error, "read");
	r = read_header(dump, &table, error);
	if (r == 0)
		r = read_table(dump, &table, error);
	return r == 0 ? sort(dump, error) : r;
}

static uint64_t read_memory(struct dump *dump, uint64_t physical, uint8_t *to, uint64_t size,
			    struct error *error)
{
	const struct elf_core *elf = dump->elf;
	uint64_t done = 0;

	while (done < size) {
		const struct piece *piece = pieces_at(&elf->stored, physical + done);
		uint64_t skip, part;

		if (!piece) {
			error_add(error, ERROR_IMAGE, 0, "read", dump_file_name(&dump->file),
				  "%sthe memory at 0x%llx is not in the dump",
				  elf->missing ? "truncated: " : "",
				  (unsigned long long)(physical + done));
			break;
		}
		skip = physical + done - piece->start;
		part = piece->end - piece->start - skip;
		part = part < size - done ? part : size - done;
		if (dump_file_read(&dump->file, piece->source + skip, to + done, part, error) < 0)
			break;
		done += part;
	}
	return done;
}

static void close_core(struct dump *dump)
{
	if (dump->elf)
		pieces_fini(&dump->elf->stored);
	free(dump->elf);
}

const struct dump_format elf_core_format = {
    .name = "ELF",
    .recognise = recognise,
    .open = open_core,
    .read = read_memory,
    .close = close_core,
};
