/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The chain of setup_data nodes, all in one segment: the random seed, purgatory's time stamps, the
 * memory ranges that do not fit boot_params, EFI's runtime services.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/range.h"

struct machine_firmware;

enum { SETUP_DATA_SEED_SIZE = 32 };

/* What the chain is made of. */
struct setup_data_source {
	const uint8_t *seed; /* SETUP_DATA_SEED_SIZE bytes, or NULL */
	const struct map *told;
	const struct machine_firmware *firmware;
	bool hand_on_efi; /* firmware's runtime services are known and the next kernel takes them */
};

/* Where the interesting payloads are, as offsets in the segment. */
struct setup_data_layout {
	uint64_t stamp;        /* of a struct purgatory_stamp */
	uint64_t efi_map;      /* of efi_map_size bytes */
	uint64_t efi_map_size; /* 0 unless EFI is handed on */
	uint64_t size;         /* of all, bytes */
};

/*
 * Lays the chain out; when `to` is not NULL, writes it there (layout.size zeroed bytes) for the
 * physical address `address`. Called once to know the size and once to write.
 */
struct setup_data_layout setup_data_build(const struct setup_data_source *source, uint8_t *to,
					  uint64_t address);
