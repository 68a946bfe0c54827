/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/boot-params.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "boot/linux-x86/layout.h"
#include "image/bzimage.h"
#include "machine/firmware.h"
#include "test-support/kernel-file.h"
#include "test-support/test.h"

#define cleanup_map cleanup_with(map_fini)

static const struct boot_params_addresses no_addresses;

static void read_image(struct bzimage *image)
{
	uint8_t file[KERNEL_FILE_SIZE];

	kernel_file_fill(file);
	assert_int_equal(bzimage_read(image, (struct bytes){file, BZIMAGE_HEAD_SIZE}, sizeof(file),
				      "kernel", NULL),
			 0);
}

/*
 * The bytes that may come from the running kernel, written down a second time and by hand from
 * Documentation/arch/x86/zero-page.rst: what describes the machine.
 */
static bool is_machines_byte(unsigned int offset)
{
	static const struct {
		unsigned int start, end;
	} ranges[] = {
	    {0x000, 0x002}, /* screen_info, up to its obsolete size of memory */
	    {0x004, 0x040}, /* and behind it */
	    {0x040, 0x054}, /* apm_bios_info */
	    {0x060, 0x070}, /* ist_info */
	    {0x070, 0x078}, /* acpi_rsdp_addr */
	    {0x140, 0x1c0}, /* edid_info */
	    {0x1e9, 0x1ed}, /* numbers of EDD entries, keyboard, secure boot */
	    {0x23c, 0x248}, /* hardware_subarch and its data */
	    {0x290, 0x2d0}, /* edd_mbr_sig_buffer */
	    {0xd00, 0xeec}, /* eddbuf */
	};

	for (size_t i = 0; i < ELEMENTS(ranges); i++)
		if (offset >= ranges[i].start && offset < ranges[i].end)
			return true;
	return false;
}

static void test_exactly_the_listed_bytes_come_from_the_running_kernel(void **state)
{
	uint8_t without[BOOT_PARAMS_SIZE] = {}, with[BOOT_PARAMS_SIZE] = {};
	struct machine_firmware firmware = {};
	struct bzimage image;
	struct map told = {};

	(void)state;
	read_image(&image);
	boot_params_fill(without, &image, &firmware, &told, &no_addresses);
	memset(firmware.boot_params, 0xaa, sizeof(firmware.boot_params));
	firmware.boot_params_fact = FACT_KNOWN;
	boot_params_fill(with, &image, &firmware, &told, &no_addresses);
	for (unsigned int i = 0; i < BOOT_PARAMS_SIZE; i++)
		if (with[i] != (is_machines_byte(i) ? 0xaa : without[i]))
			fail_msg("byte 0x%x is 0x%02x", i, with[i]);
}

static void test_unknown_boot_params_are_not_copied(void **state)
{
	uint8_t page[BOOT_PARAMS_SIZE] = {};
	struct machine_firmware firmware = {.boot_params_fact = FACT_UNREADABLE};
	struct bzimage image;
	struct map told = {};

	(void)state;
	read_image(&image);
	memset(firmware.boot_params, 0xaa, sizeof(firmware.boot_params));
	boot_params_fill(page, &image, &firmware, &told, &no_addresses);
	assert_null(memchr(page, 0xaa, HEADER_SETUP_SECTS));
	assert_null(
	    memchr(page + SETUP_HEADER_MAX_END, 0xaa, BOOT_PARAMS_SIZE - SETUP_HEADER_MAX_END));
}

