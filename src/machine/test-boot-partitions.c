/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/boot-partitions.h"

#include <string.h>

#include "base/cleanup.h"
#include "machine/efi-variables.h"
#include "machine/mounts.h"
#include "machine/partitions.h"
#include "test-support/folder.h"
#include "test-support/test.h"

#define ESP_TYPE      "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define XBOOTLDR_TYPE "bc13c2ff-59e6-4262-a352-b275fd6f7172"
#define LINUX_TYPE    "0fc63daf-8483-4772-8e79-3d69d8477de4"

/* A partition: sda1 is 8:1, sdb1 8:17. */
static void add(struct folder *folder, unsigned int minor, const char *type, const char *uuid)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "run/udev/data/b8:%u", minor);
	snprintf(text, sizeof(text), "E:ID_PART_ENTRY_TYPE=%s\nE:ID_PART_ENTRY_UUID=%s\n", type,
		 uuid);
	folder_text(folder, path, text);
	snprintf(path, sizeof(path), "sys/dev/block/8:%u/uevent", minor);
	snprintf(text, sizeof(text), "DEVNAME=sd%c%u\n", 'a' + (char)(minor / 16), minor % 16);
	folder_text(folder, path, text);
}

static struct machine_boot_partitions read_all(struct folder *folder, const char *mountinfo)
{
	cleanup_with(root_close) struct root root = {-1};
	cleanup_with(machine_mounts_fini) struct machine_mounts mounts = {};
	cleanup_with(machine_partitions_fini) struct machine_partitions partitions = {};
	struct machine_boot_partitions found;
	struct error error = {};

	folder_text(folder, "proc/self/mountinfo", mountinfo);
	assert_int_equal(root_open(&root, folder->path, &error), 0);
	assert_int_equal(machine_mounts_read(&mounts, &root), 0);
	assert_int_equal(machine_partitions_read(&partitions, &root), 0);
	assert_int_equal(machine_boot_partitions_read(&found, &root, &mounts, &partitions), 0);
	return found;
}

static void check(const struct boot_partition *partition, enum boot_partition_kind kind,
		  bool mounted, const char *point, const char *device)
{
	assert_int_equal(partition->kind, kind);
	assert_int_equal(partition->mounted, mounted);
	assert_string_equal(partition->point, point);
	assert_string_equal(partition->device, device);
}

static void test_the_type_says_what_a_partition_is(void **state)
{
	struct folder *folder = *state;
	struct machine_boot_partitions found;

	add(folder, 1, ESP_TYPE, "e");
	add(folder, 2, XBOOTLDR_TYPE, "x");
	found = read_all(folder, "1 1 8:2 / /boot rw - ext4 /dev/sda2 rw\n"
				 "2 1 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n");
	assert_int_equal(found.count, 2);
	check(&found.partitions[0], BOOT_PARTITION_ESP, true, "/boot/efi", "/dev/sda1");
	check(&found.partitions[1], BOOT_PARTITION_XBOOTLDR, true, "/boot", "/dev/sda2");
	assert_true(found.partitions[1].kind_is_known);
}

static void test_a_boot_partition_of_another_type_is_a_folder(void **state)
{
	struct folder *folder = *state;
	struct machine_boot_partitions found;

	add(folder, 2, LINUX_TYPE, "x");
	found = read_all(folder, "1 1 8:2 / /boot rw - ext4 /dev/sda2 rw\n");
	assert_int_equal(found.count, 1);
	check(&found.partitions[0], BOOT_PARTITION_FOLDER, true, "/boot", "/dev/sda2");
}

/* In an initramfs, or a container. */
static void test_without_udev_the_place_and_the_file_system_say_it(void **state)
{
	struct machine_boot_partitions found =
	    read_all(*state, "1 1 8:2 / /boot rw - vfat /dev/sda2 rw\n"
			     "2 1 8:1 / /efi rw - vfat /dev/sda1 rw\n");

	assert_int_equal(found.count, 2);
	check(&found.partitions[0], BOOT_PARTITION_ESP, true, "/boot", "");
	check(&found.partitions[1], BOOT_PARTITION_ESP, true, "/efi", "");
	assert_false(found.partitions[0].kind_is_known);
}

