/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/kernel-file.h"

#include <string.h>

#include "base/bytes.h"
#include "image/bzimage.h"
#include "test-support/gzip.h"
#include "test-support/vmlinux-file.h"

#define VERSION_OFFSET 0x500

void kernel_file_fill(uint8_t file[KERNEL_FILE_SIZE])
{
	static const char version[] = KERNEL_FILE_VERSION " (builder@host) #1 SMP";

	uint8_t vmlinux[VMLINUX_FILE_MAX];
	uint64_t size = vmlinux_file_fill(vmlinux, VMLINUX_TWO_LISTS);

	memset(file, 0, KERNEL_FILE_OFFSET);
	for (uint32_t i = KERNEL_FILE_OFFSET; i < KERNEL_FILE_SIZE; i++)
		file[i] = (uint8_t)(i * 7 + i / 256);
	file[HEADER_SETUP_SECTS] = KERNEL_FILE_SECTORS;
	store_le(file + HEADER_SYSSIZE, 4, KERNEL_FILE_BODY / 16);
	store_le(file + HEADER_BOOT_FLAG, 2, 0xaa55);
	file[HEADER_JUMP] = 0xeb;
	file[HEADER_JUMP_LENGTH] = 0x6a;
	memcpy(file + HEADER_MAGIC, "HdrS", 4);
	store_le(file + HEADER_PROTOCOL, 2, 0x20f);
	store_le(file + HEADER_KERNEL_VERSION, 2, VERSION_OFFSET - 512);
	file[HEADER_LOADFLAGS] = BZIMAGE_LOADED_HIGH;
	store_le(file + HEADER_INITRD_ADDR_MAX, 4, 0x7fffffff);
	store_le(file + HEADER_KERNEL_ALIGNMENT, 4, 0x200000);
	file[HEADER_RELOCATABLE] = 1;
	store_le(file + HEADER_XLOADFLAGS, 2,
		 BZIMAGE_XLF_KERNEL_64 | BZIMAGE_XLF_ABOVE_4G | BZIMAGE_XLF_EFI_KEXEC |
		     BZIMAGE_XLF_5LEVEL | BZIMAGE_XLF_5LEVEL_ENABLED);
	store_le(file + HEADER_CMDLINE_SIZE, 4, KERNEL_FILE_COMMAND_LINE_MAX);
	store_le(file + HEADER_PAYLOAD_OFFSET, 4, KERNEL_FILE_PAYLOAD);
	size = gzip_wrap(file + KERNEL_FILE_OFFSET + KERNEL_FILE_PAYLOAD, vmlinux, size);
	store_le(file + HEADER_PAYLOAD_LENGTH, 4, size);
	store_le(file + HEADER_PREF_ADDRESS, 8, 0x1000000);
	store_le(file + HEADER_INIT_SIZE, 4, KERNEL_FILE_INIT_SIZE);
	memcpy(file + VERSION_OFFSET, version, sizeof(version));
}
