/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/setup-data.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/linux-x86/boot-params.h"
#include "boot/linux-x86/layout.h"
#include "machine/firmware.h"
#include "purgatory/parameters.h"

/* A chain under construction: each node's `next` field is written when the next node starts. */
struct chain {
	uint8_t *to; /* NULL: only the sizes are wanted */
	uint64_t address;
	uint64_t used;
	uint64_t last; /* offset of the last node; `used` while there is none */
};

/* Begins a node; the offset of its payload, which is 8-byte aligned. */
static uint64_t chain_add(struct chain *chain, uint32_t type, uint64_t payload_size)
{
	uint64_t node = chain->used;

	if (chain->to) {
		if (node > 0)
			store_le(chain->to + chain->last, 8, chain->address + node);
		store_le(chain->to + node + 8, 4, type);
		store_le(chain->to + node + 12, 4, payload_size);
	}
	chain->last = node;
	chain->used = (node + SETUP_DATA_HEADER_SIZE + payload_size + 7) & ~UINT64_C(7);
	return node + SETUP_DATA_HEADER_SIZE;
}

static void add_seed(struct chain *chain, const uint8_t *seed)
{
	uint64_t payload = chain_add(chain, SETUP_DATA_RNG_SEED, SETUP_DATA_SEED_SIZE);

	if (chain->to)
		memcpy(chain->to + payload, seed, SETUP_DATA_SEED_SIZE);
}

static uint64_t add_stamp(struct chain *chain)
{
	uint64_t payload =
	    chain_add(chain, PURGATORY_SETUP_DATA_TYPE, sizeof(struct purgatory_stamp));

	if (chain->to)
		store_le(chain->to + payload, 8, PURGATORY_STAMP_MAGIC);
	return payload;
}

static void add_memory_ranges(struct chain *chain, const struct map *told)
{
	size_t count = told->count > E820_TABLE_MAX ? told->count - E820_TABLE_MAX : 0;
	uint64_t payload;

	if (!count)
		return;
	payload = chain_add(chain, SETUP_DATA_E820_EXT, count * E820_ENTRY_SIZE);
	for (size_t i = 0; chain->to && i < count; i++)
		e820_entry_fill(chain->to + payload + i * E820_ENTRY_SIZE,
				&told->regions[E820_TABLE_MAX + i]);
}

static void add_efi(struct chain *chain, const struct machine_firmware *firmware)
{
	uint64_t payload = chain_add(chain, SETUP_DATA_EFI, EFI_SETUP_SIZE);

	if (!chain->to)
		return;
	store_le(chain->to + payload + EFI_SETUP_VENDOR, 8, firmware->efi_vendor);
	store_le(chain->to + payload + EFI_SETUP_TABLES, 8, firmware->efi_config_table);
	store_le(chain->to + payload + EFI_SETUP_SMBIOS, 8, firmware->efi_smbios);
}

/* The runtime services map is no node: boot_params points at it. It lies behind the chain. */
static uint64_t add_efi_map(struct chain *chain, const struct machine_firmware *firmware)
{
	uint64_t start = chain->used;

	for (size_t i = 0; chain->to && i < firmware->efi_range_count; i++) {
		uint8_t *descriptor = chain->to + start + i * EFI_DESCRIPTOR_SIZE;
		const struct efi_range *range = &firmware->efi_ranges[i];

		store_le(descriptor, 4, range->type);
		store_le(descriptor + 8, 8, range->physical);
		store_le(descriptor + 16, 8, range->virtual);
		store_le(descriptor + 24, 8, range->pages);
		store_le(descriptor + 32, 8, range->attribute);
	}
	chain->used += firmware->efi_range_count * EFI_DESCRIPTOR_SIZE;
	return start;
}

struct setup_data_layout setup_data_build(const struct setup_data_source *source, uint8_t *to,
					  uint64_t address)
{
	struct chain chain = {.to = to, .address = address};
	struct setup_data_layout layout = {};

	if (source->seed)
		add_seed(&chain, source->seed);
	layout.stamp = add_stamp(&chain);
	add_memory_ranges(&chain, source->told);
	if (source->hand_on_efi) {
		add_efi(&chain, source->firmware);
		layout.efi_map = add_efi_map(&chain, source->firmware);
		layout.efi_map_size = source->firmware->efi_range_count * EFI_DESCRIPTOR_SIZE;
	}
	layout.size = chain.used;
	return layout;
}
