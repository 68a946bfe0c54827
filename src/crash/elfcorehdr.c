/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash/elfcorehdr.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

/* A range of RAM is one header, or where a part of it is backed up as many as it has parts. */
static unsigned int parts_of(struct range range, struct range backed_up, struct range parts[3])
{
	unsigned int count = 0;
	struct range cut = {range.start > backed_up.start ? range.start : backed_up.start,
			    range.end < backed_up.end ? range.end : backed_up.end};

	if (!range_overlaps(range, backed_up)) {
		parts[count++] = range;
		return count;
	}
	if (range.start < cut.start)
		parts[count++] = (struct range){range.start, cut.start};
	parts[count++] = cut;
	if (cut.end < range.end)
		parts[count++] = (struct range){cut.end, range.end};
	return count;
}

static uint64_t count_headers(const struct elfcorehdr_source *source)
{
	uint64_t count = source->crash->cpu_count + 1;
	struct range parts[3];

	if (range_size(source->crash->mapping.text))
		count++;
	for (size_t i = 0; i < source->dumped->count; i++)
		count += parts_of(source->dumped->regions[i].range, source->backed_up, parts);
	return count;
}

int elfcorehdr_size(const struct elfcorehdr_source *source, uint64_t *size, struct error *error)
{
	uint64_t count = count_headers(source);

	if (count > ELFCOREHDR_HEADERS_MAX)
		return error_add(error, ERROR_TOO_LONG, 0, "make elfcorehdr", NULL,
				 "%zu ranges of memory and %zu CPUs need %" PRIu64
				 " headers, and an ELF file has at most %d",
				 source->dumped->count, source->crash->cpu_count, count,
				 ELFCOREHDR_HEADERS_MAX);
	*size = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);
	return 0;
}

static void write_file_header(const struct elfcorehdr_source *source, uint64_t count, uint8_t *to)
{
	static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT};

	memcpy(to, ident, sizeof(ident));
	store_le(to + offsetof(Elf64_Ehdr, e_type), 2, ET_CORE);
	store_le(to + offsetof(Elf64_Ehdr, e_machine), 2, source->elf_machine);
	store_le(to + offsetof(Elf64_Ehdr, e_version), 4, EV_CURRENT);
	store_le(to + offsetof(Elf64_Ehdr, e_phoff), 8, sizeof(Elf64_Ehdr));
	store_le(to + offsetof(Elf64_Ehdr, e_ehsize), 2, sizeof(Elf64_Ehdr));
	store_le(to + offsetof(Elf64_Ehdr, e_phentsize), 2, sizeof(Elf64_Phdr));
	store_le(to + offsetof(Elf64_Ehdr, e_phnum), 2, count);
}

/* One program header: the bytes lie at `content`, and belong to `range` of the dead kernel. */
static uint8_t *write_header(uint8_t *to, uint32_t type, struct range range, uint64_t content,
			     uint64_t virtual)
{
	store_le(to + offsetof(Elf64_Phdr, p_type), 4, type);
	if (type == PT_LOAD)
		store_le(to + offsetof(Elf64_Phdr, p_flags), 4, PF_R | PF_W | PF_X);
	store_le(to + offsetof(Elf64_Phdr, p_offset), 8, content);
	store_le(to + offsetof(Elf64_Phdr, p_vaddr), 8, virtual);
	store_le(to + offsetof(Elf64_Phdr, p_paddr), 8, range.start);
	store_le(to + offsetof(Elf64_Phdr, p_filesz), 8, range_size(range));
	store_le(to + offsetof(Elf64_Phdr, p_memsz), 8, range_size(range));
	return to + sizeof(Elf64_Phdr);
}

static uint8_t *write_note(uint8_t *to, struct range note)
{
	return write_header(to, PT_NOTE, note, note.start, 0);
}

static uint8_t *write_range(const struct elfcorehdr_source *source, struct range range, uint8_t *to)
{
	struct range parts[3];
	unsigned int count = parts_of(range, source->backed_up, parts);

	for (unsigned int i = 0; i < count; i++) {
		uint64_t content = parts[i].start;

		if (range_overlaps(parts[i], source->backed_up))
			content = source->backup + (content - source->backed_up.start);
		to = write_header(to, PT_LOAD, parts[i], content,
				  parts[i].start + source->crash->mapping.linear);
	}
	return to;
}

void elfcorehdr_write(const struct elfcorehdr_source *source, uint8_t *to)
{
	const struct machine_crash *crash = source->crash;

	write_file_header(source, count_headers(source), to);
	to += sizeof(Elf64_Ehdr);
	for (size_t i = 0; i < crash->cpu_count; i++)
		to = write_note(to, crash->cpus[i].notes);
	to = write_note(to, crash->vmcoreinfo);
	if (range_size(crash->mapping.text))
		to = write_header(to, PT_LOAD, crash->mapping.text, crash->mapping.text.start,
				  crash->mapping.text_virtual);
	for (size_t i = 0; i < source->dumped->count; i++)
		to = write_range(source, source->dumped->regions[i].range, to);
}
