/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/crash.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "test-support/crash-tree.h"
#include "test-support/test.h"

#define cleanup_crash cleanup_with(machine_crash_fini)

static void read_crash(struct machine_crash *crash, const struct machine_tree *tree)
{
	struct error error = {};

	assert_int_equal(machine_crash_read(crash, &tree->root, &error), 0);
	assert_no_failure(&error);
}

static void test_all_facts_are_read(void **state)
{
	cleanup_crash struct machine_crash crash = {};
	struct machine_tree *tree = *state;

	crash_tree_add(tree);
	machine_tree_write(tree, "sys/kernel/crash_elfcorehdr_size", "917560\n");
	machine_tree_write(tree, "proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	read_crash(&crash, tree);
	assert_int_equal(crash.ranges_fact, FACT_KNOWN);
	assert_int_equal(crash.upper.start, CRASH_TREE_START);
	assert_int_equal(crash.upper.end, CRASH_TREE_END);
	assert_int_equal(crash.reserved.count, 2);
	assert_int_equal(crash.reserved.regions[0].range.start, CRASH_TREE_LOW_START);
	assert_int_equal(crash.size, CRASH_TREE_END - CRASH_TREE_START);
	assert_int_equal(crash.vmcoreinfo_fact, FACT_KNOWN);
	assert_int_equal(crash.vmcoreinfo.start, CRASH_TREE_VMCOREINFO);
	assert_int_equal(range_size(crash.vmcoreinfo), 0x1000);
	assert_int_equal(crash.cpus_fact, FACT_KNOWN);
	assert_int_equal(crash.cpu_count, 2);
	assert_int_equal(crash.cpus[1].notes.start, CRASH_TREE_NOTES + 0x1000);
	assert_int_equal(range_size(crash.cpus[1].notes), CRASH_TREE_NOTES_SIZE);
	assert_int_equal(crash.mapping_fact, FACT_KNOWN);
	assert_true(crash.mapping.linear == CRASH_TREE_LINEAR);
	assert_true(crash.mapping.text_virtual == CRASH_TREE_TEXT);
	assert_int_equal(crash.mapping.text.start, CRASH_TREE_KERNEL_START);
	assert_int_equal(crash.mapping.text.end, CRASH_TREE_KERNEL_END);
	assert_int_equal(crash.elfcorehdr_size, 917560);
	assert_int_equal(crash.load_limit_fact, FACT_KNOWN);
	assert_false(crash.load_limited);
	assert_int_equal(crash.cma_fact, FACT_ABSENT);
}

static void test_a_machine_without_a_reservation_has_none(void **state)
{
	cleanup_crash struct machine_crash crash = {};

	read_crash(&crash, *state);
	assert_int_equal(crash.ranges_fact, FACT_KNOWN);
	assert_int_equal(range_size(crash.upper), 0);
	assert_int_equal(crash.cpus_fact, FACT_ABSENT);
	assert_int_equal(crash.vmcoreinfo_fact, FACT_ABSENT);
	assert_int_equal(crash.mapping_fact, FACT_ABSENT);
	assert_int_equal(crash.elfcorehdr_size_fact, FACT_ABSENT);
	assert_int_equal(crash.load_limit_fact, FACT_ABSENT);
}

static void test_hidden_addresses_are_unreadable_and_not_none(void **state)
{
	cleanup_crash struct machine_crash crash = {};
	struct machine_tree *tree = *state;
	uint64_t size;

	machine_tree_write(tree, "proc/iomem",
			   "00000000-00000000 : System RAM\n  00000000-00000000 : Crash kernel\n");
	machine_tree_write(tree, "sys/kernel/kexec_crash_size", "268435456\n");
	read_crash(&crash, tree);
	assert_int_equal(crash.ranges_fact, FACT_UNREADABLE);
	assert_int_equal(machine_crash_reserved_size(&tree->root, &size), FACT_KNOWN);
	assert_int_equal(size, 268435456);
}

static void test_memory_of_virtio_mem_and_of_dax_is_ram(void **state)
{
	static const struct range wanted[] = {{0x1000, 0x10000}, {0x20000, 0x40000}};
	cleanup_crash struct machine_crash crash = {};

	machine_tree_write(*state, "proc/iomem",
			   "1000-ffff : System RAM\n  2000-3fff : Crash kernel\n"
			   "20000-5ffff : virtio0\n  20000-2ffff : System RAM (virtio_mem)\n"
			   "    30000-3ffff : System RAM (kmem)\n"
			   "60000-6ffff : System RAM area\n");
	read_crash(&crash, *state);
	assert_int_equal(crash.ram.count, 2);
	for (size_t i = 0; i < ELEMENTS(wanted); i++)
		assert_memory_equal(&crash.ram.regions[i].range, &wanted[i], sizeof(*wanted));
}

static void test_cpus_with_gaps_and_without_notes(void **state)
{
	cleanup_crash struct machine_crash crash = {};
	struct machine_tree *tree = *state;

	crash_tree_add(tree);
	crash_tree_add_cpu(tree, 63);
	machine_tree_write(tree, "sys/devices/system/cpu/cpu7/online", "0\n");
	machine_tree_write(tree, "sys/devices/system/cpu/cpufreq/boost", "0\n");
	read_crash(&crash, tree);
	assert_int_equal(crash.cpu_count, 3);
	assert_int_equal(crash.cpus[2].number, 63);
}

static void test_notes_that_make_no_sense_are_unreadable(void **state)
{
	static const struct {
		const char *row, *name, *text;
	} rows[] = {
	    {"no number", "crash_notes", "hello\n"},
	    {"nowhere", "crash_notes", "0\n"},
	    {"no size", "crash_notes_size", "0\n"},
	    {"past the end", "crash_notes", "ffffffffffffffff\n"},
	};
	struct machine_tree *tree = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_crash struct machine_crash crash = {};
		char path[80];

		crash_tree_add(tree);
		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu1/%s", rows[i].name);
		machine_tree_write(tree, path, rows[i].text);
		read_crash(&crash, tree);
		assert_row(rows[i].row, crash.cpus_fact == FACT_UNREADABLE);
	}
}

