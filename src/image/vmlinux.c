/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/vmlinux.h"

#include <elf.h>
#include <string.h>

/* __START_KERNEL_map: Documentation/arch/x86/x86_64/mm.rst. KERNEL_IMAGE_SIZE: page_64_types.h. */
#define VIRTUAL_START UINT64_C(0xffffffff80000000)
#define SPAN_MAX      (UINT64_C(1) << 30)

enum { PARTS_MAX = 16, TABLE_ENTRIES_MAX = 4096 };

/* A part that is loaded: a program header of type PT_LOAD. */
struct part {
	uint64_t offset, file_size;
	uint64_t physical, virtual, memory_size;
};

struct parts {
	struct part list[PARTS_MAX];
	size_t count;
	uint64_t end; /* of all that belongs to the ELF file */
};

static bool in_file(struct bytes file, uint64_t offset, uint64_t size, struct parts *parts)
{
	if (!bytes_have(file, offset, size))
		return false;
	if (offset + size > parts->end)
		parts->end = offset + size;
	return true;
}

static const char *read_header(Elf64_Ehdr *header, struct bytes file)
{
	if (!bytes_have(file, 0, sizeof(*header)) || memcmp(file.data, ELFMAG, SELFMAG) != 0)
		return "what is inside the kernel's image is no ELF file";
	memcpy(header, file.data, sizeof(*header));
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64 || header->e_type != ET_EXEC)
		return "the ELF file inside is not an executable for x86-64";
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum > TABLE_ENTRIES_MAX ||
	    (header->e_shnum && header->e_shentsize != sizeof(Elf64_Shdr)) ||
	    header->e_shnum > TABLE_ENTRIES_MAX)
		return "the ELF file inside has tables of an unknown form";
	return NULL;
}

static const char *read_parts(struct parts *parts, const Elf64_Ehdr *header, struct bytes file)
{
	for (unsigned int i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr phdr;

		memcpy(&phdr, file.data + header->e_phoff + i * sizeof(phdr), sizeof(phdr));
		if (!in_file(file, phdr.p_offset, phdr.p_filesz, parts))
			return "a segment of the ELF file inside lies behind its end";
		if (phdr.p_type != PT_LOAD || phdr.p_memsz == 0)
			continue;
		if (parts->count == PARTS_MAX || phdr.p_filesz > phdr.p_memsz)
			return "the ELF file inside has segments of an unknown form";
		parts->list[parts->count++] = (struct part){
		    .offset = phdr.p_offset,
		    .file_size = phdr.p_filesz,
		    .physical = phdr.p_paddr,
		    .virtual = phdr.p_vaddr,
		    .memory_size = phdr.p_memsz,
		};
	}
	return parts->count ? NULL : "the ELF file inside has nothing to load";
}

/* Only to know where the ELF file ends. */
static const char *read_sections(struct parts *parts, const Elf64_Ehdr *header, struct bytes file)
{
	for (unsigned int i = 0; i < header->e_shnum; i++) {
		Elf64_Shdr shdr;

		memcpy(&shdr, file.data + header->e_shoff + i * sizeof(shdr), sizeof(shdr));
		if (shdr.sh_type != SHT_NOBITS && shdr.sh_type != SHT_NULL &&
		    !in_file(file, shdr.sh_offset, shdr.sh_size, parts))
			return "a section of the ELF file inside lies behind its end";
	}
	return NULL;
}

static const char *read_tables(struct parts *parts, const Elf64_Ehdr *header, struct bytes file)
{
	const char *why;

	if (!in_file(file, header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr), parts) ||
	    !in_file(file, header->e_shnum ? header->e_shoff : 0,
		     header->e_shnum * sizeof(Elf64_Shdr), parts))
		return "a table of the ELF file inside lies behind its end";
	why = read_parts(parts, header, file);
	return why ? why : read_sections(parts, header, file);
}

