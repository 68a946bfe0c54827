/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/machine-tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "machine/firmware.h"
#include "test-support/test.h"

static const struct {
	const char *name, *text;
} files[] = {
    {"proc/iomem", "00000000-00000fff : Reserved\n"
		   "00001000-0009fbff : System RAM\n"
		   "0009fc00-000fffff : Reserved\n"
		   "  000a0000-000bffff : PCI Bus 0000:00\n"
		   "  000f0000-000fffff : System ROM\n"
		   "00100000-3ffdffff : System RAM\n"
		   "  01000000-01ffffff : Kernel code\n"
		   "  02000000-02ffffff : Kernel rodata\n"
		   "  03000000-030fffff : Kernel data\n"
		   "  03200000-032fffff : Kernel bss\n"
		   "3ffe0000-3fffffff : Reserved\n"
		   "fec00000-fec003ff : IOAPIC 0\n"
		   "100000000-13fffffff : System RAM\n"},
    {"proc/meminfo", "MemTotal:        2031616 kB\nMemFree:         1500000 kB\n"
		     "MemAvailable:    1800000 kB\n"},
    {"proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet\n"},
    {"proc/cpuinfo", "processor\t: 0\nmodel name\t: test\nflags\t\t: fpu sse2 nx lm\n\n"},
    {"proc/self/status", "Name:\tkexec\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n"},
    {"proc/sys/kernel/osrelease", "6.12.0-test\n"},
    {"proc/sys/kernel/kexec_load_disabled", "0\n"},
    {"sys/kernel/kexec_loaded", "0\n"},
    {"sys/kernel/kexec_crash_loaded", "0\n"},
    {"sys/kernel/security/lockdown", "[none] integrity confidentiality\n"},
    {"sys/class/tty/console/active", "tty0 ttyS0\n"},
    {"sys/class/tty/ttyS0/io_type", "0\n"},
    {"sys/class/tty/ttyS0/type", "4\n"},
    {"sys/class/tty/ttyS0/port", "0x3F8\n"},
    {"dev/kmsg", "4,1,1,-;an older line\n"},
    {"run/motd", "so that there is a /run\n"},
};

void machine_tree_write(struct machine_tree *tree, const char *name, const char *text)
{
	folder_text(&tree->folder, name, text);
}

void machine_tree_delete(struct machine_tree *tree, const char *name)
{
	folder_delete(&tree->folder, name);
}

static void write_number(struct machine_tree *tree, const char *folder, unsigned int index,
			 const char *name, uint64_t number)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), "%s/%u/%s", folder, index, name);
	snprintf(text, sizeof(text), "0x%" PRIx64 "\n", number);
	machine_tree_write(tree, path, text);
}

void machine_tree_add_range(struct machine_tree *tree, unsigned int index, uint64_t first,
			    uint64_t last, const char *type)
{
	char path[96], line[80];

	write_number(tree, "sys/firmware/memmap", index, "start", first);
	write_number(tree, "sys/firmware/memmap", index, "end", last);
	snprintf(path, sizeof(path), "sys/firmware/memmap/%u/type", index);
	snprintf(line, sizeof(line), "%s\n", type);
	machine_tree_write(tree, path, line);
}

void machine_tree_add_efi(struct machine_tree *tree, unsigned int count)
{
	machine_tree_write(tree, "sys/firmware/efi/fw_vendor", "0x7f000001\n");
	machine_tree_write(tree, "sys/firmware/efi/runtime", "0x7f000002\n");
	machine_tree_write(tree, "sys/firmware/efi/config_table", "0x7f000003\n");
	machine_tree_write(tree, "sys/firmware/efi/systab", "ACPI20=0x7f7e014\nSMBIOS=0x7f5d000\n");
	for (unsigned int i = 0; i < count; i++) {
		static const char folder[] = "sys/firmware/efi/runtime-map";

		write_number(tree, folder, i, "type", 5 + i % 2);
		write_number(tree, folder, i, "phys_addr", 0x7f000000 + i * UINT64_C(0x10000));
		write_number(tree, folder, i, "virt_addr",
			     UINT64_C(0xfffffffeff000000) + i * UINT64_C(0x10000));
		write_number(tree, folder, i, "num_pages", 16 + i);
		write_number(tree, folder, i, "attribute", UINT64_C(0x800000000000000f));
	}
}

/* UEFI 2.10 sections 4.3 and 4.6; struct efi_info of arch/x86/include/uapi/asm/bootparam.h. */
void machine_tree_add_efi_tables(struct machine_tree *tree, const uint64_t *pointers,
				 unsigned int count, uint64_t claimed)
{
	static uint8_t memory[MACHINE_TREE_EFI_CONFIG_TABLES + 1200 * 24];
	uint8_t boot_params[BOOT_PARAMS_SIZE] = {};
	uint8_t *table = memory + MACHINE_TREE_EFI_CONFIG_TABLES;

	assert_true(count <= 1200);
	memset(memory, 0x55, sizeof(memory));
	memcpy(memory + MACHINE_TREE_EFI_SYSTEM_TABLE, "IBI SYST", 8);
	store_le(memory + MACHINE_TREE_EFI_SYSTEM_TABLE + 104, 8, claimed);
	store_le(memory + MACHINE_TREE_EFI_SYSTEM_TABLE + 112, 8, MACHINE_TREE_EFI_CONFIG_TABLES);
	for (unsigned int i = 0; i < count; i++, table += 24)
		store_le(table + 16, 8, pointers[i]);
	folder_write(&tree->folder, "dev/mem", memory, (size_t)(table - memory));
	memcpy(boot_params + 0x1c0, "EL64", 4);
	store_le(boot_params + 0x1c4, 4, MACHINE_TREE_EFI_SYSTEM_TABLE);
	folder_write(&tree->folder, "sys/kernel/boot_params/data", boot_params,
		     sizeof(boot_params));
}

void machine_tree_make(struct machine_tree *tree)
{
	static const char boot_params[BOOT_PARAMS_SIZE];

	folder_make(&tree->folder);
	for (size_t i = 0; i < ELEMENTS(files); i++)
		machine_tree_write(tree, files[i].name, files[i].text);
	folder_write(&tree->folder, "sys/kernel/boot_params/data", boot_params,
		     sizeof(boot_params));
	machine_tree_add_range(tree, 0, 0, 0x9fbff, "System RAM");
	machine_tree_add_range(tree, 1, 0x9fc00, 0xfffff, "Reserved");
	machine_tree_add_range(tree, 2, 0x100000, 0x3ffdffff, "System RAM");
	machine_tree_add_range(tree, 3, 0x3ffe0000, 0x3fffffff, "Reserved");
	machine_tree_add_range(tree, 4, 0x100000000, 0x13fffffff, "System RAM");
	assert_int_equal(root_open(&tree->root, tree->folder.path, NULL), 0);
}

void machine_tree_remove(struct machine_tree *tree)
{
	root_close(&tree->root);
	folder_remove(&tree->folder);
}

int machine_tree_setup(void **state)
{
	struct machine_tree *tree = calloc(1, sizeof(*tree));

	assert_non_null(tree);
	machine_tree_make(tree);
	*state = tree;
	return 0;
}

int machine_tree_teardown(void **state)
{
	machine_tree_remove(*state);
	free(*state);
	return 0;
}
