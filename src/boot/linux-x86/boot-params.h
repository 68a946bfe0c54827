/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing struct boot_params ("zero page"): what the kernel is told when it is entered.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/range.h"

struct bzimage;
struct machine_firmware;

/* Addresses that the page holds. */
struct boot_params_addresses {
	uint64_t command_line;
	uint64_t initrd, initrd_size;   /* 0 and 0 when there is none */
	uint64_t setup_data;            /* first node of the chain */
	uint64_t efi_map, efi_map_size; /* 0 and 0 unless EFI is handed on */
	bool randomised;                /* the kernel's virtual address was chosen already */
};

/*
 * Fills `page`, 4096 zeroed bytes: the image's own setup header, then from the running kernel's
 * boot_params the fields that describe the machine and nothing else, then the memory map's first
 * 128 ranges.
 */
void boot_params_fill(uint8_t *page, const struct bzimage *image,
		      const struct machine_firmware *firmware, const struct map *told,
		      const struct boot_params_addresses *addresses);

/* Writes one e820 entry of E820_ENTRY_SIZE bytes. */
void e820_entry_fill(uint8_t *entry, const struct region *region);
