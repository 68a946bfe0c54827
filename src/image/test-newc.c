/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/newc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test-support/folder.h"
#include "test-support/test.h"

static uint8_t *archive_of(const struct newc_member *members, size_t count, size_t *size)
{
	uint8_t *bytes;

	*size = newc_size(members, count);
	bytes = malloc(*size + 1);
	assert_non_null(bytes);
	bytes[*size] = 0xa5;
	newc_write(bytes, members, count);
	assert_int_equal(bytes[*size], 0xa5);
	return bytes;
}

/* What cpio(1) makes of it: another program's reader. */
static void test_cpio_unpacks_what_was_written(void **state)
{
	static const uint8_t binary[] = {0, 1, 2, 255, 0};
	const struct newc_member members[] = {
	    {"etc", S_IFDIR | 0755, NULL, 0},
	    {"etc/keys", S_IFDIR | 0500, NULL, 0},
	    {"etc/keys/a", S_IFREG | 0600, (const uint8_t *)"secret\n", 7},
	    {"etc/keys/empty", S_IFREG | 0400, NULL, 0},
	    {"etc/with blank", S_IFREG | 0644, binary, sizeof(binary)},
	};
	cleanup_folder struct folder folder;
	char command[512], read[8] = "";
	struct stat status;
	uint8_t *bytes;
	size_t size;
	FILE *file;

	(void)state;
	folder_make(&folder);
	bytes = archive_of(members, ELEMENTS(members), &size);
	folder_write(&folder, "archive", bytes, size);
	free(bytes);
	snprintf(command, sizeof(command), "cd '%s' && cpio --quiet -idm <archive", folder.path);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "%s/etc/keys/a", folder.path);
	assert_int_equal(stat(command, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
	file = fopen(command, "re");
	assert_non_null(file);
	assert_int_equal(fread(read, 1, sizeof(read), file), 7);
	fclose(file);
	assert_memory_equal(read, "secret\n", 7);
	snprintf(command, sizeof(command), "%s/etc/keys", folder.path);
	assert_int_equal(stat(command, &status), 0);
	assert_int_equal(status.st_mode, S_IFDIR | 0500);
	snprintf(command, sizeof(command), "%s/etc/with blank", folder.path);
	assert_int_equal(stat(command, &status), 0);
	assert_int_equal(status.st_size, sizeof(binary));
}

static void test_every_member_starts_on_a_multiple_of_four(void **state)
{
	(void)state;
	for (uint32_t size = 0; size < 9; size++)
		for (size_t length = 1; length < 9; length++) {
			const char *name = &"12345678"[8 - length];
			const struct newc_member member = {name, S_IFREG | 0644,
							   (const uint8_t *)"contents", size};
			size_t total;
			uint8_t *bytes = archive_of(&member, 1, &total);
			size_t trailer = newc_size(NULL, 0);

			assert_int_equal(total % 4, 0);
			assert_memory_equal(bytes + total - trailer, "070701", 6);
			free(bytes);
		}
}

static void test_what_passes_4_gib_has_no_size(void **state)
{
	const struct newc_member members[] = {
	    {"a", S_IFREG, NULL, UINT32_MAX},
	    {"a", S_IFREG, NULL, UINT32_MAX - 1000},
	};

	(void)state;
	assert_int_equal(newc_size(members, 1), 0);
	assert_int_equal(newc_size(members, 2), 0);
	assert_int_not_equal(newc_size(members + 1, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cpio_unpacks_what_was_written),
	    cmocka_unit_test(test_every_member_starts_on_a_multiple_of_four),
	    cmocka_unit_test(test_what_passes_4_gib_has_no_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
