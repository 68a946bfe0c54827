/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/block-drivers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define PCI "sys/devices/pci0000:00/0000:00:03.0"

/* A link, in a folder that is there. */
static void add_link(struct machine_tree *tree, const char *name, const char *target)
{
	assert_int_equal(symlink(target, folder_path(&tree->folder, name)), 0);
}

static void mount(struct machine_tree *tree, const char *lines)
{
	machine_tree_write(tree, "proc/self/mountinfo", lines);
}

/* /dev/vda1 on virtio on PCI; /var/crash is below "/". */
static void add_disk(struct machine_tree *tree)
{
	machine_tree_write(tree, "sys/devices/system/cpu/online", "0\n");
	machine_tree_write(tree, PCI "/virtio0/block/vda/vda1/dev", "254:1\n");
	machine_tree_write(tree, PCI "/virtio0/driver/uevent", "");
	machine_tree_write(tree, PCI "/driver/uevent", "");
	machine_tree_write(tree, "sys/module/virtio_blk/initstate", "live\n");
	machine_tree_write(tree, "sys/class/block/placeholder", "");
	machine_tree_write(tree, "sys/dev/block/placeholder", "");
	machine_tree_write(tree, "var/crash/placeholder", "");
	add_link(tree, PCI "/virtio0/driver/module", "../../../../../module/virtio_blk");
	add_link(tree, PCI "/driver/module", "../../../../bus/virtio-pci");
	add_link(tree, "sys/class/block/vda1",
		 "../../devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda1");
	add_link(tree, "sys/dev/block/254:1",
		 "../../devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda1");
	mount(tree, "22 1 254:1 / / rw - ext4 /dev/vda1 rw\n");
}

static bool needs(const struct machine_disk *disk, const char *module)
{
	for (size_t i = 0; i < disk->module_count; i++)
		if (strcmp(disk->modules[i], module) == 0)
			return true;
	return false;
}

static void read_disk(struct machine_disk *disk, struct machine_tree *tree, const char *folder)
{
	struct error error = {};

	assert_int_equal(machine_disk_read(disk, &tree->root, folder, &error), 0);
	assert_no_failure(&error);
}

static void test_drivers_of_all_that_the_disk_hangs_on_and_its_filesystem(void **state)
{
	struct machine_disk disk;

	add_disk(*state);
	read_disk(&disk, *state, "/var/crash");
	assert_int_equal(disk.fact, FACT_KNOWN);
	assert_string_equal(disk.device, "vda1");
	assert_string_equal(disk.filesystem, "ext4");
	assert_true(disk.driver_known);
	assert_true(needs(&disk, "virtio_blk"));
	assert_true(needs(&disk, "virtio_pci"));
	assert_true(needs(&disk, "ext4"));
	assert_int_equal(disk.module_count, 3);
}

static void test_a_folder_that_is_not_there_yet_is_where_the_one_above_it_is(void **state)
{
	struct machine_disk disk;

	add_disk(*state);
	read_disk(&disk, *state, "/var/crash/host/today");
	assert_string_equal(disk.folder, "/var/crash");
	assert_int_equal(disk.fact, FACT_KNOWN);
	read_disk(&disk, *state, "/nowhere");
	assert_string_equal(disk.folder, "/");
}

static void test_the_last_mount_of_the_longest_path_counts(void **state)
{
	struct machine_disk disk;

	add_disk(*state);
	mount(*state, "22 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
		      "23 22 0:40 / /var/cra rw - tmpfs tmpfs rw\n"
		      "24 22 0:41 / /var rw - nfs server:/x rw\n"
		      "25 24 0:42 / /var\\040x rw - tmpfs tmpfs rw\n"
		      "damaged\n");
	read_disk(&disk, *state, "/var/crash");
	assert_int_equal(disk.fact, FACT_ABSENT);
	assert_string_equal(disk.filesystem, "nfs");
	mount(*state, "24 22 254:1 / /var rw\n"
		      "25 24 0:42 / /x rw - tmpfs tmpfs rw\n");
	read_disk(&disk, *state, "/var/crash");
	assert_int_equal(disk.fact, FACT_UNREADABLE);
	mount(*state, "24 22 0:41 / /var rw - nfs server:/x rw\n"
		      "25 22 254:1 / /var rw - xfs /dev/vda1 rw\n");
	read_disk(&disk, *state, "/var/crash");
	assert_int_equal(disk.fact, FACT_KNOWN);
	assert_string_equal(disk.filesystem, "xfs");
}

