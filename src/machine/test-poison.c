/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/poison.h"

#include "test-support/folder.h"
#include "test-support/test.h"

static const char clean[] = "MemTotal: 100 kB\nHardwareCorrupted:     0 kB\n";
static const char corrupted[] = "MemTotal: 100 kB\nHardwareCorrupted:     8 kB\n";

enum { PAGES = 64 };

static const uint64_t poisoned_flag = UINT64_C(1) << 19;

/* The map of a machine whose memory is PAGES pages, the first left out, after the subtraction. */
static enum fact subtract(const char *meminfo, const uint64_t *flags, size_t flag_count,
			  struct map *usable)
{
	cleanup_folder struct folder folder = {};
	struct error error = {};
	struct root root;
	enum fact fact;

	folder_make(&folder);
	if (meminfo)
		folder_text(&folder, "proc/meminfo", meminfo);
	if (flags)
		folder_write(&folder, "proc/kpageflags", flags, flag_count * sizeof(*flags));
	assert_int_equal(root_open(&root, folder.path, &error), 0);
	assert_int_equal(map_add(usable, (struct range){0x1000, PAGES * 0x1000}, 0, "RAM"), 0);
	assert_int_equal(poison_subtract(usable, &root, &fact), 0);
	root_close(&root);
	return fact;
}

static void test_poisoned_pages_are_no_destination(void **state)
{
	struct map usable = {};
	uint64_t flags[PAGES] = {
	    [5] = poisoned_flag, [6] = poisoned_flag | 1, [63] = poisoned_flag};

	(void)state;
	assert_int_equal(subtract(corrupted, flags, PAGES, &usable), FACT_KNOWN);
	assert_int_equal(usable.count, 2);
	assert_true(map_contains(&usable, (struct range){0x1000, 0x5000}));
	assert_true(map_contains(&usable, (struct range){0x7000, 0x3f000}));
	map_fini(&usable);
}

static void test_without_poisoned_memory_no_flags_are_read(void **state)
{
	struct map usable = {};
	uint64_t flags[PAGES] = {[5] = poisoned_flag};

	(void)state;
	assert_int_equal(subtract(clean, flags, PAGES, &usable), FACT_KNOWN);
	assert_int_equal(usable.count, 1);
	map_fini(&usable);
}

static void test_poisoned_memory_that_cannot_be_located_is_unreadable(void **state)
{
	struct map hidden = {}, cut = {}, unknown = {};
	uint64_t flags[PAGES] = {};

	(void)state;
	assert_int_equal(subtract(corrupted, NULL, 0, &hidden), FACT_UNREADABLE);
	assert_int_equal(subtract(corrupted, flags, PAGES - 1, &cut), FACT_UNREADABLE);
	assert_int_equal(subtract(NULL, flags, PAGES, &unknown), FACT_UNREADABLE);
	map_fini(&hidden);
	map_fini(&cut);
	map_fini(&unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_poisoned_pages_are_no_destination),
	    cmocka_unit_test(test_without_poisoned_memory_no_flags_are_read),
	    cmocka_unit_test(test_poisoned_memory_that_cannot_be_located_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
