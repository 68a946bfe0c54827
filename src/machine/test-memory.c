/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define cleanup_map    cleanup_with(map_fini)
#define cleanup_memory cleanup_with(machine_memory_fini)

/* A map as "start-end start-end", in hexadecimal, ends exclusive. */
static const char *text_of(const struct map *map)
{
	static char text[1024];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < map->count; i++)
		used +=
		    (size_t)snprintf(text + used, sizeof(text) - used, "%s%llx-%llx", i ? " " : "",
				     (unsigned long long)map->regions[i].range.start,
				     (unsigned long long)map->regions[i].range.end);
	return text;
}

static void test_usable_memory_is_what_iomem_says_it_is(void **state)
{
	static const struct {
		const char *row, *text, *usable;
		enum fact fact;
	} rows[] = {
	    {"only top-level RAM",
	     "00001000-00001fff : System RAM\n00002000-00002fff : Reserved\n"
	     "00003000-00003fff : ACPI Tables\n00004000-00004fff : System RAM\n",
	     "1000-2000 4000-5000", FACT_KNOWN},
	    {"the kernel's own image may be overwritten",
	     "1000-ffff : System RAM\n  2000-2fff : Kernel code\n  3000-3fff : Kernel rodata\n"
	     "  4000-4fff : Kernel data\n  5000-5fff : Kernel bss\n",
	     "1000-10000", FACT_KNOWN},
	    {"a crash kernel's memory is taken",
	     "1000-ffff : System RAM\n  2000-3fff : Crash kernel\n", "1000-2000 4000-10000",
	     FACT_KNOWN},
	    {"whatever else lies inside RAM is taken",
	     "1000-ffff : System RAM\n  1000-1fff : Reserved\n  3000-3fff : ACPI Tables\n"
	     "  f000-ffff : ACPI Non-volatile Storage\n",
	     "2000-3000 4000-f000", FACT_KNOWN},
	    {"a grandchild is taken too",
	     "1000-ffff : System RAM\n  2000-5fff : Kernel code\n    3000-3fff : Reserved\n",
	     "1000-3000 4000-10000", FACT_KNOWN},
	    {"virtio_mem may be taken back by the hypervisor",
	     "1000-1fff : System RAM\n10000-2ffff : virtio0\n"
	     "  10000-1ffff : System RAM (virtio_mem)\n"
	     "30000-3ffff : System RAM (virtio_mem)\n",
	     "1000-2000", FACT_KNOWN},
	    {"memory of a dax device is not ordinary",
	     "1000-1fff : System RAM\n10000-1ffff : Persistent Memory\n  10000-1ffff : dax0.0\n"
	     "    10000-1ffff : System RAM (kmem)\n",
	     "1000-2000", FACT_KNOWN},
	    {"RAM inside something else is not ours",
	     "10000-1ffff : PCI Bus 0000:00\n  10000-1ffff : System RAM\n", "", FACT_KNOWN},
	    {"children of others do not cut RAM",
	     "1000-ffff : System RAM\n10000-1ffff : Reserved\n  2000-3fff : odd\n", "1000-10000",
	     FACT_KNOWN},
	    {"the last address of all", "fffffffffffff000-ffffffffffffffff : System RAM\n",
	     "fffffffffffff000-ffffffffffffffff", FACT_KNOWN},
	    {"more than 32 bits", "100000000-13fffffff : System RAM\n", "100000000-140000000",
	     FACT_KNOWN},
	    {"hidden addresses",
	     "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n"
	     "00000000-00000000 : Reserved\n",
	     "0-1", FACT_UNREADABLE},
	    {"nothing", "", "", FACT_ABSENT},
	    {"no such text", "\n\nhello\n12-zz : System RAM\n", "", FACT_ABSENT},
	    {"backwards", "2000-1000 : System RAM\n3000-3fff : System RAM\n", "3000-4000",
	     FACT_KNOWN},
	    {"no newline at the end", "1000-1fff : System RAM", "1000-2000", FACT_KNOWN},
	    {"a name that only starts so", "1000-1fff : System RAM area\n", "", FACT_KNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_map struct map usable = {};
		enum fact fact;

		assert_int_equal(iomem_parse_usable(&usable, rows[i].text, &fact), 0);
		assert_row(rows[i].row, fact == rows[i].fact);
		map_normalise(&usable);
		assert_row(rows[i].row, strcmp(text_of(&usable), rows[i].usable) == 0);
	}
}

static void test_an_empty_line_does_not_hide_what_lies_inside_ram(void **state)
{
	struct map usable = {};
	enum fact fact;

	(void)state;
	assert_int_equal(iomem_parse_usable(
			     &usable, "1000-ffff : System RAM\n\n  2000-2fff : Reserved\n", &fact),
			 0);
	assert_int_equal(fact, FACT_KNOWN);
	assert_false(map_contains(&usable, (struct range){0x2000, 0x3000}));
	assert_true(map_contains(&usable, (struct range){0x3000, 0x10000}));
	map_fini(&usable);
}

/* As of a machine with very many drivers, or of a made-up recording. */
static void test_very_many_children_take_no_time(void **state)
{
	enum { MANY = 100000 };
	cleanup_with(map_fini) struct map usable = {};
	cleanup_free char *text = NULL;
	enum fact fact;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	fprintf(out, "00000000-%08x : System RAM\n", 0x2000 * MANY - 1);
	for (unsigned int i = 0; i < MANY; i++)
		fprintf(out, "  %08x-%08x : driver\n", 0x2000 * i, 0x2000 * i + 0xfff);
	assert_int_equal(fclose(out), 0);
	alarm(5); /* instead of the test's whole time limit */
	assert_int_equal(iomem_parse_usable(&usable, text, &fact), 0);
	alarm(0);
	assert_int_equal(fact, FACT_KNOWN);
	assert_int_equal(usable.count, MANY);
	assert_int_equal(map_total(&usable), UINT64_C(0x1000) * MANY);
}

static void test_types_are_known_by_the_kernels_names_in_any_case(void **state)
{
	static const struct {
		const char *name;
		enum memory_type type;
	} rows[] = {
	    {"System RAM", MEMORY_RAM},
	    {"system ram", MEMORY_RAM},
	    {"Reserved", MEMORY_RESERVED},
	    {"reserved", MEMORY_RESERVED},
	    {"ACPI Tables", MEMORY_ACPI_TABLES},
	    {"ACPI Non-volatile Storage", MEMORY_ACPI_NVS},
	    {"Unusable memory", MEMORY_UNUSABLE},
	    {"Persistent Memory", MEMORY_PERSISTENT},
	    {"Persistent Memory (legacy)", MEMORY_PERSISTENT_LEGACY},
	    {"Soft Reserved", MEMORY_SOFT_RESERVED},
	    {"Unknown E820 type", MEMORY_RESERVED},
	    {"", MEMORY_RESERVED},
	    {"System RAM (virtio_mem)", MEMORY_RESERVED},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_row(rows[i].name, memory_type_from_name(rows[i].name) == rows[i].type);
}

static void test_both_maps_are_read_and_destinations_lie_above_1_mib(void **state)
{
	cleanup_memory struct machine_memory memory;
	struct machine_tree *tree = *state;
	struct error error = {};

	assert_int_equal(machine_memory_read(&memory, &tree->root, &error), 0);
	assert_no_failure(&error);
	assert_int_equal(memory.firmware_fact, FACT_KNOWN);
	assert_int_equal(memory.iomem_fact, FACT_KNOWN);
	assert_int_equal(memory.firmware.count, MACHINE_TREE_FIRMWARE_RANGES);
	assert_string_equal(
	    text_of(&memory.firmware),
	    "0-9fc00 9fc00-100000 100000-3ffe0000 3ffe0000-40000000 100000000-140000000");
	assert_int_equal(memory.firmware.regions[3].type, MEMORY_RESERVED);
	assert_string_equal(text_of(&memory.usable), "100000-3ffe0000 100000000-140000000");
	assert_int_equal(memory.total, 2031616 * UINT64_C(1024));
	assert_int_equal(memory.available, 1800000 * UINT64_C(1024));
}

static void test_what_only_iomem_calls_ram_is_not_usable(void **state)
{
	cleanup_memory struct machine_memory memory;
	struct machine_tree *tree = *state;

	machine_tree_add_range(tree, 4, 0x100000000, 0x13fffffff, "Soft Reserved");
	assert_int_equal(machine_memory_read(&memory, &tree->root, NULL), 0);
	assert_string_equal(text_of(&memory.usable), "100000-3ffe0000");
}

static void test_what_only_the_firmware_calls_ram_is_not_usable(void **state)
{
	cleanup_memory struct machine_memory memory;
	struct machine_tree *tree = *state;

	machine_tree_write(tree, "proc/iomem",
			   "00100000-1fffffff : System RAM\n20000000-3ffdffff : Reserved\n");
	assert_int_equal(machine_memory_read(&memory, &tree->root, NULL), 0);
	assert_string_equal(text_of(&memory.usable), "100000-20000000");
}

static void test_ranges_that_the_firmware_splits_are_one_for_destinations(void **state)
{
	cleanup_memory struct machine_memory memory;
	struct machine_tree *tree = *state;

	machine_tree_add_range(tree, 2, 0x100000, 0x1fffffff, "System RAM");
	machine_tree_add_range(tree, 3, 0x20000000, 0x3ffdffff, "System RAM");
	assert_int_equal(machine_memory_read(&memory, &tree->root, NULL), 0);
	assert_string_equal(text_of(&memory.usable), "100000-3ffe0000 100000000-140000000");
}

static void test_the_firmwares_own_order_is_kept(void **state)
{
	cleanup_memory struct machine_memory memory;
	struct machine_tree *tree = *state;

	machine_tree_add_range(tree, 0, 0x100000000, 0x13fffffff, "System RAM");
	machine_tree_add_range(tree, 4, 0, 0x9fbff, "System RAM");
	assert_int_equal(machine_memory_read(&memory, &tree->root, NULL), 0);
	assert_int_equal(memory.firmware.regions[0].range.start, 0x100000000);
	assert_int_equal(memory.firmware.regions[4].range.start, 0);
	assert_string_equal(text_of(&memory.usable), "100000-3ffe0000 100000000-140000000");
}

static void delete_range(struct machine_tree *tree, unsigned int index)
{
	static const char *const names[] = {"/start", "/end", "/type", ""};
	char path[64];

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		snprintf(path, sizeof(path), "sys/firmware/memmap/%u%s", index, names[i]);
		machine_tree_delete(tree, path);
	}
}

/* The kernel takes a folder away with the memory (memory hot-unplug); 10 comes behind 9. */
static void test_a_gap_in_the_firmwares_map_does_not_end_it(void **state)
{
	cleanup_memory struct machine_memory memory, other;
	struct machine_tree *tree = *state;

	delete_range(tree, 0);
	delete_range(tree, 3);
	machine_tree_add_range(tree, 10, 0x140000000, 0x14fffffff, "Reserved");
	machine_tree_add_range(tree, 9, 0x150000000, 0x15fffffff, "Reserved");
	machine_tree_add_range(tree, 1000000, 0x160000000, 0x16fffffff, "Reserved");
	assert_int_equal(machine_memory_read(&memory, &tree->root, NULL), 0);
	assert_int_equal(memory.firmware_fact, FACT_KNOWN);
	assert_string_equal(text_of(&memory.firmware),
			    "9fc00-100000 100000-3ffe0000 100000000-140000000 "
			    "150000000-160000000 140000000-150000000 160000000-170000000");
	assert_string_equal(text_of(&memory.usable), "100000-3ffe0000 100000000-140000000");
	/* What is no number is no range. */
	machine_tree_write(tree, "sys/firmware/memmap/uevent", "x");
	machine_tree_write(tree, "sys/firmware/memmap/2x/start", "x");
	assert_int_equal(machine_memory_read(&other, &tree->root, NULL), 0);
	assert_int_equal(other.firmware_fact, FACT_KNOWN);
	assert_int_equal(other.firmware.count, memory.firmware.count);
}

static void test_an_empty_firmware_map_is_absent_and_no_folder_is_unreadable(void **state)
{
	cleanup_memory struct machine_memory empty, none, file;
	struct machine_tree *tree = *state;

	for (unsigned int i = 0; i < MACHINE_TREE_FIRMWARE_RANGES; i++)
		delete_range(tree, i);
	assert_int_equal(machine_memory_read(&empty, &tree->root, NULL), 0);
	assert_int_equal(empty.firmware_fact, FACT_ABSENT);
	assert_int_equal(empty.usable.count, 0);
	machine_tree_delete(tree, "sys/firmware/memmap");
	assert_int_equal(machine_memory_read(&none, &tree->root, NULL), 0);
	assert_int_equal(none.firmware_fact, FACT_ABSENT);
	machine_tree_write(tree, "sys/firmware/memmap", "x");
	assert_int_equal(machine_memory_read(&file, &tree->root, NULL), 0);
	assert_int_equal(file.firmware_fact, FACT_UNREADABLE);
}

static void test_hidden_addresses_are_unreadable_and_nothing_is_usable(void **state)
{
	cleanup_memory struct machine_memory memory;
	struct machine_tree *tree = *state;

	machine_tree_write(tree, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_int_equal(machine_memory_read(&memory, &tree->root, NULL), 0);
	assert_int_equal(memory.iomem_fact, FACT_UNREADABLE);
	assert_int_equal(memory.firmware_fact, FACT_KNOWN);
	assert_int_equal(memory.usable.count, 0);
}

static void test_missing_files_are_facts_and_no_errors(void **state)
{
	cleanup_memory struct machine_memory memory;
	cleanup_folder struct folder empty;
	struct error error = {};
	struct root root;

	(void)state;
	folder_make(&empty);
	assert_int_equal(root_open(&root, empty.path, NULL), 0);
	assert_int_equal(machine_memory_read(&memory, &root, &error), 0);
	root_close(&root);
	assert_no_failure(&error);
	assert_int_equal(memory.firmware_fact, FACT_ABSENT);
	assert_int_equal(memory.iomem_fact, FACT_ABSENT);
	assert_int_equal(memory.total, 0);
}

static void test_a_firmware_map_that_cannot_be_understood_is_unreadable(void **state)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
	    {"sys/firmware/memmap/2/start", "many\n"},
	    {"sys/firmware/memmap/2/end", "\n"},
	    {"sys/firmware/memmap/2/end", "0x10\n"}, /* before its start */
	    {"sys/firmware/memmap/2/end", NULL},
	    {"sys/firmware/memmap/2/type", NULL},
	    {"sys/firmware/memmap/0/start", NULL},
	    {"sys/firmware/memmap/9/type", "System RAM\n"}, /* and nothing else */
	    {"sys/firmware/memmap/2/end", "0x10000000000000000\n"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_memory struct machine_memory memory;
		cleanup_with(machine_tree_remove) struct machine_tree tree;

		machine_tree_make(&tree);
		if (rows[i].text)
			machine_tree_write(&tree, rows[i].name, rows[i].text);
		else
			machine_tree_delete(&tree, rows[i].name);
		assert_int_equal(machine_memory_read(&memory, &tree.root, NULL), 0);
		assert_row(rows[i].name, memory.firmware_fact == FACT_UNREADABLE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_usable_memory_is_what_iomem_says_it_is),
	    cmocka_unit_test(test_an_empty_line_does_not_hide_what_lies_inside_ram),
	    cmocka_unit_test(test_very_many_children_take_no_time),
	    cmocka_unit_test(test_types_are_known_by_the_kernels_names_in_any_case),
	    TREE_TEST(test_both_maps_are_read_and_destinations_lie_above_1_mib),
	    TREE_TEST(test_what_only_iomem_calls_ram_is_not_usable),
	    TREE_TEST(test_what_only_the_firmware_calls_ram_is_not_usable),
	    TREE_TEST(test_ranges_that_the_firmware_splits_are_one_for_destinations),
	    TREE_TEST(test_the_firmwares_own_order_is_kept),
	    TREE_TEST(test_a_gap_in_the_firmwares_map_does_not_end_it),
	    TREE_TEST(test_an_empty_firmware_map_is_absent_and_no_folder_is_unreadable),
	    TREE_TEST(test_hidden_addresses_are_unreadable_and_nothing_is_usable),
	    cmocka_unit_test(test_missing_files_are_facts_and_no_errors),
	    cmocka_unit_test(test_a_firmware_map_that_cannot_be_understood_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