static void test_vmcoreinfo_that_makes_no_sense_is_unreadable(void **state)
{
	static const char *const rows[] = {"",         "hello\n",  "0x1000\n",
					   "0 1000\n", "1000 0\n", "ffffffffffffff00 1000\n"};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_crash struct machine_crash crash = {};

		machine_tree_write(*state, "sys/kernel/vmcoreinfo", rows[i]);
		read_crash(&crash, *state);
		assert_row(rows[i], crash.vmcoreinfo_fact == FACT_UNREADABLE);
	}
}

static void test_a_kcore_that_makes_no_sense_is_unreadable(void **state)
{
	static const char short_file[] = "\177ELF\2\1";
	cleanup_crash struct machine_crash nothing = {}, cut = {};
	struct machine_tree *tree = *state;
	uint8_t file[sizeof(short_file) + 100] = {};

	crash_tree_add(tree);
	machine_tree_write(tree, "proc/kcore", "hello");
	read_crash(&nothing, tree);
	assert_int_equal(nothing.mapping_fact, FACT_UNREADABLE);
	memcpy(file, short_file, sizeof(short_file));
	file[32] = 64; /* e_phoff */
	file[54] = 56; /* e_phentsize */
	file[56] = 9;  /* e_phnum */
	folder_write(&tree->folder, "proc/kcore", file, sizeof(file));
	read_crash(&cut, tree);
	assert_int_equal(cut.mapping_fact, FACT_UNREADABLE);
}

