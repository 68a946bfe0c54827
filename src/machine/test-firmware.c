/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/firmware.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define cleanup_firmware cleanup_with(machine_firmware_fini)

static void read_firmware(struct machine_firmware *firmware, const struct machine_tree *tree)
{
	struct error error = {};

	assert_int_equal(machine_firmware_read(firmware, &tree->root, &error), 0);
	assert_no_failure(&error);
}

static void test_boot_params_have_exactly_one_page(void **state)
{
	static const struct {
		size_t size;
		enum fact fact;
	} rows[] = {
	    {0, FACT_UNREADABLE},    {4095, FACT_UNREADABLE}, {4096, FACT_KNOWN},
	    {4097, FACT_UNREADABLE}, {9000, FACT_UNREADABLE},
	};
	struct machine_tree *tree = *state;
	uint8_t bytes[9000];

	memset(bytes, 0x5a, sizeof(bytes));
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_firmware struct machine_firmware firmware;

		folder_write(&tree->folder, "sys/kernel/boot_params/data", bytes, rows[i].size);
		read_firmware(&firmware, tree);
		assert_int_equal(firmware.boot_params_fact, rows[i].fact);
		if (rows[i].fact == FACT_KNOWN)
			assert_memory_equal(firmware.boot_params, bytes, BOOT_PARAMS_SIZE);
	}
}

static void test_missing_boot_params_are_absent(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_delete(*state, "sys/kernel/boot_params/data");
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.boot_params_fact, FACT_ABSENT);
}

static void test_without_efi_there_is_no_efi(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_fact, FACT_ABSENT);
	assert_int_equal(firmware.efi_range_count, 0);
	assert_int_equal(firmware.acpi_rsdp, 0);
	assert_int_equal(firmware.efi_smbios, 0);
}

static void test_efis_tables_and_runtime_map_are_read_in_order(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_add_efi(*state, 12);
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_fact, FACT_KNOWN);
	assert_int_equal(firmware.efi_vendor, 0x7f000001);
	assert_int_equal(firmware.efi_runtime, 0x7f000002);
	assert_int_equal(firmware.efi_config_table, 0x7f000003);
	assert_int_equal(firmware.efi_smbios, 0x7f5d000);
	assert_int_equal(firmware.acpi_rsdp, 0x7f7e014);
	assert_int_equal(firmware.efi_range_count, 12);
	for (uint64_t i = 0; i < 12; i++) {
		const struct efi_range *range = &firmware.efi_ranges[i];

		assert_int_equal(range->type, 5 + i % 2);
		assert_int_equal(range->physical, 0x7f000000 + i * 0x10000);
		assert_int_equal(range->virtual, UINT64_C(0xfffffffeff000000) + i * 0x10000);
		assert_int_equal(range->pages, 16 + i);
		assert_int_equal(range->attribute, UINT64_C(0x800000000000000f));
	}
}

static void test_efi_without_a_runtime_map_cannot_be_handed_on(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_add_efi(*state, 0);
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_fact, FACT_ABSENT);
}

static void test_a_damaged_runtime_map_is_unreadable_and_not_a_short_one(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_add_efi(*state, 3);
	machine_tree_write(*state, "sys/firmware/efi/runtime-map/1/num_pages", "a few\n");
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_fact, FACT_UNREADABLE);
}

static void test_a_missing_table_makes_efi_unreadable(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_add_efi(*state, 2);
	machine_tree_delete(*state, "sys/firmware/efi/fw_vendor");
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_fact, FACT_UNREADABLE);
}

static void test_smbios_is_found_on_a_line_of_its_own(void **state)
{
	static const struct {
		const char *systab;
		uint64_t address;
	} rows[] = {
	    {"SMBIOS=0xf0000\n", 0xf0000},
	    {"SMBIOS3=0x1000\nSMBIOS=0xf0000\n", 0xf0000},
	    {"ACPI=0x1\n", 0},
	    {"SMBIOS=none\n", 0},
	    {"", 0},
	};

	machine_tree_add_efi(*state, 1);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_firmware struct machine_firmware firmware;

		machine_tree_write(*state, "sys/firmware/efi/systab", rows[i].systab);
		read_firmware(&firmware, *state);
		assert_row(rows[i].systab, firmware.efi_fact == FACT_KNOWN);
		assert_row(rows[i].systab, firmware.efi_smbios == rows[i].address);
	}
}

