/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ELF file of an x86-64 kernel with its relocations, as small as can be: text, and further up
 * data with zeros behind it that are only in memory.
 */
#pragma once

#include <stdint.h>

/* Where things are in the file; the two parts are closer together in memory than there. */
enum {
	VMLINUX_TEXT = 0x200,
	VMLINUX_TEXT_SIZE = 0x180,
	VMLINUX_DATA = 0x600,
	VMLINUX_DATA_SIZE = 0x100,
	VMLINUX_TABLE = VMLINUX_DATA + VMLINUX_DATA_SIZE, /* of relocations */
	VMLINUX_FILE_MAX = VMLINUX_TABLE + 64,

	/* From the text's start, in memory. */
	VMLINUX_DATA_START = 0x200,
	VMLINUX_MEMORY_SIZE = 0x3000,
	VMLINUX_ENTRY = 0x40,
	/* Places of addresses that are relocated. */
	VMLINUX_PLACE_32 = 0x11,
	VMLINUX_PLACE_64 = VMLINUX_DATA_START + 0x20,
	VMLINUX_PLACE_INVERSE = VMLINUX_DATA_START + 0x31,

	VMLINUX_PHYSICAL = 0x1000000,
};

#define VMLINUX_VIRTUAL UINT64_C(0xffffffff81000000)

enum vmlinux_table {
	VMLINUX_NO_TABLE,
	VMLINUX_TWO_LISTS,
	VMLINUX_THREE_LISTS, /* with that of inverse relocations */
};

/* The file's size. */
uint64_t vmlinux_file_fill(uint8_t file[VMLINUX_FILE_MAX], enum vmlinux_table table);
