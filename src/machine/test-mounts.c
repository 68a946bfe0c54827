/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is mounted, on what: machine/mounts.h and machine/partitions.h. */
#include "machine/mounts.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/partitions.h"
#include "test-support/folder.h"
#include "test-support/test.h"

#define MOUNTINFO                                                                                  \
	"22 1 8:3 / / rw,relatime shared:1 - ext4 /dev/sda3 rw\n"                                  \
	"30 22 8:1 / /boot rw shared:2 master:1 - vfat /dev/sda1 rw\n"                             \
	"31 22 0:31 /@home /home\\040of\\011all rw - btrfs /dev/sda4 rw,subvol=/@home\n"           \
	"32 22 0:41 / /efi rw - autofs systemd-1 rw,fd=47\n"                                       \
	"33 32 8:2 / /efi rw - vfat /dev/sda2 rw\n"                                                \
	"34 22 8:5 / /mnt rw - ext4 /dev/sda5 rw\n"                                                \
	"this is no line\n"                                                                        \
	"35 22 x:y / /a rw - ext4 /dev/x rw\n"                                                     \
	"36 22 8:9 / /b rw shared:1\n"                                                             \
	"37 22 8:9 / relative rw - ext4 /dev/x rw\n"

struct scene {
	struct folder folder;
	struct root root;
	struct machine_mounts mounts;
	struct machine_partitions partitions;
};

static void add_device(struct scene *scene, const char *number, const char *name,
		       const char *properties)
{
	char path[128], text[256];

	snprintf(path, sizeof(path), "run/udev/data/b%s", number);
	folder_text(&scene->folder, path, properties);
	snprintf(path, sizeof(path), "sys/dev/block/%s/uevent", number);
	snprintf(text, sizeof(text), "MAJOR=8\nDEVNAME=%s\n", name);
	folder_text(&scene->folder, path, text);
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct error error = {};

	assert_non_null(scene);
	folder_make(&scene->folder);
	assert_int_equal(root_open(&scene->root, scene->folder.path, &error), 0);
	folder_text(&scene->folder, "proc/self/mountinfo", MOUNTINFO);
	add_device(scene, "8:1", "sda1",
		   "S:disk/by-uuid/ABCD-1234\nE:ID_FS_TYPE=vfat\nE:ID_FS_UUID=ABCD-1234\n"
		   "E:ID_FS_LABEL_ENC=EFI\\x20part\nE:ID_PART_ENTRY_TYPE=C12A7328-F81F-11D2-BA4B-"
		   "00A0C93EC93B\nE:ID_PART_ENTRY_UUID=AAAA-bb\nE:ID_PART_ENTRY_NAME=a\\x2fb\n");
	add_device(scene, "8:4", "sda4",
		   "E:ID_FS_UUID=1-2-3\nE:ID_FS_TYPE=btrfs\nE:\nE:=\nnothing\n");
	add_device(scene, "254:0", "dm-0", "E:DM_NAME=vg-root\nE:ID_FS_UUID=9-9\n");
	folder_text(&scene->folder, "run/udev/data/c4:64", "E:ID_FS_UUID=1-2-3\n");
	folder_text(&scene->folder, "run/udev/data/b8:x", "");
	assert_int_equal(machine_mounts_read(&scene->mounts, &scene->root), 0);
	assert_int_equal(machine_partitions_read(&scene->partitions, &scene->root), 0);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	machine_mounts_fini(&scene->mounts);
	machine_partitions_fini(&scene->partitions);
	root_close(&scene->root);
	folder_remove(&scene->folder);
	free(scene);
	return 0;
}

static void test_lines_are_read_and_what_is_none_is_left_out(void **state)
{
	const struct scene *scene = *state;
	const struct machine_mount *home = &scene->mounts.mounts[2];

	assert_int_equal(scene->mounts.fact, FACT_KNOWN);
	assert_int_equal(scene->mounts.count, 6);
	assert_string_equal(home->point, "/home of\tall");
	assert_string_equal(home->folder, "/@home");
	assert_string_equal(home->type, "btrfs");
	assert_string_equal(home->source, "/dev/sda4");
	assert_int_equal(home->major, 0);
	assert_int_equal(home->minor, 31);
}

