/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled only where asm/bootparam.h is, which is on x86. */
#include "boot/linux-x86/layout.h"

#include <asm/bootparam.h>

#include "image/bzimage.h"
#include "machine/firmware.h"
#include "test-support/kernel-file.h"
#include "test-support/test.h"

#define OFFSET(field) offsetof(struct boot_params, field)
#define SIZE(field)   sizeof(((struct boot_params *)0)->field)
#define ROW(number, value)                                                                         \
	{                                                                                          \
#number, (number), (value)                                                         \
	}

static void test_offsets_and_sizes_are_those_of_the_kernels_header(void **state)
{
	static const struct {
		const char *name;
		size_t ours, theirs;
	} rows[] = {
	    ROW(BOOT_PARAMS_SIZE, sizeof(struct boot_params)),
	    ROW(BP_SCREEN_INFO, OFFSET(screen_info)),
	    ROW(BP_SCREEN_INFO_SIZE, SIZE(screen_info)),
	    ROW(BP_SCREEN_EXT_MEM_K, offsetof(struct screen_info, ext_mem_k)),
	    ROW(BP_SCREEN_EXT_MEM_K_SIZE, sizeof(((struct screen_info *)0)->ext_mem_k)),
	    ROW(BP_APM_BIOS_INFO, OFFSET(apm_bios_info)),
	    ROW(BP_APM_BIOS_INFO_SIZE, SIZE(apm_bios_info)),
	    ROW(BP_IST_INFO, OFFSET(ist_info)),
	    ROW(BP_IST_INFO_SIZE, SIZE(ist_info)),
	    ROW(BP_ACPI_RSDP_ADDR, OFFSET(acpi_rsdp_addr)),
	    ROW(BP_ACPI_RSDP_ADDR_SIZE, SIZE(acpi_rsdp_addr)),
	    ROW(BP_EXT_RAMDISK_IMAGE, OFFSET(ext_ramdisk_image)),
	    ROW(BP_EXT_RAMDISK_SIZE, OFFSET(ext_ramdisk_size)),
	    ROW(BP_EXT_CMD_LINE_PTR, OFFSET(ext_cmd_line_ptr)),
	    ROW(BP_EDID_INFO, OFFSET(edid_info)),
	    ROW(BP_EDID_INFO_SIZE, SIZE(edid_info)),
	    ROW(BP_EFI_INFO, OFFSET(efi_info)),
	    ROW(BP_EFI_INFO_SIZE, SIZE(efi_info)),
	    ROW(EFI_INFO_MEMDESC_SIZE, offsetof(struct efi_info, efi_memdesc_size)),
	    ROW(EFI_INFO_MEMDESC_VERSION, offsetof(struct efi_info, efi_memdesc_version)),
	    ROW(EFI_INFO_MEMMAP, offsetof(struct efi_info, efi_memmap)),
	    ROW(EFI_INFO_MEMMAP_SIZE, offsetof(struct efi_info, efi_memmap_size)),
	    ROW(EFI_INFO_MEMMAP_HI, offsetof(struct efi_info, efi_memmap_hi)),
	    ROW(BP_E820_ENTRIES, OFFSET(e820_entries)),
	    ROW(BP_EDDBUF_ENTRIES, OFFSET(eddbuf_entries)),
	    ROW(BP_EDD_MBR_SIG_ENTRIES, OFFSET(edd_mbr_sig_buf_entries)),
	    ROW(BP_KBD_STATUS, OFFSET(kbd_status)),
	    ROW(BP_SECURE_BOOT, OFFSET(secure_boot)),
	    ROW(BP_TYPE_OF_LOADER, OFFSET(hdr.type_of_loader)),
	    ROW(BP_RAMDISK_IMAGE, OFFSET(hdr.ramdisk_image)),
	    ROW(BP_RAMDISK_SIZE, OFFSET(hdr.ramdisk_size)),
	    ROW(BP_CMD_LINE_PTR, OFFSET(hdr.cmd_line_ptr)),
	    ROW(BP_HARDWARE_SUBARCH, OFFSET(hdr.hardware_subarch)),
	    ROW(BP_HARDWARE_SUBARCH_SIZE,
		SIZE(hdr.hardware_subarch) + SIZE(hdr.hardware_subarch_data)),
	    ROW(BP_SETUP_DATA, OFFSET(hdr.setup_data)),
	    ROW(BP_EDD_MBR_SIG_BUFFER, OFFSET(edd_mbr_sig_buffer)),
	    ROW(BP_EDD_MBR_SIG_BUFFER_SIZE, SIZE(edd_mbr_sig_buffer)),
	    ROW(BP_E820_TABLE, OFFSET(e820_table)),
	    ROW(BP_EDDBUF, OFFSET(eddbuf)),
	    ROW(BP_EDDBUF_SIZE, SIZE(eddbuf)),
	    ROW(E820_ENTRY_SIZE, sizeof(struct boot_e820_entry)),
	    ROW(E820_TABLE_MAX, E820_MAX_ENTRIES_ZEROPAGE),
	    ROW(SETUP_DATA_HEADER_SIZE, sizeof(struct setup_data)),
	    ROW(SETUP_DATA_E820_EXT, SETUP_E820_EXT),
	    ROW(SETUP_DATA_EFI, SETUP_EFI),
	    ROW(SETUP_HEADER_START, OFFSET(hdr)),
	    ROW(SETUP_HEADER_MAX_END, OFFSET(edd_mbr_sig_buffer)),
	    ROW(BZIMAGE_LOADED_HIGH, LOADED_HIGH),
	    ROW(BZIMAGE_XLF_KERNEL_64, XLF_KERNEL_64),
	    ROW(BZIMAGE_XLF_ABOVE_4G, XLF_CAN_BE_LOADED_ABOVE_4G),
	    ROW(BZIMAGE_XLF_EFI_KEXEC, XLF_EFI_KEXEC),
	    ROW(BZIMAGE_XLF_5LEVEL, XLF_5LEVEL),
#ifdef SETUP_RNG_SEED /* Linux 6.0 */
	    ROW(SETUP_DATA_RNG_SEED, SETUP_RNG_SEED),
#endif
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_row(rows[i].name, rows[i].ours == rows[i].theirs);
}

/* The tests' own offsets, by which bzimage.c is tested in turn. */
static void test_the_test_kernels_fields_are_those_of_the_kernels_header(void **state)
{
	static const struct {
		const char *name;
		size_t ours, theirs;
	} rows[] = {
	    ROW(HEADER_SETUP_SECTS, OFFSET(hdr.setup_sects)),
	    ROW(HEADER_SYSSIZE, OFFSET(hdr.syssize)),
	    ROW(HEADER_BOOT_FLAG, OFFSET(hdr.boot_flag)),
	    ROW(HEADER_JUMP, OFFSET(hdr.jump)),
	    ROW(HEADER_JUMP_LENGTH, OFFSET(hdr.jump) + 1),
	    ROW(HEADER_MAGIC, OFFSET(hdr.header)),
	    ROW(HEADER_PROTOCOL, OFFSET(hdr.version)),
	    ROW(HEADER_KERNEL_VERSION, OFFSET(hdr.kernel_version)),
	    ROW(HEADER_LOADFLAGS, OFFSET(hdr.loadflags)),
	    ROW(HEADER_INITRD_ADDR_MAX, OFFSET(hdr.initrd_addr_max)),
	    ROW(HEADER_KERNEL_ALIGNMENT, OFFSET(hdr.kernel_alignment)),
	    ROW(HEADER_RELOCATABLE, OFFSET(hdr.relocatable_kernel)),
	    ROW(HEADER_XLOADFLAGS, OFFSET(hdr.xloadflags)),
	    ROW(HEADER_CMDLINE_SIZE, OFFSET(hdr.cmdline_size)),
	    ROW(HEADER_PAYLOAD_OFFSET, OFFSET(hdr.payload_offset)),
	    ROW(HEADER_PAYLOAD_LENGTH, OFFSET(hdr.payload_length)),
	    ROW(HEADER_PREF_ADDRESS, OFFSET(hdr.pref_address)),
	    ROW(HEADER_INIT_SIZE, OFFSET(hdr.init_size)),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_row(rows[i].name, rows[i].ours == rows[i].theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_offsets_and_sizes_are_those_of_the_kernels_header),
	    cmocka_unit_test(test_the_test_kernels_fields_are_those_of_the_kernels_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
