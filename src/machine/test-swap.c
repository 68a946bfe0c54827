/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/swap.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "test-support/folder.h"
#include "test-support/test.h"

#define HEADING "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
#define BLOCK   "sys/class/block/"

/* A disk with a partition; a LUKS device on it; LVM on that; RAIDs over one of each kind. */
static void make_devices(struct folder *folder)
{
	folder_text(folder, BLOCK "sda2/size", "1\n");
	folder_text(folder, BLOCK "dm-0/dm/uuid", "CRYPT-LUKS2-0123-swap\n");
	folder_text(folder, BLOCK "dm-0/slaves/sda2/size", "1\n");
	folder_text(folder, BLOCK "dm-1/dm/uuid", "LVM-0123\n");
	folder_text(folder, BLOCK "dm-1/slaves/dm-0/size", "1\n");
	folder_text(folder, BLOCK "dm-2/dm/uuid", "LVM-4567\n");
	folder_text(folder, BLOCK "dm-2/slaves/sda2/size", "1\n");
	folder_text(folder, BLOCK "md0/slaves/dm-0/size", "1\n");
	folder_text(folder, BLOCK "md0/slaves/sda2/size", "1\n");
	folder_text(folder, BLOCK "loop0/slaves/loop0/size", "1\n");
	folder_text(folder, BLOCK "zram0/backing_dev", "none\n");
	folder_text(folder, BLOCK "zram1/backing_dev", "/dev/sda3\n");
	folder_text(folder, BLOCK "zram2/size", "1\n");
}

static struct machine_swap read_swap(struct folder *folder)
{
	struct root root = {-1};
	struct machine_swap swap;

	assert_int_equal(root_open(&root, folder->path, NULL), 0);
	machine_swap_read(&swap, &root);
	root_close(&root);
	return swap;
}

static void test_swap_is_encrypted_only_where_every_way_to_a_disk_is(void **state)
{
	static const struct {
		const char *lines;
		enum fact fact;
		const char *unencrypted;
	} rows[] = {
	    {"", FACT_ABSENT, ""},
	    {"/dev/sda2 partition 1 0 -2\n", FACT_KNOWN, "/dev/sda2"},
	    {"/dev/dm-0\tpartition\t1\t0\t-2\n", FACT_KNOWN, ""},
	    {"/dev/dm-1 partition 1 0 -2\n", FACT_KNOWN, ""},
	    {"/dev/dm-2 partition 1 0 -2\n", FACT_KNOWN, "/dev/dm-2"},
	    {"/dev/md0 partition 1 0 -2\n", FACT_KNOWN, "/dev/md0"},
	    {"/dev/zram0 partition 1 0 100\n", FACT_ABSENT, ""},
	    {"/dev/zram1 partition 1 0 100\n", FACT_KNOWN, "/dev/zram1"},
	    {"/dev/zram2 partition 1 0 100\n", FACT_ABSENT, ""},
	    {"/dev/zram0 partition 1 0 1\n/dev/dm-0 partition 1 0 1\n/dev/sda2 partition 1 0 1\n",
	     FACT_KNOWN, "/dev/sda2"},
	    {"/dev/gone partition 1 0 -2\n", FACT_KNOWN, "/dev/gone"},
	    {"/dev/loop0 partition 1 0 -2\n", FACT_KNOWN, "/dev/loop0"}, /* a circle */
	    {"/swap\\040file file 1 0 -2\n", FACT_KNOWN, "/swap file"},
	    {"/dev/.. partition 1 0 -2\n", FACT_KNOWN, "/dev/.."},
	    {"nonsense\n", FACT_ABSENT, ""},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_folder struct folder folder;
		struct machine_swap swap;
		char text[512];

		folder_make(&folder);
		make_devices(&folder);
		snprintf(text, sizeof(text), HEADING "%s", rows[i].lines);
		folder_text(&folder, "proc/swaps", text);
		swap = read_swap(&folder);
		assert_row(rows[i].lines, swap.fact == rows[i].fact);
		assert_string_equal(swap.unencrypted, rows[i].unencrypted);
	}
}

static void test_a_swap_file_is_judged_by_the_device_of_its_filesystem(void **state)
{
	cleanup_folder struct folder folder;
	struct stat status;
	char path[80];

	(void)state;
	folder_make(&folder);
	make_devices(&folder);
	folder_text(&folder, "swapfile", "x");
	folder_text(&folder, "proc/swaps", HEADING "/swapfile file 1 0 -2\n");
	assert_int_equal(stat(folder.path, &status), 0);
	snprintf(path, sizeof(path), "sys/dev/block/%u:%u/uevent", major(status.st_dev),
		 minor(status.st_dev));
	folder_text(&folder, path, "MAJOR=254\nMINOR=0\nDEVNAME=dm-0\nDEVTYPE=disk\n");
	assert_string_equal(read_swap(&folder).unencrypted, "");
	folder_text(&folder, path, "DEVNAME=sda2\n");
	assert_string_equal(read_swap(&folder).unencrypted, "/swapfile");
	folder_text(&folder, path, "DEVNAME=../../dm-0\n");
	assert_string_equal(read_swap(&folder).unencrypted, "/swapfile");
}

static void test_without_the_list_nothing_is_known(void **state)
{
	cleanup_folder struct folder folder;

	(void)state;
	folder_make(&folder);
	assert_int_equal(read_swap(&folder).fact, FACT_UNREADABLE);
	folder_text(&folder, "proc/meminfo", "of a kernel without swap");
	assert_int_equal(read_swap(&folder).fact, FACT_ABSENT);
	folder_text(&folder, "proc/swaps/x", "a folder in its place");
	assert_int_equal(read_swap(&folder).fact, FACT_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_swap_is_encrypted_only_where_every_way_to_a_disk_is),
	    cmocka_unit_test(test_a_swap_file_is_judged_by_the_device_of_its_filesystem),
	    cmocka_unit_test(test_without_the_list_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