/* EFI's address of the RSDP stands in for one that the field lacks, and only then. */
static void test_an_empty_rsdp_field_is_filled_with_efis_address(void **state)
{
	static const struct {
		enum fact fact;
		uint64_t running, efi, told;
	} rows[] = {
	    {FACT_KNOWN, 0, UINT64_C(0x123456789a), UINT64_C(0x123456789a)},
	    {FACT_KNOWN, 0xe0000, UINT64_C(0x123456789a), 0xe0000},
	    {FACT_KNOWN, UINT64_C(0x100000000), 0xf0000, UINT64_C(0x100000000)},
	    {FACT_KNOWN, 0xe0000, 0, 0xe0000},
	    {FACT_KNOWN, 0, 0, 0},
	    {FACT_UNREADABLE, 0xe0000, 0xf0000, 0xf0000},
	};
	struct bzimage image;
	struct map told = {};

	(void)state;
	read_image(&image);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct machine_firmware firmware = {.boot_params_fact = rows[i].fact,
						    .acpi_rsdp = rows[i].efi};
		uint8_t page[BOOT_PARAMS_SIZE] = {};

		store_le(firmware.boot_params + 0x70, 8, rows[i].running);
		boot_params_fill(page, &image, &firmware, &told, &no_addresses);
		assert_int_equal(load_le(page + 0x70, 8), rows[i].told);
	}
}

static void test_the_header_is_the_images_own(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE], page[BOOT_PARAMS_SIZE] = {};
	struct machine_firmware firmware = {};
	struct bzimage image;
	struct map told = {};

	(void)state;
	read_image(&image);
	kernel_file_fill(file);
	boot_params_fill(page, &image, &firmware, &told, &no_addresses);
	assert_memory_equal(page + HEADER_SETUP_SECTS, file + HEADER_SETUP_SECTS,
			    BP_TYPE_OF_LOADER - HEADER_SETUP_SECTS);
	assert_memory_equal(page + HEADER_INITRD_ADDR_MAX, file + HEADER_INITRD_ADDR_MAX,
			    BP_HARDWARE_SUBARCH - HEADER_INITRD_ADDR_MAX);
	assert_memory_equal(page + HEADER_PREF_ADDRESS, file + HEADER_PREF_ADDRESS, 12);
	assert_int_equal(page[BP_TYPE_OF_LOADER], TYPE_OF_LOADER_KEXEC);
	assert_int_equal(page[0x1ef], 0); /* the sentinel: no byte of it was copied from a file */
}

/* Not by the file: whoever chooses the addresses says whether they are random. */
static void test_the_flag_of_random_addresses_is_set_by_whether_they_are(void **state)
{
	(void)state;
	for (int row = 0; row < 4; row++) {
		struct boot_params_addresses addresses = {.randomised = row & 1};
		uint8_t page[BOOT_PARAMS_SIZE] = {};
		struct machine_firmware firmware = {};
		struct bzimage image;
		struct map told = {};

		read_image(&image);
		if (row & 2)
			image.header[BP_LOADFLAGS - SETUP_HEADER_START] |= BZIMAGE_KASLR;
		boot_params_fill(page, &image, &firmware, &told, &addresses);
		assert_int_equal(page[BP_LOADFLAGS],
				 BZIMAGE_LOADED_HIGH | (row & 1 ? BZIMAGE_KASLR : 0));
	}
}

static void test_addresses_are_split_into_low_and_high_halves(void **state)
{
	static const struct boot_params_addresses addresses = {
	    .command_line = UINT64_C(0x1122334455667788),
	    .initrd = UINT64_C(0x99aabbccddeeff01),
	    .initrd_size = UINT64_C(0x0123456789abcdef),
	    .setup_data = UINT64_C(0xfedcba9876543210),
	};
	uint8_t page[BOOT_PARAMS_SIZE] = {};
	struct machine_firmware firmware = {};
	struct bzimage image;
	struct map told = {};

	(void)state;
	read_image(&image);
	boot_params_fill(page, &image, &firmware, &told, &addresses);
	assert_int_equal(load_le(page + BP_CMD_LINE_PTR, 4), 0x55667788);
	assert_int_equal(load_le(page + BP_EXT_CMD_LINE_PTR, 4), 0x11223344);
	assert_int_equal(load_le(page + BP_RAMDISK_IMAGE, 4), 0xddeeff01);
	assert_int_equal(load_le(page + BP_EXT_RAMDISK_IMAGE, 4), 0x99aabbcc);
	assert_int_equal(load_le(page + BP_RAMDISK_SIZE, 4), 0x89abcdef);
	assert_int_equal(load_le(page + BP_EXT_RAMDISK_SIZE, 4), 0x01234567);
	assert_int_equal(load_le(page + BP_SETUP_DATA, 8), addresses.setup_data);
}

