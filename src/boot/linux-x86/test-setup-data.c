/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/setup-data.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "boot/linux-x86/layout.h"
#include "machine/firmware.h"
#include "purgatory/parameters.h"
#include "test-support/test.h"

#define cleanup_map cleanup_with(map_fini)

#define ADDRESS UINT64_C(0x123456000)

static const uint8_t seed[SETUP_DATA_SEED_SIZE] = "a seed of thirty-two characters";

/* One chain, built twice: for its size, and into memory of exactly that size. */
struct built {
	struct setup_data_layout layout;
	uint8_t *bytes;
};

static struct built build(const struct setup_data_source *source)
{
	struct built built = {.layout = setup_data_build(source, NULL, 0)};
	struct setup_data_layout again;

	built.bytes = calloc(1, built.layout.size);
	assert_non_null(built.bytes);
	again = setup_data_build(source, built.bytes, ADDRESS);
	assert_memory_equal(&again, &built.layout, sizeof(again));
	return built;
}

static void built_free(struct built *built)
{
	free(built->bytes);
}
#define cleanup_built cleanup_with(built_free)

/* Walks the chain as the kernel does, by addresses; the payload of the node of `type`, or NULL. */
static const uint8_t *walk(const struct built *built, uint32_t type, uint32_t *length,
			   unsigned int *nodes)
{
	const uint8_t *found = NULL;
	uint64_t next = ADDRESS;

	for (*nodes = 0; next; (*nodes)++) {
		const uint8_t *node = built->bytes + (next - ADDRESS);

		assert_true(*nodes < 16);
		assert_int_equal(next % 8, 0);
		assert_true(next >= ADDRESS);
		assert_true(next - ADDRESS + SETUP_DATA_HEADER_SIZE + load_le(node + 12, 4) <=
			    built->layout.size);
		if (load_le(node + 8, 4) == type) {
			assert_null(found);
			found = node + SETUP_DATA_HEADER_SIZE;
			*length = (uint32_t)load_le(node + 12, 4);
		}
		next = load_le(node, 8);
	}
	return found;
}

static void test_a_chain_always_has_the_stamp(void **state)
{
	struct map told = {};
	struct machine_firmware firmware = {};
	struct setup_data_source source = {.told = &told, .firmware = &firmware};
	cleanup_built struct built built = build(&source);
	struct purgatory_stamp stamp;
	const uint8_t *payload;
	unsigned int nodes;
	uint32_t length;

	(void)state;
	payload = walk(&built, PURGATORY_SETUP_DATA_TYPE, &length, &nodes);
	assert_int_equal(nodes, 1);
	assert_non_null(payload);
	assert_int_equal(length, sizeof(stamp));
	assert_int_equal(payload - built.bytes, built.layout.stamp);
	assert_int_equal(built.layout.stamp % 8, 0);
	memcpy(&stamp, payload, sizeof(stamp));
	assert_int_equal(stamp.magic, PURGATORY_STAMP_MAGIC);
	assert_int_equal(stamp.entered, 0);
	assert_int_equal(built.layout.efi_map_size, 0);
}

static void test_a_seed_is_handed_on_where_there_is_one(void **state)
{
	struct map told = {};
	struct machine_firmware firmware = {};
	struct setup_data_source source = {.seed = seed, .told = &told, .firmware = &firmware};
	cleanup_built struct built with = build(&source), without;
	const uint8_t *payload;
	unsigned int nodes;
	uint32_t length;

	(void)state;
	payload = walk(&with, SETUP_DATA_RNG_SEED, &length, &nodes);
	assert_int_equal(nodes, 2);
	assert_non_null(payload);
	assert_int_equal(length, SETUP_DATA_SEED_SIZE);
	assert_memory_equal(payload, seed, sizeof(seed));
	source.seed = NULL;
	without = build(&source);
	assert_null(walk(&without, SETUP_DATA_RNG_SEED, &length, &nodes));
	assert_int_equal(nodes, 1);
}

