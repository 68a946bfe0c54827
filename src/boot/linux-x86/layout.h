/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where things are in struct boot_params and its friends, as offsets, so that the protocol is
 * compiled on every host. test-layout.c holds them against asm/bootparam.h on x86.
 *
 * Sources: Documentation/arch/x86/boot.rst and zero-page.rst, arch/x86/include/uapi/asm/bootparam.h
 * and setup_data.h in the kernel.
 */
#pragma once

enum {
	/* struct boot_params */
	BP_SCREEN_INFO = 0x000,
	BP_SCREEN_INFO_SIZE = 0x40,
	BP_APM_BIOS_INFO = 0x040,
	BP_APM_BIOS_INFO_SIZE = 0x14,
	BP_IST_INFO = 0x060,
	BP_IST_INFO_SIZE = 0x10,
	BP_ACPI_RSDP_ADDR = 0x070,
	BP_ACPI_RSDP_ADDR_SIZE = 8,
	BP_EXT_RAMDISK_IMAGE = 0x0c0,
	BP_EXT_RAMDISK_SIZE = 0x0c4,
	BP_EXT_CMD_LINE_PTR = 0x0c8,
	BP_EDID_INFO = 0x140,
	BP_EDID_INFO_SIZE = 0x80,
	BP_EFI_INFO = 0x1c0,
	BP_EFI_INFO_SIZE = 0x20,
	BP_E820_ENTRIES = 0x1e8,
	BP_EDDBUF_ENTRIES = 0x1e9,
	BP_EDD_MBR_SIG_ENTRIES = 0x1ea,
	BP_KBD_STATUS = 0x1eb,
	BP_SECURE_BOOT = 0x1ec,
	BP_TYPE_OF_LOADER = 0x210,
	BP_LOADFLAGS = 0x211,
	BP_RAMDISK_IMAGE = 0x218,
	BP_RAMDISK_SIZE = 0x21c,
	BP_CMD_LINE_PTR = 0x228,
	BP_HARDWARE_SUBARCH = 0x23c,
	BP_HARDWARE_SUBARCH_SIZE = 12, /* with hardware_subarch_data */
	BP_SETUP_DATA = 0x250,
	BP_EDD_MBR_SIG_BUFFER = 0x290,
	BP_EDD_MBR_SIG_BUFFER_SIZE = 0x40,
	BP_E820_TABLE = 0x2d0,
	BP_EDDBUF = 0xd00,
	BP_EDDBUF_SIZE = 0x1ec,

	/* struct screen_info, inside boot_params */
	BP_SCREEN_EXT_MEM_K = 0x002,
	BP_SCREEN_EXT_MEM_K_SIZE = 2,

	/* struct efi_info, from BP_EFI_INFO on */
	EFI_INFO_MEMDESC_SIZE = 0x08,
	EFI_INFO_MEMDESC_VERSION = 0x0c,
	EFI_INFO_MEMMAP = 0x10,
	EFI_INFO_MEMMAP_SIZE = 0x14,
	EFI_INFO_MEMMAP_HI = 0x1c,

	/* struct boot_e820_entry: address, size, type, packed */
	E820_ENTRY_SIZE = 20,
	E820_TABLE_MAX = 128,

	/* struct setup_data: next, type, length, then the payload */
	SETUP_DATA_HEADER_SIZE = 16,
	SETUP_DATA_E820_EXT = 1,
	SETUP_DATA_EFI = 4,
	SETUP_DATA_RNG_SEED = 9,

	/* struct efi_setup_data, the payload of SETUP_DATA_EFI */
	EFI_SETUP_VENDOR = 0,
	EFI_SETUP_TABLES = 16,
	EFI_SETUP_SMBIOS = 24,
	EFI_SETUP_SIZE = 32 + 64,

	/* efi_memory_desc_t, UEFI 2.10 section 7.2 */
	EFI_DESCRIPTOR_SIZE = 40,

	/* hdr.type_of_loader: 0xD is kexec (boot.rst, "Assigned boot loader IDs") */
	TYPE_OF_LOADER_KEXEC = 0xd0,
};