/*
 * One behind the other in memory and in the file, and in memory no further apart: so each can be
 * moved towards the file's start without meeting one that was not moved yet.
 */
static bool parts_are_in_order(const struct parts *parts)
{
	const struct part *first = parts->list;
	uint64_t memory_end = first->physical, file_end = first->offset;

	if (first->physical > SPAN_MAX)
		return false;
	for (const struct part *part = first; part < first + parts->count; part++) {
		if (part->physical < memory_end || part->offset < file_end ||
		    part->physical - first->physical > part->offset - first->offset ||
		    part->physical - first->physical > SPAN_MAX || part->memory_size > SPAN_MAX)
			return false;
		memory_end = part->physical + part->memory_size;
		file_end = part->offset + part->file_size;
	}
	return memory_end - first->physical <= SPAN_MAX;
}

static bool is_inside(const struct parts *parts, uint64_t address)
{
	for (size_t i = 0; i < parts->count; i++)
		if (address >= parts->list[i].physical &&
		    address - parts->list[i].physical < parts->list[i].file_size)
			return true;
	return false;
}

/* The gaps that this leaves, and what is only in memory, are zeros. */
static void bring_together(struct vmlinux *vmlinux, const struct parts *parts)
{
	const struct part *first = parts->list;
	uint8_t *image = vmlinux->bytes + first->offset;
	uint64_t end = 0;

	for (const struct part *part = first; part < first + parts->count; part++) {
		uint64_t start = part->physical - first->physical;

		memset(image + end, 0, start - end);
		if (start != part->offset - first->offset)
			memmove(image + start, vmlinux->bytes + part->offset, part->file_size);
		end = start + part->file_size;
	}
	vmlinux->content_size = end;
}

const char *vmlinux_read(struct vmlinux *vmlinux, uint8_t *bytes, uint64_t size)
{
	const struct bytes file = {bytes, size};
	const struct part *first, *last;
	struct parts parts = {};
	Elf64_Ehdr header;
	const char *why = read_header(&header, file);

	*vmlinux = (struct vmlinux){.bytes = bytes, .size = size};
	if (!why)
		why = read_tables(&parts, &header, file);
	if (why)
		return why;
	first = parts.list;
	last = first + parts.count - 1;
	if (!parts_are_in_order(&parts) || first->virtual - first->physical != VIRTUAL_START ||
	    first->file_size == 0)
		return "the ELF file inside lies in memory in an unknown way";
	if (!is_inside(&parts, header.e_entry))
		return "the entry of the ELF file inside lies outside of it";
	vmlinux->offset = first->offset;
	vmlinux->physical = first->physical;
	vmlinux->virtual = first->virtual;
	vmlinux->entry = header.e_entry - first->physical;
	align_up(last->physical + last->memory_size - first->physical, PAGE_BYTES,
		 &vmlinux->memory_size);
	if (!relocations_find(&vmlinux->relocations, file, parts.end))
		return "what follows the ELF file inside is no known table of relocations";
	bring_together(vmlinux, &parts);
	return NULL;
}

const char *vmlinux_relocate(struct vmlinux *vmlinux, uint64_t distance)
{
	if (relocations_apply(&vmlinux->relocations, (struct bytes){vmlinux->bytes, vmlinux->size},
			      vmlinux->bytes + vmlinux->offset, vmlinux->content_size,
			      vmlinux->virtual, distance))
		return NULL;
	return "a relocation of the kernel inside lies outside of it";
}

void vmlinux_trim(struct vmlinux *vmlinux)
{
	static const uint8_t zeros[PAGE_BYTES];
	const uint8_t *image = vmlinux->bytes + vmlinux->offset;

	while (vmlinux->content_size > 0) {
		uint64_t last = (vmlinux->content_size - 1) % PAGE_BYTES + 1;

		if (memcmp(image + vmlinux->content_size - last, zeros, last) != 0)
			break;
		vmlinux->content_size -= last;
	}
}