static void test_the_rsdp_is_that_of_acpi_2_where_there_is_one(void **state)
{
	static const struct {
		const char *systab;
		uint64_t address;
	} rows[] = {
	    {"ACPI20=0x7f7e014\nACPI=0x7f7e000\nSMBIOS=0xf0000\n", 0x7f7e014},
	    {"ACPI=0x7f7e000\nACPI20=0x7f7e014\n", 0x7f7e014},
	    {"MPS=0x1\nACPI=0x7f7e000\n", 0x7f7e000},
	    {"ACPI=0x7f7e000", 0x7f7e000},
	    {"ACPI20=0x123456789a\n", UINT64_C(0x123456789a)},
	    {"XACPI=0x1\nACPI2=0x2\nACPI 20=0x3\n", 0},
	    {"SMBIOS=0xf0000\n", 0},
	    {"ACPI20", 0},
	    {"ACPI20=\n", 0},
	    {"\n", 0},
	    {"", 0},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_firmware struct machine_firmware firmware;

		machine_tree_write(*state, "sys/firmware/efi/systab", rows[i].systab);
		read_firmware(&firmware, *state);
		assert_row(rows[i].systab, firmware.acpi_rsdp == rows[i].address);
	}
}

/* efi=noruntime: only the folder of the services' map and their addresses are missing. */
static void test_the_rsdp_is_found_without_runtime_services(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_add_efi(*state, 0);
	machine_tree_delete(*state, "sys/firmware/efi/config_table");
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_fact, FACT_ABSENT);
	assert_int_equal(firmware.acpi_rsdp, 0x7f7e014);
}

static void add_tables(struct machine_tree *tree, const uint64_t *pointers, unsigned int count,
		       uint64_t claimed)
{
	char text[32];

	machine_tree_add_efi(tree, 1);
	machine_tree_add_efi_tables(tree, pointers, count, claimed);
	snprintf(text, sizeof(text), "0x%x\n", MACHINE_TREE_EFI_CONFIG_TABLES);
	machine_tree_write(tree, "sys/firmware/efi/config_table", text);
}

static void test_efis_configuration_tables_are_found_and_covered(void **state)
{
	static const uint64_t pointers[] = {0x3e000000, 0x3e01ffff, 0x7f5d018, 0x123456789a, 0};
	cleanup_firmware struct machine_firmware firmware;

	add_tables(*state, pointers, ELEMENTS(pointers), ELEMENTS(pointers));
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_tables_fact, FACT_KNOWN);
	assert_int_equal(firmware.efi_tables.count, ELEMENTS(pointers));
	for (size_t i = 0; i < ELEMENTS(pointers); i++) {
		/* However late in its range a table starts, 64 KiB of it are covered. */
		struct range table = {pointers[i], pointers[i] + 0x10000};

		assert_true(range_contains(firmware.efi_tables.regions[i].range, table));
		assert_true(range_size(firmware.efi_tables.regions[i].range) <= 0x20000);
	}
}

/* Linux writes EFI_INVALID_TABLE_ADDR, ~0, where a table was used up. */
static void test_a_table_that_is_invalid_is_left_out(void **state)
{
	static const uint64_t pointers[] = {UINT64_MAX, 0x3e000000, UINT64_MAX - 0xffff};
	cleanup_firmware struct machine_firmware firmware;

	add_tables(*state, pointers, ELEMENTS(pointers), ELEMENTS(pointers));
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_tables_fact, FACT_KNOWN);
	assert_int_equal(firmware.efi_tables.count, 1);
	assert_int_equal(firmware.efi_tables.regions[0].range.start, 0x3e000000);
}

static void test_efis_tables_are_unreadable_where_dev_mem_does_not_show_them(void **state)
{
	static const uint64_t pointers[1100] = {0x3e000000, 0x3e100000};
	static const struct {
		const char *row;
		unsigned int count;
		uint64_t claimed;
		enum fact fact;
	} rows[] = {
	    {"none", 0, 0, FACT_KNOWN},
	    {"as many as are read", 1024, 1024, FACT_KNOWN},
	    {"too many", 1025, 1025, FACT_UNREADABLE},
	    {"far too many", 2, UINT64_MAX, FACT_UNREADABLE},
	    {"more than there are", 2, 3, FACT_UNREADABLE},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_firmware struct machine_firmware firmware;

		add_tables(*state, pointers, rows[i].count, rows[i].claimed);
		read_firmware(&firmware, *state);
		assert_row(rows[i].row, firmware.efi_tables_fact == rows[i].fact);
		/* Nothing else is the worse for it. */
		assert_row(rows[i].row, firmware.efi_fact == FACT_KNOWN);
	}
}

