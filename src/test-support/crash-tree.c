/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/crash-tree.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "test-support/test.h"

static void write_iomem(struct machine_tree *tree, uint64_t end, unsigned int more)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fprintf(out, "00000000-00000fff : Reserved\n"
		     "00001000-0009fbff : System RAM\n"
		     "0009fc00-000fffff : Reserved\n"
		     "  000f0000-000fffff : System ROM\n"
		     "00100000-3ffdffff : System RAM\n"
		     "  01000000-01ffffff : Kernel code\n"
		     "  02000000-02ffffff : Kernel rodata\n"
		     "  03000000-030fffff : Kernel data\n"
		     "  03200000-032fffff : Kernel bss\n"
		     "  10000000-10ffffff : Crash kernel\n");
	if (end > CRASH_TREE_START)
		fprintf(out, "  20000000-%08" PRIx64 " : Crash kernel\n", end - 1);
	fprintf(out, "3ffe0000-3fffffff : Reserved\n"
		     "100000000-13fffffff : System RAM\n");
	for (unsigned int i = 0; i < more; i++) {
		uint64_t start = UINT64_C(0x200000000) + i * UINT64_C(0x4000);

		fprintf(out, "%" PRIx64 "-%" PRIx64 " : System RAM\n", start, start + 0x1fff);
	}
	assert_int_equal(fclose(out), 0);
	machine_tree_write(tree, "proc/iomem", text);
	free(text);
}

static void fill_header(uint8_t *header, uint64_t type, uint64_t physical, uint64_t virtual,
			uint64_t size)
{
	store_le(header + offsetof(Elf64_Phdr, p_type), 4, type);
	store_le(header + offsetof(Elf64_Phdr, p_vaddr), 8, virtual);
	store_le(header + offsetof(Elf64_Phdr, p_paddr), 8, physical);
	store_le(header + offsetof(Elf64_Phdr, p_memsz), 8, size);
}

/* As 6.12 orders it: notes, vsyscall page, text, vmalloc, RAM. */
static void write_kcore(struct machine_tree *tree)
{
	uint8_t file[sizeof(Elf64_Ehdr) + 6 * sizeof(Elf64_Phdr) + 100] = {
	    0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT};
	uint8_t *header = file + sizeof(Elf64_Ehdr);

	store_le(file + offsetof(Elf64_Ehdr, e_phoff), 8, sizeof(Elf64_Ehdr));
	store_le(file + offsetof(Elf64_Ehdr, e_phentsize), 2, sizeof(Elf64_Phdr));
	store_le(file + offsetof(Elf64_Ehdr, e_phnum), 2, 6);
	fill_header(header, PT_NOTE, 0, 0, 100);
	fill_header(header += sizeof(Elf64_Phdr), PT_LOAD, UINT64_MAX, UINT64_C(0xffffffffff600000),
		    4096);
	fill_header(header += sizeof(Elf64_Phdr), PT_LOAD, CRASH_TREE_KERNEL_START, CRASH_TREE_TEXT,
		    CRASH_TREE_KERNEL_END - CRASH_TREE_KERNEL_START);
	fill_header(header += sizeof(Elf64_Phdr), PT_LOAD, UINT64_MAX, UINT64_C(0xffffa50000000000),
		    UINT64_C(0x1fffffffffff));
	fill_header(header += sizeof(Elf64_Phdr), PT_LOAD, 0x100000, CRASH_TREE_LINEAR + 0x100000,
		    0x3fee0000);
	fill_header(header += sizeof(Elf64_Phdr), PT_LOAD, UINT64_C(0x100000000),
		    CRASH_TREE_LINEAR + UINT64_C(0x100000000), 0x40000000);
	folder_write(&tree->folder, "proc/kcore", file, sizeof(file));
}

void crash_tree_add_cpu(struct machine_tree *tree, unsigned int number)
{
	char path[80], text[32];

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/crash_notes", number);
	snprintf(text, sizeof(text), "%x\n", CRASH_TREE_NOTES + number * 0x1000);
	machine_tree_write(tree, path, text);
	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/crash_notes_size", number);
	snprintf(text, sizeof(text), "%d\n", CRASH_TREE_NOTES_SIZE);
	machine_tree_write(tree, path, text);
}

void crash_tree_reserve(struct machine_tree *tree, uint64_t size)
{
	char text[32];

	write_iomem(tree, CRASH_TREE_START + size, 0);
	snprintf(text, sizeof(text), "%" PRIu64 "\n", size);
	machine_tree_write(tree, "sys/kernel/kexec_crash_size", text);
}

void crash_tree_add_ranges(struct machine_tree *tree, unsigned int count)
{
	write_iomem(tree, CRASH_TREE_END, count);
}

void crash_tree_add(struct machine_tree *tree)
{
	char text[64];

	crash_tree_reserve(tree, CRASH_TREE_END - CRASH_TREE_START);
	snprintf(text, sizeof(text), "0x%016x 1000\n", CRASH_TREE_VMCOREINFO);
	machine_tree_write(tree, "sys/kernel/vmcoreinfo", text);
	crash_tree_add_cpu(tree, 0);
	crash_tree_add_cpu(tree, 1);
	write_kcore(tree);
}