static void test_ranges_over_128_are_in_a_node_of_their_own(void **state)
{
	static const uint64_t counts[] = {127, 128, 129, 131, 1000};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(counts); i++) {
		struct machine_firmware firmware = {};
		cleanup_map struct map told = {};
		struct setup_data_source source = {
		    .seed = seed, .told = &told, .firmware = &firmware};
		cleanup_built struct built built = {};
		const uint8_t *payload;
		unsigned int nodes;
		uint32_t length;

		for (uint64_t j = 0; j < counts[i]; j++)
			assert_int_equal(map_add(&told, (struct range){j << 32, (j << 32) + 0x1000},
						 1, "System RAM"),
					 0);
		built = build(&source);
		payload = walk(&built, SETUP_DATA_E820_EXT, &length, &nodes);
		if (counts[i] <= E820_TABLE_MAX) {
			assert_null(payload);
			continue;
		}
		assert_non_null(payload);
		assert_int_equal(nodes, 3);
		assert_int_equal(length, (counts[i] - E820_TABLE_MAX) * E820_ENTRY_SIZE);
		for (uint64_t j = E820_TABLE_MAX; j < counts[i]; j++, payload += E820_ENTRY_SIZE) {
			assert_int_equal(load_le(payload, 8), j << 32);
			assert_int_equal(load_le(payload + 8, 8), 0x1000);
			assert_int_equal(load_le(payload + 16, 4), 1);
		}
	}
}

static void test_efis_tables_are_a_node_and_its_map_lies_behind_the_chain(void **state)
{
	struct efi_range ranges[] = {
	    {5, 0x1000, UINT64_C(0xfffffffeff000000), 2, UINT64_C(0x8000000000000001)},
	    {6, 0x9000, UINT64_C(0xfffffffeff100000), 3, 15},
	};
	struct map told = {};
	struct machine_firmware firmware = {
	    .efi_vendor = 0x11,
	    .efi_config_table = 0x22,
	    .efi_smbios = 0x33,
	    .efi_ranges = ranges,
	    .efi_range_count = ELEMENTS(ranges),
	};
	struct setup_data_source source = {
	    .told = &told, .firmware = &firmware, .hand_on_efi = true};
	cleanup_built struct built built = build(&source);
	const uint8_t *payload;
	unsigned int nodes;
	uint32_t length;

	(void)state;
	payload = walk(&built, SETUP_DATA_EFI, &length, &nodes);
	assert_int_equal(nodes, 2);
	assert_non_null(payload);
	assert_int_equal(length, EFI_SETUP_SIZE);
	assert_int_equal(load_le(payload, 8), 0x11);
	assert_int_equal(load_le(payload + 16, 8), 0x22);
	assert_int_equal(load_le(payload + 24, 8), 0x33);
	assert_int_equal(built.layout.efi_map_size, 2 * EFI_DESCRIPTOR_SIZE);
	assert_true(built.layout.efi_map >= (uint64_t)(payload - built.bytes) + length);
	assert_int_equal(built.layout.efi_map + built.layout.efi_map_size, built.layout.size);
	for (size_t i = 0; i < ELEMENTS(ranges); i++) {
		const uint8_t *entry = built.bytes + built.layout.efi_map + i * EFI_DESCRIPTOR_SIZE;

		assert_int_equal(load_le(entry, 4), ranges[i].type);
		assert_int_equal(load_le(entry + 8, 8), ranges[i].physical);
		assert_int_equal(load_le(entry + 16, 8), ranges[i].virtual);
		assert_int_equal(load_le(entry + 24, 8), ranges[i].pages);
		assert_int_equal(load_le(entry + 32, 8), ranges[i].attribute);
	}
}

static void test_efi_that_is_not_handed_on_leaves_no_trace(void **state)
{
	struct efi_range range = {5, 0x1000, 0x2000, 2, 1};
	struct map told = {};
	struct machine_firmware firmware = {.efi_ranges = &range, .efi_range_count = 1};
	struct setup_data_source source = {.told = &told, .firmware = &firmware};
	cleanup_built struct built built = build(&source);
	unsigned int nodes;
	uint32_t length;

	(void)state;
	assert_null(walk(&built, SETUP_DATA_EFI, &length, &nodes));
	assert_int_equal(built.layout.efi_map_size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_chain_always_has_the_stamp),
	    cmocka_unit_test(test_a_seed_is_handed_on_where_there_is_one),
	    cmocka_unit_test(test_ranges_over_128_are_in_a_node_of_their_own),
	    cmocka_unit_test(test_efis_tables_are_a_node_and_its_map_lies_behind_the_chain),
	    cmocka_unit_test(test_efi_that_is_not_handed_on_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
