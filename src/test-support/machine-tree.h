/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A folder that stands in for a machine: the files of /proc, /sys and /run of a guest with 2 GiB,
 * started by its BIOS, with a serial console, on which everything is allowed. A test then changes
 * the file that it is about.
 */
#pragma once

#include <stdint.h>

#include "base/root.h"
#include "test-support/folder.h"

struct machine_tree {
	struct folder folder;
	struct root root;
};

enum {
	MACHINE_TREE_SERIAL_PORT = 0x3f8,
	MACHINE_TREE_FIRMWARE_RANGES = 5,
	MACHINE_TREE_EFI_SYSTEM_TABLE = 0x21230,
	MACHINE_TREE_EFI_CONFIG_TABLES = 0x30010,
};

void machine_tree_make(struct machine_tree *tree);
void machine_tree_remove(struct machine_tree *tree);

/* As setup and teardown of a cmocka test: *state becomes a struct machine_tree. */
int machine_tree_setup(void **state);
int machine_tree_teardown(void **state);
#define TREE_TEST(name)                                                                            \
	cmocka_unit_test_setup_teardown(name, machine_tree_setup, machine_tree_teardown)

/* Writes, replaces or removes a file of the machine. */
void machine_tree_write(struct machine_tree *tree, const char *name, const char *text);
void machine_tree_delete(struct machine_tree *tree, const char *name);

/* One range of /sys/firmware/memmap; `last` is inclusive, as there. */
void machine_tree_add_range(struct machine_tree *tree, unsigned int index, uint64_t first,
			    uint64_t last, const char *type);

/*
 * What /dev/mem shows of EFI's tables, and in boot_params the address of the first: a system table
 * that says it has `claimed` configuration tables, and `count` of those, at these pointers. It goes
 * with machine_tree_add_efi(), before or after.
 */
void machine_tree_add_efi_tables(struct machine_tree *tree, const uint64_t *pointers,
				 unsigned int count, uint64_t claimed);

/* /sys/firmware/efi with `count` ranges in its runtime map. */
void machine_tree_add_efi(struct machine_tree *tree, unsigned int count);