static void test_efis_tables_are_unreadable_without_dev_mem_or_a_system_table(void **state)
{
	static const uint64_t pointers[] = {0x3e000000};
	struct machine_tree *tree = *state;
	static uint8_t zeros[0x40000];

	for (int i = 0; i < 4; i++) {
		cleanup_firmware struct machine_firmware firmware;

		add_tables(tree, pointers, 1, 1);
		if (i == 0)
			machine_tree_delete(tree, "dev/mem");
		if (i == 1)
			folder_write(&tree->folder, "dev/mem", zeros, sizeof(zeros));
		if (i == 2)
			folder_write(&tree->folder, "dev/mem", zeros, 0x21230);
		if (i == 3) /* an address that a file offset cannot be */
			machine_tree_write(tree, "sys/firmware/efi/config_table",
					   "0xfffffffffffffff0\n");
		read_firmware(&firmware, tree);
		assert_int_equal(firmware.efi_tables_fact, FACT_UNREADABLE);
		assert_int_equal(firmware.efi_tables.count, 0);
		assert_int_equal(firmware.efi_fact, FACT_KNOWN);
	}
}

static void test_a_system_table_above_4_gib_is_looked_for_there(void **state)
{
	static const uint64_t pointers[] = {0x3e000000};
	cleanup_firmware struct machine_firmware firmware;
	uint8_t boot_params[BOOT_PARAMS_SIZE] = {};
	struct machine_tree *tree = *state;

	add_tables(tree, pointers, 1, 1);
	store_le(boot_params + 0x1c4, 4, MACHINE_TREE_EFI_SYSTEM_TABLE);
	store_le(boot_params + 0x1d8, 4, 1);
	folder_write(&tree->folder, "sys/kernel/boot_params/data", boot_params,
		     sizeof(boot_params));
	read_firmware(&firmware, tree);
	assert_int_equal(firmware.efi_tables_fact, FACT_UNREADABLE);
}

/* Their address is in boot_params: "known, and there are none" would be a guess. */
static void test_without_boot_params_efis_tables_are_not_known(void **state)
{
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_add_efi(*state, 1);
	machine_tree_delete(*state, "sys/kernel/boot_params/data");
	read_firmware(&firmware, *state);
	assert_int_not_equal(firmware.efi_tables_fact, FACT_KNOWN);
}

static void test_without_efi_dev_mem_is_not_asked(void **state)
{
	static const uint64_t pointers[] = {0x3e000000};
	cleanup_firmware struct machine_firmware firmware;

	machine_tree_add_efi_tables(*state, pointers, 1, 1);
	read_firmware(&firmware, *state);
	assert_int_equal(firmware.efi_tables_fact, FACT_ABSENT);
	assert_int_equal(firmware.efi_tables.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_boot_params_have_exactly_one_page),
	    TREE_TEST(test_missing_boot_params_are_absent),
	    TREE_TEST(test_without_efi_there_is_no_efi),
	    TREE_TEST(test_efis_tables_and_runtime_map_are_read_in_order),
	    TREE_TEST(test_efi_without_a_runtime_map_cannot_be_handed_on),
	    TREE_TEST(test_a_damaged_runtime_map_is_unreadable_and_not_a_short_one),
	    TREE_TEST(test_a_missing_table_makes_efi_unreadable),
	    TREE_TEST(test_smbios_is_found_on_a_line_of_its_own),
	    TREE_TEST(test_the_rsdp_is_that_of_acpi_2_where_there_is_one),
	    TREE_TEST(test_the_rsdp_is_found_without_runtime_services),
	    TREE_TEST(test_efis_configuration_tables_are_found_and_covered),
	    TREE_TEST(test_a_table_that_is_invalid_is_left_out),
	    TREE_TEST(test_efis_tables_are_unreadable_where_dev_mem_does_not_show_them),
	    TREE_TEST(test_efis_tables_are_unreadable_without_dev_mem_or_a_system_table),
	    TREE_TEST(test_a_system_table_above_4_gib_is_looked_for_there),
	    TREE_TEST(test_without_boot_params_efis_tables_are_not_known),
	    TREE_TEST(test_without_efi_dev_mem_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