static void test_what_cma_set_aside(void **state)
{
	static const struct {
		const char *row, *text;
		enum fact fact;
		uint64_t total;
	} rows[] = {
	    {"two ranges", "40000000-4fffffff\n60000000-67ffffff\n", FACT_KNOWN, 0x18000000},
	    {"none", "", FACT_KNOWN, 0},
	    {"backwards", "4fffffff-40000000\n", FACT_UNREADABLE, 0},
	    {"no range", "hello\n", FACT_UNREADABLE, 0},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_crash struct machine_crash crash = {};

		machine_tree_write(*state, "sys/kernel/kexec/crash_cma_ranges", rows[i].text);
		read_crash(&crash, *state);
		assert_row(rows[i].row, crash.cma_fact == rows[i].fact);
		assert_row(rows[i].row, map_total(&crash.cma) == rows[i].total);
		assert_false(crash.cma_asked);
	}
}

static void test_cma_that_was_asked_for_is_known(void **state)
{
	cleanup_crash struct machine_crash crash = {};

	machine_tree_write(*state, "proc/cmdline", "quiet crashkernel=128M crashkernel=1G,cma\n");
	read_crash(&crash, *state);
	assert_true(crash.cma_asked);
}

static void test_the_folder_of_new_kernels_is_read_too(void **state)
{
	cleanup_crash struct machine_crash crash = {};
	bool loaded;

	machine_tree_delete(*state, "sys/kernel/kexec_crash_loaded");
	machine_tree_write(*state, "sys/kernel/kexec/crash_loaded", "1\n");
	machine_tree_write(*state, "sys/kernel/kexec/crash_size", "4096\n");
	machine_tree_write(*state, "sys/kernel/kexec/crash_elfcorehdr_size", "8192\n");
	read_crash(&crash, *state);
	assert_int_equal(crash.size, 4096);
	assert_int_equal(crash.elfcorehdr_size, 8192);
	assert_int_equal(machine_crash_is_loaded(&((struct machine_tree *)*state)->root, &loaded),
			 FACT_KNOWN);
	assert_true(loaded);
}

static void test_the_limit_of_loads(void **state)
{
	static const struct {
		const char *text;
		enum fact fact;
		bool limited;
		uint64_t limit;
	} rows[] = {
	    {"-1\n", FACT_KNOWN, false, 0},
	    {"0\n", FACT_KNOWN, true, 0},
	    {"3\n", FACT_KNOWN, true, 3},
	    {"\n", FACT_UNREADABLE, false, 0},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_crash struct machine_crash crash = {};

		machine_tree_write(*state, "proc/sys/kernel/kexec_load_limit_panic", rows[i].text);
		read_crash(&crash, *state);
		assert_row(rows[i].text, crash.load_limit_fact == rows[i].fact);
		assert_row(rows[i].text, crash.load_limit == rows[i].limit);
		if (rows[i].fact == FACT_KNOWN)
			assert_row(rows[i].text, crash.load_limited == rows[i].limited);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TREE_TEST(test_all_facts_are_read),
	    TREE_TEST(test_a_machine_without_a_reservation_has_none),
	    TREE_TEST(test_hidden_addresses_are_unreadable_and_not_none),
	    TREE_TEST(test_memory_of_virtio_mem_and_of_dax_is_ram),
	    TREE_TEST(test_cpus_with_gaps_and_without_notes),
	    TREE_TEST(test_notes_that_make_no_sense_are_unreadable),
	    TREE_TEST(test_vmcoreinfo_that_makes_no_sense_is_unreadable),
	    TREE_TEST(test_a_kcore_that_makes_no_sense_is_unreadable),
	    TREE_TEST(test_what_cma_set_aside),
	    TREE_TEST(test_cma_that_was_asked_for_is_known),
	    TREE_TEST(test_the_folder_of_new_kernels_is_read_too),
	    TREE_TEST(test_the_limit_of_loads),
	};

	return cmocka_run_group_tests_name("machine/crash", tests, NULL, NULL);
}
