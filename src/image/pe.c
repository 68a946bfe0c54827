/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pe.h"

#include <string.h>

/* Offsets in the file, and in the headers. */
enum {
	OFFSET_SIGNATURE_OFFSET = 0x3c,
	SIGNATURE_SIZE = 4,
	COFF_MACHINE = 0,
	COFF_SECTION_COUNT = 2,
	COFF_OPTIONAL_SIZE = 16,
	COFF_SIZE = 20,
	SECTION_VIRTUAL_SIZE = 8,
	SECTION_RAW_SIZE = 16,
	SECTION_RAW_OFFSET = 20,
	SECTION_SIZE = 40,
};

/* UEFI 2.10, section 3.5.1.1, beside the PE format's machine types. */
static const struct {
	uint16_t machine;
	const char *name;
} architectures[] = {
    {0x014c, "ia32"}, {0x8664, "x64"},     {0x01c2, "arm"},     {0x01c4, "arm"},
    {0xaa64, "aa64"}, {0x5064, "riscv64"}, {0x5032, "riscv32"}, {0x6264, "loongarch64"},
};

const char *pe_architecture(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(architectures) / sizeof(*architectures); i++)
		if (architectures[i].machine == machine)
			return architectures[i].name;
	return NULL;
}

/* What is virtual only is zeros; what is raw only fills up a block of the file. */
static const char *read_section(struct pe_section *section, struct bytes head, uint64_t at,
				uint64_t file_size)
{
	uint32_t virtual_size, raw_size, raw_offset;

	if (!bytes_have(head, at, SECTION_SIZE) ||
	    !bytes_le32(head, at + SECTION_VIRTUAL_SIZE, &virtual_size) ||
	    !bytes_le32(head, at + SECTION_RAW_SIZE, &raw_size) ||
	    !bytes_le32(head, at + SECTION_RAW_OFFSET, &raw_offset))
		return "its section table is not in the first 64 KiB";
	*section = (struct pe_section){
	    .offset = raw_offset,
	    .size = virtual_size < raw_size ? virtual_size : raw_size,
	};
	memcpy(section->name, head.data + at, PE_NAME_SIZE);
	if (section->offset > file_size || section->size > file_size - section->offset)
		return "a section lies behind the file's end";
	return NULL;
}

const char *pe_read(struct pe *pe, struct bytes head, uint64_t file_size)
{
	uint16_t count, optional_size;
	uint32_t signature;
	uint64_t at;

	pe->machine = 0;
	pe->count = 0;
	if (!bytes_match(head, 0, "MZ", 2) ||
	    !bytes_le32(head, OFFSET_SIGNATURE_OFFSET, &signature))
		return "it has no MZ header";
	if (!bytes_match(head, signature, "PE\0\0", SIGNATURE_SIZE))
		return "it has no PE header";
	at = (uint64_t)signature + SIGNATURE_SIZE;
	if (!bytes_le16(head, at + COFF_MACHINE, &pe->machine) ||
	    !bytes_le16(head, at + COFF_SECTION_COUNT, &count) ||
	    !bytes_le16(head, at + COFF_OPTIONAL_SIZE, &optional_size))
		return "its PE header is cut off";
	if (count > PE_SECTIONS_MAX)
		return "it has more than 512 sections";
	at += COFF_SIZE + (uint64_t)optional_size;
	for (unsigned int i = 0; i < count; i++, at += SECTION_SIZE) {
		const char *why = read_section(&pe->sections[i], head, at, file_size);

		if (why)
			return why;
		pe->count = i + 1;
	}
	return NULL;
}

static const struct pe_section *find_between(const struct pe *pe, size_t from, size_t to,
					     const char *name)
{
	for (size_t i = from; i < to; i++)
		if (strcmp(pe->sections[i].name, name) == 0)
			return &pe->sections[i];
	return NULL;
}

/* Where the sections of a profile begin: at its .profile; pe->count when there is none. */
static size_t profile_start(const struct pe *pe, unsigned int profile)
{
	for (size_t i = 0; i < pe->count; i++)
		if (strcmp(pe->sections[i].name, ".profile") == 0 && profile-- == 0)
			return i;
	return pe->count;
}

const struct pe_section *pe_find(const struct pe *pe, unsigned int profile, const char *name)
{
	size_t start = profile_start(pe, profile);
	const struct pe_section *own =
	    find_between(pe, start, profile_start(pe, profile + 1), name);

	return own ?: find_between(pe, 0, profile_start(pe, 0), name);
}

unsigned int pe_profiles(const struct pe *pe)
{
	unsigned int count = 0;

	while (profile_start(pe, count) < pe->count)
		count++;
	return count > 0 ? count : 1;
}
