/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the firmware and the first boot loader left behind, on x86: struct boot_params as the
 * running kernel got it, and EFI's tables and runtime services map.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/range.h"
#include "base/root.h"

struct error;

enum { BOOT_PARAMS_SIZE = 4096 };

/* One range of /sys/firmware/efi/runtime-map (efi_memory_desc_t, UEFI 2.10 section 7.2). */
struct efi_range {
	uint32_t type;
	uint64_t physical, virtual, pages, attribute;
};

struct machine_firmware {
	enum fact boot_params_fact;
	uint8_t boot_params[BOOT_PARAMS_SIZE];
	enum fact efi_fact; /* known: the runtime services are mapped, and all below is there */
	uint64_t efi_vendor, efi_runtime, efi_config_table; /* addresses from /sys/firmware/efi */
	uint64_t acpi_rsdp;  /* physical, as EFI gives it; 0 when there is no EFI or no ACPI */
	uint64_t efi_smbios; /* physical; 0 when there is none */
	struct efi_range *efi_ranges; /* by ascending index */
	size_t efi_range_count;
	/*
	 * Where EFI's configuration tables are, a generous range each. The next kernel reads them
	 * again, and writes to some (Linux clears LINUX_EFI_INITRD_MEDIA_GUID's table, which the
	 * EFI stub left in memory that is ordinary RAM now), so nothing else may lie there.
	 */
	enum fact efi_tables_fact; /* unreadable: /dev/mem or what it shows could not be used */
	struct map efi_tables;
};

/* Reads /sys and, on an EFI machine, /dev/mem. 0, or -ENOMEM with a failure added. */
int machine_firmware_read(struct machine_firmware *firmware, const struct root *root,
			  struct error *error);
void machine_firmware_fini(struct machine_firmware *firmware);
