/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/firmware.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/physical.h"

#define EFI_RANGES_MAX  4096
#define EFI_TABLES_MAX  1024
#define EFI_TABLE_GUARD UINT64_C(0x10000) /* a table's length is in the table: take twice this */

enum {
	BOOT_PARAMS_EFI_INFO = 0x1c0, /* struct efi_info in struct boot_params */
	EFI_INFO_SYSTAB = 0x04,
	EFI_INFO_SYSTAB_HI = 0x18,
	SYSTEM_TABLE_SIZE = 120,
	SYSTEM_TABLE_COUNT = 104, /* NumberOfTableEntries */
	CONFIG_TABLE_SIZE = 24,   /* a GUID and a pointer */
	CONFIG_TABLE_POINTER = 16,
};

static int read_boot_params(struct machine_firmware *firmware, const struct root *root)
{
	cleanup_free char *content = NULL;
	size_t size;
	int r;

	r = root_read(root, "/sys/kernel/boot_params/data", BOOT_PARAMS_SIZE, &content, &size);
	if (r == -ENOENT)
		firmware->boot_params_fact = FACT_ABSENT;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (size != BOOT_PARAMS_SIZE)
		return 0;
	memcpy(firmware->boot_params, content, size);
	firmware->boot_params_fact = FACT_KNOWN;
	return 0;
}

static enum fact read_efi_number(const struct root *root, unsigned int index, const char *name,
				 uint64_t *number)
{
	char path[80];

	snprintf(path, sizeof(path), "/sys/firmware/efi/runtime-map/%u/%s", index, name);
	return root_read_number(root, path, 0, number);
}

static enum fact read_efi_range(const struct root *root, unsigned int index,
				struct efi_range *range)
{
	enum fact fact;
	uint64_t type;

	fact = read_efi_number(root, index, "type", &type);
	if (fact != FACT_KNOWN)
		return fact;
	range->type = (uint32_t)type;
	if (read_efi_number(root, index, "phys_addr", &range->physical) != FACT_KNOWN ||
	    read_efi_number(root, index, "virt_addr", &range->virtual) != FACT_KNOWN ||
	    read_efi_number(root, index, "num_pages", &range->pages) != FACT_KNOWN ||
	    read_efi_number(root, index, "attribute", &range->attribute) != FACT_KNOWN)
		return FACT_UNREADABLE;
	return FACT_KNOWN;
}

/* The address in a line NAME=0xADDRESS; 0 when there is no such line. */
static uint64_t systab_address(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 && line[length] == '=')
			return strtoull(line + length + 1, NULL, 16);
	}
	return 0;
}

/* Also there when the runtime services are off (efi=noruntime). */
static int read_systab(struct machine_firmware *firmware, const struct root *root)
{
	cleanup_free char *text = NULL;
	size_t size;
	int r;

	r = root_read(root, "/sys/firmware/efi/systab", 65536, &text, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	firmware->efi_smbios = systab_address(text, "SMBIOS");
	firmware->acpi_rsdp = systab_address(text, "ACPI20");
	if (!firmware->acpi_rsdp)
		firmware->acpi_rsdp = systab_address(text, "ACPI");
	return 0;
}

static enum fact read_efi_addresses(struct machine_firmware *firmware, const struct root *root)
{
	enum fact fact;

	fact = root_read_number(root, "/sys/firmware/efi/config_table", 0,
				&firmware->efi_config_table);
	if (fact != FACT_KNOWN)
		return fact;
	if (root_read_number(root, "/sys/firmware/efi/runtime", 0, &firmware->efi_runtime) !=
		FACT_KNOWN ||
	    root_read_number(root, "/sys/firmware/efi/fw_vendor", 0, &firmware->efi_vendor) !=
		FACT_KNOWN)
		return FACT_UNREADABLE;
	return FACT_KNOWN;
}

static int read_efi(struct machine_firmware *firmware, const struct root *root)
{
	firmware->efi_fact = read_efi_addresses(firmware, root);
	while (firmware->efi_fact == FACT_KNOWN && firmware->efi_range_count < EFI_RANGES_MAX) {
		struct efi_range *ranges;
		enum fact fact;

		ranges = reallocarray(firmware->efi_ranges, firmware->efi_range_count + 1,
				      sizeof(*ranges));
		if (!ranges)
			return -ENOMEM;
		firmware->efi_ranges = ranges;
		fact = read_efi_range(root, (unsigned int)firmware->efi_range_count,
				      &ranges[firmware->efi_range_count]);
		if (fact == FACT_ABSENT)
			break;
		firmware->efi_fact = fact;
		firmware->efi_range_count++;
	}
	/* Without a runtime map the runtime services cannot be handed on. */
	if (firmware->efi_fact == FACT_KNOWN && firmware->efi_range_count == 0)
		firmware->efi_fact = FACT_ABSENT;
	return 0;
}

static uint64_t system_table_address(const struct machine_firmware *firmware)
{
	const uint8_t *info = firmware->boot_params + BOOT_PARAMS_EFI_INFO;

	return load_le(info + EFI_INFO_SYSTAB, 4) | load_le(info + EFI_INFO_SYSTAB_HI, 4) << 32;
}

/* UEFI 2.10 sections 4.3 (EFI_SYSTEM_TABLE) and 4.6 (EFI_CONFIGURATION_TABLE). */
static int read_efi_tables(struct machine_firmware *firmware, const struct root *root)
{
	uint8_t system_table[SYSTEM_TABLE_SIZE], table[CONFIG_TABLE_SIZE];
	uint64_t count;

	firmware->efi_tables_fact = firmware->efi_fact;
	if (firmware->efi_fact != FACT_KNOWN)
		return 0;
	firmware->efi_tables_fact = FACT_UNREADABLE;
	if (firmware->boot_params_fact != FACT_KNOWN)
		return 0;
	if (root_read_physical(root, system_table_address(firmware), system_table,
			       sizeof(system_table)) < 0 ||
	    memcmp(system_table, "IBI SYST", 8) != 0)
		return 0;
	count = load_le(system_table + SYSTEM_TABLE_COUNT, 8);
	if (count > EFI_TABLES_MAX)
		return 0;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t start;
		int r;

		if (root_read_physical(root, firmware->efi_config_table + i * sizeof(table), table,
				       sizeof(table)) < 0)
			return 0;
		start = align_down(load_le(table + CONFIG_TABLE_POINTER, 8), EFI_TABLE_GUARD);
		if (start > UINT64_MAX - 2 * EFI_TABLE_GUARD)
			continue; /* made invalid by an earlier kernel */
		r = map_add(&firmware->efi_tables,
			    (struct range){start, start + 2 * EFI_TABLE_GUARD}, 0, "EFI table");
		if (r < 0)
			return r;
	}
	firmware->efi_tables_fact = FACT_KNOWN;
	return 0;
}

int machine_firmware_read(struct machine_firmware *firmware, const struct root *root,
			  struct error *error)
{
	int r;

	*firmware = (struct machine_firmware){};
	r = read_boot_params(firmware, root);
	if (r == 0)
		r = read_systab(firmware, root);
	if (r == 0)
		r = read_efi(firmware, root);
	if (r == 0)
		r = read_efi_tables(firmware, root);
	if (r < 0) {
		machine_firmware_fini(firmware);
		return error_memory(error, "read the firmware's data");
	}
	return 0;
}

void machine_firmware_fini(struct machine_firmware *firmware)
{
	free(firmware->efi_ranges);
	firmware->efi_ranges = NULL;
	firmware->efi_range_count = 0;
	map_fini(&firmware->efi_tables);
}