static void test_efi_is_handed_on_with_our_own_map(void **state)
{
	static const struct boot_params_addresses addresses = {
	    .efi_map = UINT64_C(0x123456780),
	    .efi_map_size = 80,
	};
	uint8_t page[BOOT_PARAMS_SIZE] = {}, *info = page + BP_EFI_INFO;
	struct machine_firmware firmware = {.boot_params_fact = FACT_KNOWN};
	struct bzimage image;
	struct map told = {};

	(void)state;
	read_image(&image);
	memset(firmware.boot_params + BP_EFI_INFO, 0x77, BP_EFI_INFO_SIZE);
	memcpy(firmware.boot_params + BP_EFI_INFO, "EL64", 4);
	boot_params_fill(page, &image, &firmware, &told, &addresses);
	assert_memory_equal(info, "EL64\x77\x77\x77\x77", 8); /* signature and system table */
	assert_int_equal(load_le(info + EFI_INFO_MEMDESC_SIZE, 4), EFI_DESCRIPTOR_SIZE);
	assert_int_equal(load_le(info + EFI_INFO_MEMDESC_VERSION, 4), 1);
	assert_int_equal(load_le(info + EFI_INFO_MEMMAP, 4), 0x23456780);
	assert_int_equal(load_le(info + EFI_INFO_MEMMAP_HI, 4), 1);
	assert_int_equal(load_le(info + EFI_INFO_MEMMAP_SIZE, 4), 80);
	assert_int_equal(load_le(info + 0x18, 4), 0x77777777); /* efi_systab_hi */
}

static void test_the_memory_map_is_written_as_e820_entries(void **state)
{
	static const size_t counts[] = {0, 1, 127, 128, 129, 300};
	struct machine_firmware firmware = {};
	struct bzimage image;

	(void)state;
	read_image(&image);
	for (size_t i = 0; i < ELEMENTS(counts); i++) {
		size_t written = counts[i] < E820_TABLE_MAX ? counts[i] : E820_TABLE_MAX;
		uint8_t page[BOOT_PARAMS_SIZE] = {};
		cleanup_map struct map told = {};

		for (uint64_t j = 0; j < counts[i]; j++)
			assert_int_equal(map_add(&told,
						 (struct range){j << 36, (j << 36) + 0x1000 + j},
						 (uint32_t)(j % 7 + 1), "x"),
					 0);
		boot_params_fill(page, &image, &firmware, &told, &no_addresses);
		assert_int_equal(page[BP_E820_ENTRIES], written);
		for (size_t j = 0; j < written; j++) {
			const uint8_t *entry = page + BP_E820_TABLE + j * E820_ENTRY_SIZE;

			assert_int_equal(load_le(entry, 8), j << 36);
			assert_int_equal(load_le(entry + 8, 8), 0x1000 + j);
			assert_int_equal(load_le(entry + 16, 4), j % 7 + 1);
		}
		/* Nothing behind the last entry. */
		for (size_t j = BP_E820_TABLE + written * E820_ENTRY_SIZE; j < BP_EDDBUF; j++)
			assert_int_equal(page[j], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exactly_the_listed_bytes_come_from_the_running_kernel),
	    cmocka_unit_test(test_unknown_boot_params_are_not_copied),
	    cmocka_unit_test(test_an_empty_rsdp_field_is_filled_with_efis_address),
	    cmocka_unit_test(test_the_header_is_the_images_own),
	    cmocka_unit_test(test_the_flag_of_random_addresses_is_set_by_whether_they_are),
	    cmocka_unit_test(test_addresses_are_split_into_low_and_high_halves),
	    cmocka_unit_test(test_efi_is_handed_on_with_our_own_map),
	    cmocka_unit_test(test_the_memory_map_is_written_as_e820_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
