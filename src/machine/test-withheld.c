/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/withheld.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/test.h"

#define cleanup_map cleanup_with(map_fini)

#define MIB UINT64_C(0x100000)

/* What is left of 1 MiB to 512 MiB, with what the folder holds. */
static void subtract(struct folder *folder, struct map *usable)
{
	struct error error = {};
	struct root root;

	assert_int_equal(root_open(&root, folder->path, &error), 0);
	assert_int_equal(map_add(usable, (struct range){MIB, 512 * MIB}, 1, "RAM"), 0);
	assert_int_equal(withheld_subtract(usable, &root), 0);
	root_close(&root);
}

static void test_what_nothing_tells_of_stays(void **state)
{
	cleanup_folder struct folder folder = {};
	cleanup_map struct map usable = {};

	(void)state;
	folder_make(&folder);
	subtract(&folder, &usable);
	assert_int_equal(usable.count, 1);
	assert_true(map_contains(&usable, (struct range){MIB, 512 * MIB}));
}

static void test_blocks_that_are_not_online_are_no_destination(void **state)
{
	cleanup_folder struct folder folder = {};
	cleanup_map struct map usable = {};

	(void)state;
	folder_make(&folder);
	folder_text(&folder, "sys/devices/system/memory/block_size_bytes", "8000000\n");
	folder_text(&folder, "sys/devices/system/memory/memory0/state", "online\n");
	folder_text(&folder, "sys/devices/system/memory/memory1/state", "offline\n");
	folder_text(&folder, "sys/devices/system/memory/memory3/state", "going-offline\n");
	subtract(&folder, &usable);
	assert_int_equal(usable.count, 2);
	assert_true(map_contains(&usable, (struct range){MIB, 128 * MIB}));
	assert_true(map_contains(&usable, (struct range){256 * MIB, 384 * MIB}));
}

/* A recording may be anybody's. Each block that there could be would take days. */
static void test_blocks_that_are_not_there_take_no_time(void **state)
{
	cleanup_folder struct folder folder = {};
	cleanup_map struct map usable = {};

	(void)state;
	folder_make(&folder);
	folder_text(&folder, "sys/devices/system/memory/block_size_bytes", "1000\n");
	folder_text(&folder, "sys/devices/system/memory/memory512/state", "offline\n");
	folder_text(&folder, "sys/devices/system/memory/memory18446744073709551615/state",
		    "offline\n");
	folder_text(&folder, "sys/devices/system/memory/memory18446744073709551616/state",
		    "offline\n");
	folder_text(&folder, "sys/devices/system/memory/memoryx/state", "offline\n");
	assert_int_equal(map_add(&usable, (struct range){512 * MIB, UINT64_C(1) << 48}, 1, "RAM"),
			 0);
	alarm(5); /* instead of the test's whole time limit */
	subtract(&folder, &usable);
	alarm(0);
	assert_int_equal(usable.count, 3);
	assert_true(map_contains(&usable, (struct range){MIB, 2 * MIB}));
	assert_true(map_contains(&usable, (struct range){2 * MIB + 4096, 512 * MIB}));
}

static void test_a_block_size_of_nothing_is_no_block_size(void **state)
{
	cleanup_folder struct folder folder = {};
	cleanup_map struct map usable = {};

	(void)state;
	folder_make(&folder);
	folder_text(&folder, "sys/devices/system/memory/block_size_bytes", "0\n");
	folder_text(&folder, "sys/devices/system/memory/memory0/state", "offline\n");
	subtract(&folder, &usable);
	assert_int_equal(usable.count, 1);
}

static void test_a_record_of_crashes_inside_ram_is_no_destination(void **state)
{
	cleanup_folder struct folder folder = {};
	cleanup_map struct map usable = {};

	(void)state;
	folder_make(&folder);
	folder_text(&folder, "sys/module/ramoops/parameters/mem_address", "268435456\n");
	folder_text(&folder, "sys/module/ramoops/parameters/mem_size", "1048576\n");
	subtract(&folder, &usable);
	assert_int_equal(usable.count, 2);
	assert_true(map_contains(&usable, (struct range){MIB, 256 * MIB}));
	assert_true(map_contains(&usable, (struct range){257 * MIB, 512 * MIB}));
}

static void test_a_record_of_crashes_past_the_last_address_is_none(void **state)
{
	cleanup_folder struct folder folder = {};
	cleanup_map struct map usable = {};

	(void)state;
	folder_make(&folder);
	folder_text(&folder, "sys/module/ramoops/parameters/mem_address", "18446744073709547520\n");
	folder_text(&folder, "sys/module/ramoops/parameters/mem_size", "1048576\n");
	subtract(&folder, &usable);
	assert_int_equal(usable.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_nothing_tells_of_stays),
	    cmocka_unit_test(test_blocks_that_are_not_online_are_no_destination),
	    cmocka_unit_test(test_blocks_that_are_not_there_take_no_time),
	    cmocka_unit_test(test_a_block_size_of_nothing_is_no_block_size),
	    cmocka_unit_test(test_a_record_of_crashes_inside_ram_is_no_destination),
	    cmocka_unit_test(test_a_record_of_crashes_past_the_last_address_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
