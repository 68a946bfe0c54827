/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/boot-params.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/linux-x86/layout.h"
#include "image/bzimage.h"
#include "machine/firmware.h"

/*
 * What describes the machine and holds for the next kernel too. Left out is what a boot loader or
 * the old kernel wrote for itself: the command line, the initrd, the memory map, and tboot's
 * address, which is not there to be called a second time.
 */
static const struct {
	uint16_t offset, size;
} kept_fields[] = {
    {BP_SCREEN_INFO, BP_SCREEN_INFO_SIZE},
    {BP_APM_BIOS_INFO, BP_APM_BIOS_INFO_SIZE},
    {BP_IST_INFO, BP_IST_INFO_SIZE},
    {BP_ACPI_RSDP_ADDR, BP_ACPI_RSDP_ADDR_SIZE},
    {BP_EDID_INFO, BP_EDID_INFO_SIZE},
    {BP_EDDBUF_ENTRIES, 1},
    {BP_EDD_MBR_SIG_ENTRIES, 1},
    {BP_KBD_STATUS, 1},
    {BP_SECURE_BOOT, 1},
    {BP_HARDWARE_SUBARCH, BP_HARDWARE_SUBARCH_SIZE},
    {BP_EDD_MBR_SIG_BUFFER, BP_EDD_MBR_SIG_BUFFER_SIZE},
    {BP_EDDBUF, BP_EDDBUF_SIZE},
};

static void keep_machine_fields(uint8_t *page, const uint8_t *running)
{
	for (size_t i = 0; i < sizeof(kept_fields) / sizeof(*kept_fields); i++)
		memcpy(page + kept_fields[i].offset, running + kept_fields[i].offset,
		       kept_fields[i].size);
	/* A size of memory from before there were memory maps. */
	memset(page + BP_SCREEN_EXT_MEM_K, 0, BP_SCREEN_EXT_MEM_K_SIZE);
}

static void split_store(uint8_t *page, uint16_t low, uint16_t high, uint64_t value)
{
	store_le(page + low, 4, value & UINT32_MAX);
	store_le(page + high, 4, value >> 32);
}

void e820_entry_fill(uint8_t *entry, const struct region *region)
{
	store_le(entry, 8, region->range.start);
	store_le(entry + 8, 8, range_size(region->range));
	store_le(entry + 16, 4, region->type);
}

static void fill_memory_map(uint8_t *page, const struct map *told)
{
	size_t count = told->count < E820_TABLE_MAX ? told->count : E820_TABLE_MAX;

	page[BP_E820_ENTRIES] = (uint8_t)count;
	for (size_t i = 0; i < count; i++)
		e820_entry_fill(page + BP_E820_TABLE + i * E820_ENTRY_SIZE, &told->regions[i]);
}

static void fill_efi(uint8_t *page, const uint8_t *running,
		     const struct boot_params_addresses *addresses)
{
	uint8_t *info = page + BP_EFI_INFO;

	memcpy(info, running + BP_EFI_INFO, BP_EFI_INFO_SIZE);
	store_le(info + EFI_INFO_MEMDESC_SIZE, 4, EFI_DESCRIPTOR_SIZE);
	store_le(info + EFI_INFO_MEMDESC_VERSION, 4, 1);
	store_le(info + EFI_INFO_MEMMAP, 4, addresses->efi_map & UINT32_MAX);
	store_le(info + EFI_INFO_MEMMAP_HI, 4, addresses->efi_map >> 32);
	store_le(info + EFI_INFO_MEMMAP_SIZE, 4, addresses->efi_map_size);
}

void boot_params_fill(uint8_t *page, const struct bzimage *image,
		      const struct machine_firmware *firmware, const struct map *told,
		      const struct boot_params_addresses *addresses)
{
	memcpy(page + SETUP_HEADER_START, image->header, image->header_size);
	if (firmware->boot_params_fact == FACT_KNOWN)
		keep_machine_fields(page, firmware->boot_params);
	/* The EFI stub leaves the field empty: the kernel asks EFI, which the next one may not. */
	if (load_le(page + BP_ACPI_RSDP_ADDR, BP_ACPI_RSDP_ADDR_SIZE) == 0)
		store_le(page + BP_ACPI_RSDP_ADDR, BP_ACPI_RSDP_ADDR_SIZE, firmware->acpi_rsdp);
	if (addresses->efi_map_size)
		fill_efi(page, firmware->boot_params, addresses);
	fill_memory_map(page, told);
	/* Or the kernel randomises nothing else, either: modules, its map of memory. What the file
	 * says of it means nothing: a decompressor takes it away, too. */
	page[BP_LOADFLAGS] &= (uint8_t)~BZIMAGE_KASLR;
	if (addresses->randomised)
		page[BP_LOADFLAGS] |= BZIMAGE_KASLR;
	page[BP_TYPE_OF_LOADER] = TYPE_OF_LOADER_KEXEC;
	split_store(page, BP_CMD_LINE_PTR, BP_EXT_CMD_LINE_PTR, addresses->command_line);
	split_store(page, BP_RAMDISK_IMAGE, BP_EXT_RAMDISK_IMAGE, addresses->initrd);
	split_store(page, BP_RAMDISK_SIZE, BP_EXT_RAMDISK_SIZE, addresses->initrd_size);
	store_le(page + BP_SETUP_DATA, 8, addresses->setup_data);
}
