/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-bootconfig.h"

#include <string.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "test-support/archive.h"
#include "test-support/test.h"

enum { FOOTER = 20 };

/* As a blob of exactly that size, so that the sanitizer sees any byte read outside. */
static struct bootconfig find(const void *bytes, size_t size)
{
	cleanup_blob struct blob *blob = blob_new_memory(size);
	struct bootconfig bootconfig = {};
	struct error error = {};

	memcpy(blob->memory, bytes, size);
	assert_int_equal(bootconfig_find(&bootconfig, blob, &error), 0);
	assert_no_failure(&error);
	return bootconfig;
}

static void fill(struct archive *archive, size_t before, size_t size)
{
	char data[8192];

	assert_true(size <= sizeof(data));
	memset(data, 0xfe, sizeof(data));
	for (size_t i = 0; i < before; i++)
		archive_add_bytes(archive, "0", 1);
	archive_add_bootconfig(archive, data, size);
}

static void test_a_trailer_is_found_with_up_to_3_bytes_behind_it(void **state)
{
	(void)state;
	for (size_t slack = 0; slack <= 5; slack++) {
		struct archive archive = {};
		struct bootconfig found;

		fill(&archive, 8, 12);
		archive_add_zeros(&archive, slack);
		found = find(archive.bytes, archive.size);
		assert_int_equal(found.state, slack <= 3 ? BOOTCONFIG_VALID : BOOTCONFIG_NONE);
		if (slack > 3)
			continue;
		assert_int_equal(found.start, 8);
		assert_int_equal(found.end, 8 + 12 + FOOTER);
	}
}

/* The kernel does not look at them either. */
static void test_the_bytes_behind_a_trailer_may_be_anything(void **state)
{
	struct archive archive = {};

	(void)state;
	fill(&archive, 4, 4);
	archive_add_bytes(&archive, "xyz", 3);
	assert_int_equal(find(archive.bytes, archive.size).state, BOOTCONFIG_VALID);
}

static void test_trailers_of_many_sizes_are_found(void **state)
{
	static const size_t sizes[] = {0,   1,   2,   3,    4,    5,    7,    8,    254,
				       255, 256, 257, 4075, 4076, 4077, 4096, 4097, 8192};
	static const size_t before[] = {0, 4, 4096, 4100};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++)
		for (size_t j = 0; j < ELEMENTS(before); j++) {
			struct archive archive = {};
			struct bootconfig found;

			fill(&archive, before[j], sizes[i]);
			found = find(archive.bytes, archive.size);
			assert_int_equal(found.state, BOOTCONFIG_VALID);
			assert_int_equal(found.start, before[j]);
			assert_int_equal(found.end, archive.size);
		}
}

/* It is nothing that may be aligned: a file of another tool may have any size. */
static void test_a_trailer_may_start_at_any_offset(void **state)
{
	(void)state;
	for (size_t before = 0; before < 9; before++) {
		struct archive archive = {};
		uint8_t fields[8];

		fill(&archive, before, 0);
		archive.size = before;
		archive_add_bytes(&archive, "\x01\x02\x03", 3);
		store_le(fields, 4, 3);
		store_le(fields + 4, 4, 6);
		archive_add_bytes(&archive, fields, 8);
		archive_add_bytes(&archive, "#BOOTCONFIG\n", 12);
		assert_int_equal(find(archive.bytes, archive.size).state, BOOTCONFIG_VALID);
		assert_int_equal(find(archive.bytes, archive.size).start, before);
	}
}

static void test_a_size_that_reaches_before_the_file_is_too_long(void **state)
{
	static const uint32_t sizes[] = {
	    21, 22, 4096, 0x7fffffff, 0x80000000, 0xffffffec, UINT32_MAX - 19, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		struct archive archive = {};

		fill(&archive, 8, 12);
		store_le(archive.bytes + archive.size - FOOTER, 4, sizes[i]);
		assert_int_equal(find(archive.bytes, archive.size).state, BOOTCONFIG_TOO_LONG);
	}
}

