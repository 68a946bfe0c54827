/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/installed.h"

#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/test.h"

enum { FILES_MAX = 6 };

/* The newest of these files; a name that ends in '/' becomes a folder. */
static struct machine_installed newest_of(const char *const *names)
{
	cleanup_folder struct folder folder = {};
	cleanup_with(root_close) struct root root = {-1};
	struct machine_installed newest;
	struct error error = {};

	folder_make(&folder);
	for (size_t i = 0; i < FILES_MAX && names[i]; i++) {
		size_t length = strlen(names[i]);

		if (names[i][length - 1] == '/') {
			assert_int_equal(mkdir(folder_path(&folder, names[i]), 0700), 0);
			continue;
		}
		folder_text(&folder, names[i], "a kernel");
	}
	assert_int_equal(root_open(&root, folder.path, &error), 0);
	assert_int_equal(machine_newest_installed(&newest, &root), 0);
	return newest;
}

static void test_the_newest_kernel_is_found(void **state)
{
	static const struct {
		const char *row, *names[FILES_MAX], *release, *path;
	} rows[] = {
	    {"none", {"boot/grub/grub.cfg"}, "", ""},
	    {"no folder at all", {}, "", ""},
	    {"by number and not by letter",
	     {"boot/vmlinuz-6.1.0-9-amd64", "boot/vmlinuz-6.1.0-28-amd64",
	      "boot/vmlinuz-5.10.0-33-amd64"},
	     "6.1.0-28-amd64",
	     "/boot/vmlinuz-6.1.0-28-amd64"},
	    {"beside its modules",
	     {"boot/vmlinuz-6.11.4-200.fc41.x86_64",
	      "usr/lib/modules/6.12.5-200.fc41.x86_64/vmlinuz"},
	     "6.12.5-200.fc41.x86_64",
	     "/usr/lib/modules/6.12.5-200.fc41.x86_64/vmlinuz"},
	    {"in /lib/modules",
	     {"lib/modules/6.12.8-arch1-1/vmlinuz"},
	     "6.12.8-arch1-1",
	     "/lib/modules/6.12.8-arch1-1/vmlinuz"},
	    {"modules without a kernel",
	     {"boot/vmlinuz-6.1", "usr/lib/modules/6.2/modules.dep"},
	     "6.1",
	     "/boot/vmlinuz-6.1"},
	    {"a folder is no kernel",
	     {"boot/vmlinuz-6.1", "boot/vmlinuz-6.2/"},
	     "6.1",
	     "/boot/vmlinuz-6.1"},
	    {"what a removed kernel left",
	     {"boot/vmlinuz-6.1", "boot/vmlinuz-6.2.old", "boot/vmlinuz-6.2.dpkg-bak",
	      "boot/vmlinuz-6.2~", "boot/vmlinuz-6.2.rpmsave", "boot/vmlinuz-6.2.bak"},
	     "6.1",
	     "/boot/vmlinuz-6.1"},
	    {"names without a version",
	     {"boot/vmlinuz", "boot/vmlinuz-linux", "boot/vmlinuz-", "boot/initrd.img-6.1"},
	     "",
	     ""},
	    {"a rescue kernel is old",
	     {"boot/vmlinuz-0-rescue-6f1ed1", "boot/vmlinuz-6.1"},
	     "6.1",
	     "/boot/vmlinuz-6.1"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct machine_installed newest = newest_of(rows[i].names);

		assert_row(rows[i].row, strcmp(newest.release, rows[i].release) == 0);
		assert_row(rows[i].row, strcmp(newest.path, rows[i].path) == 0);
	}
}

static void test_a_flavour_is_no_version(void **state)
{
	(void)state;
	assert_int_equal(machine_compare_releases("6.1.0-28-amd64", "6.1.0-28-cloud-amd64"), 0);
	assert_int_equal(machine_compare_releases("6.12-rc4-amd64", "6.12-amd64"), 0);
	assert_true(machine_compare_releases("6.1.0-28-cloud-amd64", "6.1.0-29-amd64") < 0);
	assert_true(machine_compare_releases("6.12.8-arch1-1", "6.12.8-arch1-2") < 0);
	assert_true(machine_compare_releases("6.8.0-51-generic", "6.8.0-9-generic") > 0);
	assert_int_equal(machine_compare_releases("-a", "-b"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_newest_kernel_is_found),
	    cmocka_unit_test(test_a_flavour_is_no_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
