/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bzImage that is valid and as small as can be, and the offsets of its fields for tests that
 * damage it. test-layout.c holds the offsets against asm/bootparam.h.
 */
#pragma once

#include <stdint.h>

enum {
	KERNEL_FILE_SECTORS = 3,
	KERNEL_FILE_OFFSET = (KERNEL_FILE_SECTORS + 1) * 512, /* of the protected-mode part */
	KERNEL_FILE_BODY = 0x1800,                            /* size of that part */
	KERNEL_FILE_SIZE = KERNEL_FILE_OFFSET + KERNEL_FILE_BODY,
	KERNEL_FILE_PAYLOAD = 0x200, /* its offset there */
	KERNEL_FILE_INIT_SIZE = 0x20000,
	KERNEL_FILE_COMMAND_LINE_MAX = 2047,

	HEADER_SETUP_SECTS = 0x1f1,
	HEADER_SYSSIZE = 0x1f4,
	HEADER_BOOT_FLAG = 0x1fe,
	HEADER_JUMP = 0x200,
	HEADER_JUMP_LENGTH = 0x201,
	HEADER_MAGIC = 0x202,
	HEADER_PROTOCOL = 0x206,
	HEADER_KERNEL_VERSION = 0x20e,
	HEADER_LOADFLAGS = 0x211,
	HEADER_INITRD_ADDR_MAX = 0x22c,
	HEADER_KERNEL_ALIGNMENT = 0x230,
	HEADER_RELOCATABLE = 0x234,
	HEADER_XLOADFLAGS = 0x236,
	HEADER_CMDLINE_SIZE = 0x238,
	HEADER_PAYLOAD_OFFSET = 0x248,
	HEADER_PAYLOAD_LENGTH = 0x24c,
	HEADER_PREF_ADDRESS = 0x258,
	HEADER_INIT_SIZE = 0x260,
};

#define KERNEL_FILE_VERSION "6.12.0-test"

/*
 * Relocatable, 64-bit, may lie above 4 GiB; inside is the kernel of vmlinux-file.h,
 * gzip-compressed, and the rest is a pattern.
 */
void kernel_file_fill(uint8_t file[KERNEL_FILE_SIZE]);