static void test_what_is_not_mounted_is_told(void **state)
{
	struct folder *folder = *state;
	struct machine_boot_partitions found;

	add(folder, 1, ESP_TYPE, "eeee");
	add(folder, 2, XBOOTLDR_TYPE, "xxxx");
	add(folder, 17, ESP_TYPE, "ffff");
	folder_write(folder, "sys/firmware/efi/efivars/LoaderDevicePartUUID-" LOADER_GUID,
		     "\6\0\0\0F\0F\0f\0f\0\0\0", 14);
	found = read_all(folder, "");
	assert_int_equal(found.count, 4);
	check(&found.partitions[0], BOOT_PARTITION_ESP, false, "/boot", "/dev/sdb1");
	assert_true(found.partitions[0].loader_is_from_it);
	check(&found.partitions[1], BOOT_PARTITION_ESP, false, "/boot", "/dev/sda1");
	check(&found.partitions[2], BOOT_PARTITION_XBOOTLDR, false, "/boot", "/dev/sda2");
	check(&found.partitions[3], BOOT_PARTITION_FOLDER, true, "/boot", "");
}

static void test_the_place_of_an_esp_is_where_its_folder_is(void **state)
{
	struct folder *folder = *state;

	add(folder, 1, ESP_TYPE, "eeee");
	folder_text(folder, "boot/efi/.kept", "");
	assert_string_equal(read_all(folder, "").partitions[0].point, "/boot/efi");
	folder_text(folder, "efi/.kept", "");
	assert_string_equal(read_all(folder, "").partitions[0].point, "/efi");
}

static void test_one_that_is_mounted_twice_is_found_once(void **state)
{
	struct folder *folder = *state;
	struct machine_boot_partitions found;

	add(folder, 1, ESP_TYPE, "e");
	found = read_all(folder, "1 1 8:1 / /boot rw - vfat /dev/sda1 rw\n"
				 "2 1 8:1 / /efi rw - vfat /dev/sda1 rw\n");
	assert_int_equal(found.count, 1);
	check(&found.partitions[0], BOOT_PARTITION_ESP, true, "/efi", "/dev/sda1");
}

static void test_an_unusual_place_is_found_by_the_type(void **state)
{
	struct folder *folder = *state;
	struct machine_boot_partitions found;

	add(folder, 1, ESP_TYPE, "e");
	found = read_all(folder, "1 1 8:1 / /mnt/esp rw - vfat /dev/sda1 rw\n"
				 "2 1 8:1 /sub /mnt/sub rw - vfat /dev/sda1 rw\n");
	assert_int_equal(found.count, 2);
	check(&found.partitions[0], BOOT_PARTITION_ESP, true, "/mnt/esp", "/dev/sda1");
	check(&found.partitions[1], BOOT_PARTITION_FOLDER, true, "/boot", "");
}

/* Nothing mounts behind it here; then it is not mounted. */
static void test_an_automount_alone_is_no_partition(void **state)
{
	struct folder *folder = *state;
	struct machine_boot_partitions found;

	add(folder, 1, ESP_TYPE, "e");
	folder_text(folder, "efi/.kept", "");
	found = read_all(folder, "1 1 0:44 / /efi rw - autofs systemd-1 rw\n");
	assert_int_equal(found.count, 2);
	check(&found.partitions[0], BOOT_PARTITION_ESP, false, "/efi", "/dev/sda1");
}

static void test_dos_partition_tables_have_types_too(void **state)
{
	struct folder *folder = *state;
	struct machine_boot_partitions found;

	add(folder, 1, "0xea", "e");
	found = read_all(folder, "1 1 8:1 / /boot rw - ext4 /dev/sda1 rw\n");
	assert_int_equal(found.count, 1);
	check(&found.partitions[0], BOOT_PARTITION_XBOOTLDR, true, "/boot", "/dev/sda1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLDER_TEST(test_the_type_says_what_a_partition_is),
	    FOLDER_TEST(test_a_boot_partition_of_another_type_is_a_folder),
	    FOLDER_TEST(test_without_udev_the_place_and_the_file_system_say_it),
	    FOLDER_TEST(test_what_is_not_mounted_is_told),
	    FOLDER_TEST(test_the_place_of_an_esp_is_where_its_folder_is),
	    FOLDER_TEST(test_one_that_is_mounted_twice_is_found_once),
	    FOLDER_TEST(test_an_unusual_place_is_found_by_the_type),
	    FOLDER_TEST(test_an_automount_alone_is_no_partition),
	    FOLDER_TEST(test_dos_partition_tables_have_types_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
