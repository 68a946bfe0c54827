/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/firmware.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

#define EFI_RANGES_MAX 4096

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

/* /sys/firmware/efi/systab has lines NAME=0xADDRESS. */
static uint64_t read_smbios(const struct root *root)
{
	cleanup_free char *text = NULL;
	const char *line;
	uint64_t address = 0;
	size_t size;

	if (root_read(root, "/sys/firmware/efi/systab", 65536, &text, &size) < 0)
		return 0;
	line = strstr(text, "SMBIOS=");
	if (line && sscanf(line, "SMBIOS=%" SCNx64, &address) != 1)
		return 0;
	return address;
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
	firmware->efi_smbios = read_smbios(root);
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

int machine_firmware_read(struct machine_firmware *firmware, const struct root *root,
			  struct error *error)
{
	int r;

	*firmware = (struct machine_firmware){};
	r = read_boot_params(firmware, root);
	if (r == 0)
		r = read_efi(firmware, root);
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
}
