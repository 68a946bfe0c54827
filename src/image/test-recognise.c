/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/recognise.h"

#include <stdlib.h>

#include "test-support/kernel-file.h"
#include "test-support/test.h"

static void test_every_signature_is_told_by_its_bytes(void **state)
{
	static const struct {
		unsigned int offset, length;
		const char *bytes, *description;
	} rows[] = {
	    {4, 4, "zimg", "EFI zboot"},
	    {56, 4, "ARM\x64", "arm64"},
	    {56, 4, "RSC\x05", "riscv"},
	    {0, 2, "MZ", "an EFI program"},
	    {0, 4, "\177ELF", "ELF"},
	    {0, 2, "\x1f\x8b", "gzip"},
	    {0, 6, "\xfd\067zXZ\0", "xz"},
	    {0, 4, "\x28\xb5\x2f\xfd", "zstd"},
	    {0, 4, "\x04\x22\x4d\x18", "lz4"},
	    {0, 4, "\x02\x21\x4c\x18", "legacy"},
	    {0, 3, "BZh", "bzip2"},
	    {0, 9, "\x89LZO\0\r\n\x1a\n", "LZO"},
	    {0, 13, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff", "lzma"},
	    {0, 6, "070701", "cpio"},
	    {0, 6, "070702", "cpio"},
	    {0, 4, "\xd0\x0d\xfe\xed", "device tree"},
	    {0, 4, "\x27\x05\x19\x56", "uImage"},
	    {0, 8, "!<arch>\n", "Debian package"},
	    {0x202, 4, "HdrS", "an x86 bzImage"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t head[RECOGNISE_HEAD_SIZE] = {};
		struct recognised recognised;
		uint64_t end = rows[i].offset + rows[i].length;

		head[end] = 0xff;
		memcpy(head + rows[i].offset, rows[i].bytes, rows[i].length);
		recognised = recognise((struct bytes){head, sizeof(head)});
		assert_contains(recognised.description, rows[i].description);
		assert_int_equal(recognised.kind,
				 rows[i].offset == 0x202 ? IMAGE_BZIMAGE : IMAGE_UNKNOWN);
		/* Exactly long enough is enough, one byte less is not. */
		assert_contains(recognise((struct bytes){head, end}).description,
				rows[i].description);
		assert_lacks(recognise((struct bytes){head, end - 1}).description,
			     rows[i].description);
	}
}

static void test_narrow_signatures_win_over_wide_ones(void **state)
{
	uint8_t head[RECOGNISE_HEAD_SIZE] = {'M', 'Z'};

	(void)state;
	memcpy(head + 4, "zimg", 4);
	assert_contains(recognise((struct bytes){head, sizeof(head)}).description, "zboot");
	memset(head + 4, 0, 4);
	memcpy(head + 56, "ARM\x64", 4);
	assert_contains(recognise((struct bytes){head, sizeof(head)}).description, "arm64");
	memcpy(head + 0x202, "HdrS", 4);
	assert_int_equal(recognise((struct bytes){head, sizeof(head)}).kind, IMAGE_BZIMAGE);
}

static void test_an_elf_files_architecture_is_named(void **state)
{
	uint8_t head[64] = "\177ELF";

	(void)state;
	head[18] = 62;
	assert_contains(recognise((struct bytes){head, sizeof(head)}).description, "x86-64");
	head[18] = 183;
	assert_contains(recognise((struct bytes){head, sizeof(head)}).description, "arm64");
	head[18] = 99;
	assert_contains(recognise((struct bytes){head, sizeof(head)}).description, "ELF");
	assert_contains(recognise((struct bytes){head, 19}).description, "ELF");
}

static void test_an_efi_programs_architecture_is_named(void **state)
{
	static const struct {
		uint16_t machine;
		const char *description;
	} rows[] = {
	    {0x8664, "an EFI program for x86-64 (perhaps a unified kernel image)"},
	    {0x14c, "an EFI program for 32-bit x86"},
	    {0xaa64, "an EFI program for arm64"},
	    {0x1c2, "an EFI program for 32-bit arm"},
	    {0x1c4, "an EFI program for 32-bit arm"},
	    {0x5064, "an EFI program for riscv"},
	    {0x6264, "an EFI program for loongarch"},
	    {0x1234, "an EFI program (perhaps"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t head[RECOGNISE_HEAD_SIZE] = {'M', 'Z', [0x3c] = 0x80};

		memcpy(head + 0x80, "PE\0\0", 4);
		store_le(head + 0x84, 2, rows[i].machine);
		assert_contains(recognise((struct bytes){head, sizeof(head)}).description,
				rows[i].description);
		/* A header that is cut, or lies behind the head, tells no machine. */
		assert_contains(recognise((struct bytes){head, 0x85}).description,
				"an EFI program (perhaps");
		store_le(head + 0x3c, 4, UINT32_MAX);
		assert_contains(recognise((struct bytes){head, sizeof(head)}).description,
				"an EFI program (perhaps");
	}
}

/* Dictionaries of lzma -0 to -9, of a known and an unknown size; what is no such header. */
static void test_lzma_is_told_by_its_header(void **state)
{
	static const uint32_t dictionaries[] = {1 << 16, 1 << 18, 3 << 20, 1 << 23, 1 << 26};
	static const uint32_t others[] = {0, 1 << 11, (1 << 23) + 1, 5 << 20, UINT32_MAX};
	uint8_t head[64] = {0x5d};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(dictionaries); i++) {
		store_le(head + 1, 4, dictionaries[i]);
		store_le(head + 5, 8, UINT64_MAX);
		assert_contains(recognise((struct bytes){head, 64}).description, "lzma");
		store_le(head + 5, 8, 12345678);
		assert_contains(recognise((struct bytes){head, 64}).description, "lzma");
		store_le(head + 5, 8, UINT64_C(1) << 38);
		assert_lacks(recognise((struct bytes){head, 64}).description, "lzma");
	}
	store_le(head + 5, 8, UINT64_MAX);
	for (size_t i = 0; i < ELEMENTS(others); i++) {
		store_le(head + 1, 4, others[i]);
		assert_lacks(recognise((struct bytes){head, 64}).description, "lzma");
	}
}

static void test_text_zeros_and_other_data_are_told_apart(void **state)
{
	static const struct {
		const char *bytes;
		unsigned int length;
		const char *description;
	} rows[] = {
	    {"#!/bin/sh\nexit 1\n", 17, "text"},
	    {"caf\xc3\xa9\r\n\f\t", 9, "text"},
	    {"text with a NUL\0 in it", 22, "no known format"},
	    {"\x7f rubout", 8, "no known format"},
	    {"\x01\x02\x03", 3, "no known format"},
	    {"\0\0\0\0", 4, "zeros"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct bytes head = {(const uint8_t *)rows[i].bytes, rows[i].length};

		assert_contains(recognise(head).description, rows[i].description);
		assert_int_equal(recognise(head).kind, IMAGE_UNKNOWN);
	}
}

static void test_random_data_of_any_length_has_a_description(void **state)
{
	unsigned int seed = 7;

	(void)state;
	for (size_t size = 0; size <= RECOGNISE_HEAD_SIZE; size++) {
		uint8_t *head = malloc(size ? size : 1);

		assert_non_null(head);
		for (size_t i = 0; i < size; i++)
			head[i] = (uint8_t)rand_r(&seed);
		assert_non_null(recognise((struct bytes){head, size}).description);
		assert_int_equal(recognise((struct bytes){head, size}).kind, IMAGE_UNKNOWN);
		free(head);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_signature_is_told_by_its_bytes),
	    cmocka_unit_test(test_narrow_signatures_win_over_wide_ones),
	    cmocka_unit_test(test_an_elf_files_architecture_is_named),
	    cmocka_unit_test(test_an_efi_programs_architecture_is_named),
	    cmocka_unit_test(test_lzma_is_told_by_its_header),
	    cmocka_unit_test(test_text_zeros_and_other_data_are_told_apart),
	    cmocka_unit_test(test_random_data_of_any_length_has_a_description),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
