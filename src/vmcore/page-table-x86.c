/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/page-table-x86.h"

#include <elf.h>

#include "vmcore/vmcore.h"

#define ADDRESS_MASK UINT64_C(0x000ffffffffff000)

enum { ENTRY_PRESENT = 1, ENTRY_LARGE = 1 << 7, ENTRY_SIZE = 8, PAGE_SHIFT = 12, LEVEL_SHIFT = 9 };

void page_table_x86_find(struct vmcore *vmcore)
{
	const struct vmcoreinfo *info = &vmcore->dump.info;
	/* The newest name comes first. */
	static const char *const names[] = {"init_top_pgt", "init_level4_pgt", "swapper_pg_dir"};
	uint64_t address, size, five = 0, encrypted = 0;

	if (vmcore->dump.machine != EM_X86_64)
		return;
	vmcoreinfo_number(info, "pgtable_l5_enabled", &five);
	vmcoreinfo_number(info, "sme_mask", &encrypted);
	vmcore->levels = five ? 5 : 4;
	vmcore->address_mask = ADDRESS_MASK & ~encrypted;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !vmcore->has_page_table; i++)
		vmcore->has_page_table =
		    vmcoreinfo_symbol(info, names[i], &address) &&
		    vmcore_translate(vmcore, address, &vmcore->page_table, &size, NULL);
}

bool page_table_x86_walk(struct vmcore *vmcore, uint64_t address, uint64_t *physical,
			 uint64_t *size, struct error *error)
{
	uint64_t table = vmcore->page_table;

	if (!vmcore->has_page_table)
		return false;
	for (unsigned int level = vmcore->levels; level > 0; level--) {
		unsigned int shift = PAGE_SHIFT + LEVEL_SHIFT * (level - 1);
		uint64_t index = address >> shift & ((1U << LEVEL_SHIFT) - 1), entry, span;
		uint8_t bytes[ENTRY_SIZE];

		if (dump_read(&vmcore->dump, table + index * ENTRY_SIZE, bytes, sizeof(bytes),
			      error) < sizeof(bytes))
			return false;
		entry = load_ordered(bytes, sizeof(bytes), vmcore->dump.order);
		if (!(entry & ENTRY_PRESENT))
			return false;
		table = entry & vmcore->address_mask;
		if (level > 1 && (level > 3 || !(entry & ENTRY_LARGE)))
			continue;
		span = UINT64_C(1) << shift;
		*physical = (table & ~(span - 1)) + (address & (span - 1));
		*size = span - (address & (span - 1));
		return true;
	}
	return false;
}