static void test_the_mount_on_top_counts(void **state)
{
	const struct scene *scene = *state;

	assert_string_equal(machine_mounts_at(&scene->mounts, "/efi")->source, "/dev/sda2");
	assert_null(machine_mounts_at(&scene->mounts, "/efi/loader"));
	assert_string_equal(machine_mounts_of(&scene->mounts, "/efi/loader")->source, "/dev/sda2");
	assert_string_equal(machine_mounts_of(&scene->mounts, "/efix")->source, "/dev/sda3");
	assert_string_equal(machine_mounts_of(&scene->mounts, "/boot")->source, "/dev/sda1");
}

static void test_without_proc_nothing_is_known(void **state)
{
	struct scene *scene = *state;
	struct machine_mounts mounts;

	folder_delete(&scene->folder, "proc/self/mountinfo");
	assert_int_equal(machine_mounts_read(&mounts, &scene->root), 0);
	assert_int_equal(mounts.fact, FACT_ABSENT);
	assert_int_equal(mounts.count, 0);
	assert_null(machine_mounts_of(&mounts, "/"));
}

static void test_devices_are_found_by_what_is_on_them(void **state)
{
	const struct scene *scene = *state;
	const struct machine_partitions *partitions = &scene->partitions;
	const struct machine_partition *esp = machine_partition_by_uuid(partitions, "abcd-1234");

	assert_int_equal(partitions->count, 3);
	assert_non_null(esp);
	assert_string_equal(esp->name, "sda1");
	assert_string_equal(esp->label, "EFI part");
	assert_string_equal(esp->type, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
	assert_string_equal(esp->partition_label, "a/b");
	assert_ptr_equal(machine_partition_by_label(partitions, "EFI part"), esp);
	assert_ptr_equal(machine_partition_by_partition_uuid(partitions, "aaaa-BB"), esp);
	assert_null(machine_partition_by_uuid(partitions, ""));
	assert_null(machine_partition_by_label(partitions, ""));
	assert_string_equal(machine_partition_by_uuid(partitions, "9-9")->name, "mapper/vg-root");
}

static void test_a_mount_is_on_its_device_also_without_a_number(void **state)
{
	const struct scene *scene = *state;

	assert_string_equal(
	    machine_partition_of_mount(&scene->partitions, &scene->mounts.mounts[1])->name, "sda1");
	assert_string_equal(
	    machine_partition_of_mount(&scene->partitions, &scene->mounts.mounts[2])->name, "sda4");
	assert_null(machine_partition_of_mount(&scene->partitions, &scene->mounts.mounts[3]));
}

static void check_found(const struct scene *scene, const char *uuid, const char *path,
			const char *expected)
{
	const struct machine_partition *partition =
	    machine_partition_by_uuid(&scene->partitions, uuid);
	cleanup_free char *found = NULL;
	int r = machine_find_on_partition(&found, NULL, &scene->mounts, &scene->partitions,
					  partition, path);

	assert_int_equal(r, expected ? 0 : -ENOENT);
	if (expected)
		assert_string_equal(found, expected);
}

static void test_a_partitions_file_is_found_where_it_is_mounted(void **state)
{
	const struct scene *scene = *state;

	check_found(scene, "ABCD-1234", "/loader/a", "/boot/loader/a");
	check_found(scene, "ABCD-1234", "/", "/boot/");
	check_found(scene, "1-2-3", "/@home/x", "/home of\tall/x");
	check_found(scene, "1-2-3", "/@homer/x", NULL);
	check_found(scene, "1-2-3", "/@/boot/vmlinuz", NULL);
	check_found(scene, "9-9", "/x", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    SCENE_TEST(test_lines_are_read_and_what_is_none_is_left_out),
	    SCENE_TEST(test_the_mount_on_top_counts),
	    SCENE_TEST(test_without_proc_nothing_is_known),
	    SCENE_TEST(test_devices_are_found_by_what_is_on_them),
	    SCENE_TEST(test_a_mount_is_on_its_device_also_without_a_number),
	    SCENE_TEST(test_a_partitions_file_is_found_where_it_is_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
