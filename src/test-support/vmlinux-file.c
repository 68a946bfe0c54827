/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/vmlinux-file.h"

#include <elf.h>
#include <string.h>

#include "base/bytes.h"

static void add_entry(uint8_t *file, uint64_t *size, uint64_t place)
{
	store_le(file + *size, 4, place ? VMLINUX_VIRTUAL + place : 0);
	*size += 4;
}

uint64_t vmlinux_file_fill(uint8_t file[VMLINUX_FILE_MAX], enum vmlinux_table table)
{
	const Elf64_Ehdr header = {
	    .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
	    .e_type = ET_EXEC,
	    .e_machine = EM_X86_64,
	    .e_version = EV_CURRENT,
	    .e_entry = VMLINUX_PHYSICAL + VMLINUX_ENTRY,
	    .e_phoff = sizeof(header),
	    .e_ehsize = sizeof(header),
	    .e_phentsize = sizeof(Elf64_Phdr),
	    .e_phnum = 2,
	};
	const Elf64_Phdr parts[] = {
	    {.p_type = PT_LOAD,
	     .p_offset = VMLINUX_TEXT,
	     .p_vaddr = VMLINUX_VIRTUAL,
	     .p_paddr = VMLINUX_PHYSICAL,
	     .p_filesz = VMLINUX_TEXT_SIZE,
	     .p_memsz = VMLINUX_TEXT_SIZE},
	    {.p_type = PT_LOAD,
	     .p_offset = VMLINUX_DATA,
	     .p_vaddr = VMLINUX_VIRTUAL + VMLINUX_DATA_START,
	     .p_paddr = VMLINUX_PHYSICAL + VMLINUX_DATA_START,
	     .p_filesz = VMLINUX_DATA_SIZE,
	     .p_memsz = VMLINUX_MEMORY_SIZE - VMLINUX_DATA_START},
	};
	uint8_t *data = file + VMLINUX_DATA - VMLINUX_DATA_START;
	uint64_t size = VMLINUX_TABLE;

	memset(file, 0, VMLINUX_FILE_MAX);
	memcpy(file, &header, sizeof(header));
	memcpy(file + sizeof(header), parts, sizeof(parts));
	memset(file + VMLINUX_TEXT, 't', VMLINUX_TEXT_SIZE);
	memset(file + VMLINUX_TEXT + VMLINUX_TEXT_SIZE, 'x',
	       VMLINUX_DATA - VMLINUX_TEXT - VMLINUX_TEXT_SIZE); /* padding that is never loaded */
	memset(file + VMLINUX_DATA, 'd', VMLINUX_DATA_SIZE);
	store_le(file + VMLINUX_TEXT + VMLINUX_PLACE_32, 4, VMLINUX_VIRTUAL + 0x80);
	store_le(data + VMLINUX_PLACE_64, 8, VMLINUX_VIRTUAL + 0x90);
	store_le(data + VMLINUX_PLACE_INVERSE, 4, -(VMLINUX_VIRTUAL + 0xa0));
	if (table == VMLINUX_NO_TABLE)
		return size;
	add_entry(file, &size, 0);
	add_entry(file, &size, VMLINUX_PLACE_64);
	add_entry(file, &size, 0);
	if (table == VMLINUX_THREE_LISTS) {
		add_entry(file, &size, VMLINUX_PLACE_INVERSE);
		add_entry(file, &size, 0);
	}
	add_entry(file, &size, VMLINUX_PLACE_32);
	return size;
}
