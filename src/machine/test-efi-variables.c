/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/efi-variables.h"

#include <string.h>

#include "base/cleanup.h"
#include "test-support/folder.h"
#include "test-support/test.h"

#define FOLDER "sys/firmware/efi/efivars/"

/* What is read of a variable with these bytes behind its attributes. */
static char *read_back(const void *bytes, size_t size, enum fact *fact)
{
	cleanup_folder struct folder folder = {};
	cleanup_with(root_close) struct root root = {-1};
	struct error error = {};
	char *text = NULL;

	folder_make(&folder);
	folder_write(&folder, FOLDER "X-" LOADER_GUID, bytes, size);
	assert_int_equal(root_open(&root, folder.path, &error), 0);
	assert_int_equal(machine_loader_text(&text, fact, &root, "X"), 0);
	return text;
}

static void test_text_is_read_as_it_is_meant(void **state)
{
	static const struct {
		const char *row, *bytes;
		size_t size;
		const char *text; /* NULL: unreadable */
	} rows[] = {
	    {"plain", "\7\0\0\0a\0b\0\0\0", 10, "ab"},
	    {"without a NUL", "\7\0\0\0a\0b\0", 8, "ab"},
	    {"empty", "\7\0\0\0", 4, ""},
	    {"up to the first NUL", "\7\0\0\0a\0\0\0b\0", 10, "a"},
	    {"two bytes", "\7\0\0\0\xe4\0\0\0", 8, "\u00e4"},
	    {"three bytes", "\7\0\0\0\xac\x20\0\0", 8, "\u20ac"},
	    {"four bytes", "\7\0\0\0\x3d\xd8\x00\xde\0\0", 10, "\U0001f600"},
	    {"high alone", "\7\0\0\0\x3d\xd8\0\0", 8, NULL},
	    {"high at the end", "\7\0\0\0\x3d\xd8", 6, NULL},
	    {"low alone", "\7\0\0\0\x00\xde\0\0", 8, NULL},
	    {"half a character", "\7\0\0\0a\0b", 7, NULL},
	    {"no attributes", "\7\0\0", 3, NULL},
	    {"nothing", "", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		enum fact fact;
		cleanup_free char *text = read_back(rows[i].bytes, rows[i].size, &fact);

		assert_row(rows[i].row, fact == (rows[i].text ? FACT_KNOWN : FACT_UNREADABLE));
		assert_row(rows[i].row, !text == !rows[i].text);
		assert_row(rows[i].row, !text || strcmp(text, rows[i].text) == 0);
	}
}

static void test_what_is_too_long_is_unreadable(void **state)
{
	cleanup_free char *bytes = calloc(1, 70000), *text = NULL;
	enum fact fact;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'a', 70000);
	text = read_back(bytes, 70000, &fact);
	assert_null(text);
	assert_int_equal(fact, FACT_UNREADABLE);
}

static void test_several_texts_keep_their_ends(void **state)
{
	struct folder *folder = *state;
	cleanup_with(root_close) struct root root = {-1};
	cleanup_free char *texts = NULL;
	struct error error = {};
	enum fact fact;
	size_t size;

	folder_write(folder, FOLDER "X-" LOADER_GUID, "\7\0\0\0a\0\0\0b\0c\0", 12);
	assert_int_equal(root_open(&root, folder->path, &error), 0);
	assert_int_equal(machine_loader_texts(&texts, &size, &fact, &root, "X"), 0);
	assert_int_equal(size, 5);
	assert_memory_equal(texts, "a\0bc\0", 5);
	free(texts);
	texts = NULL;
	assert_int_equal(machine_loader_texts(&texts, &size, &fact, &root, "Y"), 0);
	assert_int_equal(fact, FACT_ABSENT);
	assert_int_equal(size, 0);
}

static void test_features_have_eight_bytes(void **state)
{
	struct folder *folder = *state;
	cleanup_with(root_close) struct root root = {-1};
	struct error error = {};
	uint64_t features = 0;
	enum fact fact;

	assert_int_equal(root_open(&root, folder->path, &error), 0);
	assert_int_equal(machine_loader_features(&features, &fact, &root), 0);
	assert_int_equal(fact, FACT_ABSENT);
	folder_write(folder, FOLDER "LoaderFeatures-" LOADER_GUID, "\6\0\0\0\1\2\0\0\0\0\0\x80",
		     12);
	assert_int_equal(machine_loader_features(&features, &fact, &root), 0);
	assert_int_equal(fact, FACT_KNOWN);
	assert_true(features == UINT64_C(0x8000000000000201));
	folder_write(folder, FOLDER "LoaderFeatures-" LOADER_GUID, "\6\0\0\0\1\2\0\0", 8);
	assert_int_equal(machine_loader_features(&features, &fact, &root), 0);
	assert_int_equal(fact, FACT_UNREADABLE);
}

static void test_secure_boot_is_one_byte(void **state)
{
	struct folder *folder = *state;
	cleanup_with(root_close) struct root root = {-1};
	struct error error = {};
	bool enabled = true;

	assert_int_equal(root_open(&root, folder->path, &error), 0);
	assert_int_equal(machine_secure_boot(&enabled, &root), 0);
	assert_false(enabled);
	folder_write(folder, FOLDER "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "\6\0\0\0\1",
		     5);
	assert_int_equal(machine_secure_boot(&enabled, &root), 0);
	assert_true(enabled);
	folder_write(folder, FOLDER "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "\6\0\0\0\0",
		     5);
	assert_int_equal(machine_secure_boot(&enabled, &root), 0);
	assert_false(enabled);
}

static void test_an_empty_folder_is_not_mounted(void **state)
{
	struct folder *folder = *state;
	cleanup_with(root_close) struct root root = {-1};
	struct error error = {};

	assert_int_equal(root_open(&root, folder->path, &error), 0);
	assert_int_equal(machine_efi(&root), FACT_ABSENT);
	assert_int_equal(machine_efi_variables(&root), FACT_ABSENT);
	folder_text(folder, "sys/firmware/efi/fw_platform_size", "64\n");
	assert_int_equal(machine_efi(&root), FACT_KNOWN);
	assert_int_equal(machine_efi_variables(&root), FACT_UNREADABLE);
	folder_write(folder, FOLDER "BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c", "", 0);
	assert_int_equal(machine_efi_variables(&root), FACT_KNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_is_read_as_it_is_meant),
	    cmocka_unit_test(test_what_is_too_long_is_unreadable),
	    FOLDER_TEST(test_several_texts_keep_their_ends),
	    FOLDER_TEST(test_features_have_eight_bytes),
	    FOLDER_TEST(test_secure_boot_is_one_byte),
	    FOLDER_TEST(test_an_empty_folder_is_not_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