static void test_devices_below_a_virtual_one_are_followed(void **state)
{
	struct machine_tree *tree = *state;
	struct machine_disk disk;

	add_disk(tree);
	machine_tree_write(tree, "sys/devices/virtual/block/dm-0/dm/uuid", "CRYPT-LUKS2-x\n");
	machine_tree_write(tree, "sys/devices/virtual/block/dm-0/slaves/vda1", "");
	add_link(tree, "sys/class/block/dm-0", "../../devices/virtual/block/dm-0");
	add_link(tree, "sys/dev/block/253:0", "../../devices/virtual/block/dm-0");
	mount(tree, "22 1 253:0 / / rw - btrfs /dev/mapper/root rw\n");
	read_disk(&disk, tree, "/var/crash");
	assert_string_equal(disk.device, "dm-0");
	assert_true(needs(&disk, "dm_mod") && needs(&disk, "dm_crypt"));
	assert_true(needs(&disk, "virtio_blk") && needs(&disk, "btrfs"));
}

static void test_what_cannot_be_known_is_not_taken_for_none(void **state)
{
	struct machine_tree *tree = *state;
	struct machine_disk disk;

	read_disk(&disk, tree, "/var/crash");
	assert_int_equal(disk.fact, FACT_UNREADABLE);
	read_disk(&disk, tree, "relative");
	assert_int_equal(disk.fact, FACT_UNREADABLE);
	machine_tree_write(tree, "sys/devices/virtual/nvme/nvme0n1/size", "1\n");
	machine_tree_write(tree, "sys/class/block/placeholder", "");
	machine_tree_write(tree, "sys/dev/block/placeholder", "");
	add_link(tree, "sys/class/block/nvme0n1", "../../devices/virtual/nvme/nvme0n1");
	add_link(tree, "sys/dev/block/259:0", "../../devices/virtual/nvme/nvme0n1");
	mount(tree, "22 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n");
	read_disk(&disk, tree, "/");
	assert_int_equal(disk.fact, FACT_KNOWN);
	assert_false(disk.driver_known);
}

static void test_modules_are_known_by_the_names_of_their_files(void **state)
{
	static const struct {
		const char *path, *name;
	} rows[] = {
	    {"kernel/drivers/nvme/host/nvme-core.ko", "nvme_core"},
	    {"usr/lib/modules/6.1/virtio_blk.ko.xz", "virtio_blk"},
	    {"sd_mod.ko.zst", "sd_mod"},
	    {"kernel/x.kobold", NULL},
	    {"kernel/.ko", NULL},
	    {"lib/modules/6.1", NULL},
	    {"a/b.ko/c", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char name[MODULE_NAME_SIZE];
		bool is_one = module_name_of_file(rows[i].path, name);

		assert_row(rows[i].path, is_one == (rows[i].name != NULL));
		if (is_one)
			assert_string_equal(name, rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_drivers_of_all_that_the_disk_hangs_on_and_its_filesystem),
	    TREE_TEST(test_a_folder_that_is_not_there_yet_is_where_the_one_above_it_is),
	    TREE_TEST(test_the_last_mount_of_the_longest_path_counts),
	    TREE_TEST(test_devices_below_a_virtual_one_are_followed),
	    TREE_TEST(test_what_cannot_be_known_is_not_taken_for_none),
	    cmocka_unit_test(test_modules_are_known_by_the_names_of_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