static void test_a_size_of_the_whole_file_is_not_too_long(void **state)
{
	struct archive archive = {};
	struct bootconfig found;

	(void)state;
	fill(&archive, 8, 12);
	store_le(archive.bytes + archive.size - FOOTER, 4, 20);
	found = find(archive.bytes, archive.size);
	assert_int_equal(found.state, BOOTCONFIG_WRONG_SUM);
	assert_int_equal(found.start, 0);
}

static void test_each_wrong_byte_of_data_or_checksum_is_a_wrong_sum(void **state)
{
	struct archive archive = {};

	(void)state;
	fill(&archive, 8, 300);
	for (size_t i = 8; i < archive.size - 12; i++) {
		struct archive wrong = archive;

		if (i >= archive.size - FOOTER && i < archive.size - FOOTER + 4)
			continue; /* that is the size */
		wrong.bytes[i] ^= 0x20;
		assert_int_equal(find(wrong.bytes, wrong.size).state, BOOTCONFIG_WRONG_SUM);
	}
}

static void test_no_magic_word_no_bootconfig(void **state)
{
	struct archive archive = {};

	(void)state;
	fill(&archive, 8, 12);
	for (size_t i = archive.size - 12; i < archive.size; i++) {
		struct archive wrong = archive;

		wrong.bytes[i]++;
		assert_int_equal(find(wrong.bytes, wrong.size).state, BOOTCONFIG_NONE);
	}
	assert_int_equal(find("#BOOTCONFIG", 11).state, BOOTCONFIG_NONE);
	assert_int_equal(find("", 0).state, BOOTCONFIG_NONE);
}

static void test_a_file_too_small_for_a_trailer_is_too_long_for_it(void **state)
{
	struct archive archive = {};

	(void)state;
	archive_add_bootconfig(&archive, "", 0);
	assert_int_equal(archive.size, FOOTER);
	assert_int_equal(find(archive.bytes, FOOTER).state, BOOTCONFIG_VALID);
	for (size_t cut = 1; cut <= 8; cut++)
		assert_int_equal(find(archive.bytes + cut, FOOTER - cut).state,
				 BOOTCONFIG_TOO_LONG);
}

/* The sum of many bytes passes 2^32, as in the kernel. */
static void test_the_checksum_wraps(void **state)
{
	const uint64_t size = (UINT64_C(1) << 32) / 0xff + 1000;
	cleanup_blob struct blob *blob = blob_new_memory(size + FOOTER);
	struct bootconfig bootconfig;

	(void)state;
	assert_non_null(blob);
	memset(blob->memory, 0xff, size);
	store_le(blob->memory + size, 4, size);
	store_le(blob->memory + size + 4, 4, (uint32_t)(size * 0xff));
	memcpy(blob->memory + size + 8, "#BOOTCONFIG\n", 12);
	assert_true(size * 0xff > UINT32_MAX);
	assert_int_equal(bootconfig_find(&bootconfig, blob, NULL), 0);
	assert_int_equal(bootconfig.state, BOOTCONFIG_VALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_trailer_is_found_with_up_to_3_bytes_behind_it),
	    cmocka_unit_test(test_the_bytes_behind_a_trailer_may_be_anything),
	    cmocka_unit_test(test_trailers_of_many_sizes_are_found),
	    cmocka_unit_test(test_a_trailer_may_start_at_any_offset),
	    cmocka_unit_test(test_a_size_that_reaches_before_the_file_is_too_long),
	    cmocka_unit_test(test_a_size_of_the_whole_file_is_not_too_long),
	    cmocka_unit_test(test_each_wrong_byte_of_data_or_checksum_is_a_wrong_sum),
	    cmocka_unit_test(test_no_magic_word_no_bootconfig),
	    cmocka_unit_test(test_a_file_too_small_for_a_trailer_is_too_long_for_it),
	    cmocka_unit_test(test_the_checksum_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
