/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/bzimage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/range.h"
#include "test-support/kernel-file.h"
#include "test-support/test.h"

static int read_file(struct bzimage *image, const uint8_t *file, uint64_t size, struct error *error)
{
	uint64_t head = size < BZIMAGE_HEAD_SIZE ? size : BZIMAGE_HEAD_SIZE;

	return bzimage_read(image, (struct bytes){file, head}, size, "/boot/vmlinuz", error);
}

static void test_a_valid_header_is_read_as_it_is(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct error error = {};
	struct bzimage image;

	(void)state;
	kernel_file_fill(file);
	assert_int_equal(read_file(&image, file, sizeof(file), &error), 0);
	assert_no_failure(&error);
	assert_int_equal(image.protocol, 0x20f);
	assert_int_equal(image.kernel_offset, KERNEL_FILE_OFFSET);
	assert_int_equal(image.kernel_size, KERNEL_FILE_BODY);
	assert_int_equal(image.alignment, 0x200000);
	assert_true(image.relocatable);
	assert_int_equal(image.preferred_address, 0x1000000);
	assert_int_equal(image.init_size, KERNEL_FILE_INIT_SIZE);
	assert_int_equal(image.initrd_max, 0x7fffffff);
	assert_int_equal(image.command_line_max, KERNEL_FILE_COMMAND_LINE_MAX);
	assert_int_equal(image.header_size, 0x202 + 0x6a - SETUP_HEADER_START);
	assert_memory_equal(image.header, file + SETUP_HEADER_START, image.header_size);
}

static void test_a_file_truncated_anywhere_is_refused_by_name(void **state)
{
	uint8_t whole[KERNEL_FILE_SIZE];

	(void)state;
	kernel_file_fill(whole);
	for (uint64_t size = 0; size < KERNEL_FILE_SIZE; size++) {
		/* Of exactly this size, so that the sanitizer sees any byte read behind it. */
		uint8_t *file = malloc(size ? size : 1);
		struct error error = {};
		struct bzimage image;

		assert_non_null(file);
		memcpy(file, whole, size);
		assert_int_equal(read_file(&image, file, size, &error), -EINVAL);
		assert_failed(&error, ERROR_IMAGE, "/boot/vmlinuz");
		free(file);
		if (size > BZIMAGE_HEAD_SIZE)
			size += 100;
	}
}

static void test_a_short_body_is_said_to_be_truncated(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct error error = {};
	struct bzimage image;

	(void)state;
	kernel_file_fill(file);
	assert_int_equal(read_file(&image, file, sizeof(file) - 1, &error), -EINVAL);
	assert_failed(&error, ERROR_IMAGE, "truncated");
}

/* memtest86+ is such a file. */
static void test_without_a_payload_the_last_paragraph_need_not_be_full(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct bzimage image;

	(void)state;
	kernel_file_fill(file);
	store_le(file + HEADER_PAYLOAD_OFFSET, 4, 0);
	store_le(file + HEADER_PAYLOAD_LENGTH, 4, 0);
	for (uint64_t missing = 0; missing <= 16; missing++) {
		struct error error = {};
		int r = read_file(&image, file, sizeof(file) - missing, &error);

		assert_int_equal(r, missing < 16 ? 0 : -EINVAL);
		if (r == 0)
			assert_int_equal(image.kernel_size, KERNEL_FILE_BODY - missing);
	}
}

static void test_what_is_appended_to_the_image_is_not_part_of_the_kernel(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct bzimage image;

	(void)state;
	kernel_file_fill(file);
	assert_int_equal(read_file(&image, file, sizeof(file) + 5000, NULL), 0);
	assert_int_equal(image.kernel_size, KERNEL_FILE_BODY);
}

/* What later steps rely on, whatever the header says. */
static void assert_consistent(const struct bzimage *image, uint64_t file_size)
{
	assert_true(image->kernel_size > 0);
	assert_true(image->kernel_offset + image->kernel_size <= file_size);
	assert_true(is_power_of_two(image->alignment) && image->alignment >= 4096);
	assert_true(image->init_size >= image->kernel_size);
	assert_true(image->header_size <= sizeof(image->header));
	assert_int_equal(image->entry_64, (image->xloadflags & BZIMAGE_XLF_KERNEL_64) != 0);
	assert_true(image->protocol >= 0x20c || image->xloadflags == 0);
}

static void test_the_64_bit_entry_is_told_by_xloadflags_from_protocol_2_12_on(void **state)
{
	static const struct {
		uint16_t protocol, xloadflags;
		bool entry_64;
	} rows[] = {
	    {0x20f, BZIMAGE_XLF_KERNEL_64, true},
	    {0x20f, 0, false},
	    {0x20c, BZIMAGE_XLF_KERNEL_64, true},
	    {0x20b, BZIMAGE_XLF_KERNEL_64 | BZIMAGE_XLF_ABOVE_4G, false},
	    {0x20a, 0xffff, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t file[KERNEL_FILE_SIZE];
		struct bzimage image;

		kernel_file_fill(file);
		store_le(file + HEADER_PROTOCOL, 2, rows[i].protocol);
		store_le(file + HEADER_XLOADFLAGS, 2, rows[i].xloadflags);
		assert_int_equal(read_file(&image, file, sizeof(file), NULL), 0);
		assert_int_equal(image.entry_64, rows[i].entry_64);
		assert_consistent(&image, sizeof(file));
	}
}

static void test_a_field_at_its_extremes_is_accepted_or_refused_by_its_own_rule(void **state)
{
	static const struct {
		const char *field; /* the error's words */
		unsigned int offset, width;
		uint64_t value;
		bool accepted;
	} rows[] = {
	    {"truncated", HEADER_SETUP_SECTS, 1, 0, false}, /* stands for 4 */
	    {"truncated", HEADER_SETUP_SECTS, 1, 0xff, false},
	    {"syssize", HEADER_SYSSIZE, 4, 0, false},
	    {"truncated", HEADER_SYSSIZE, 4, UINT32_MAX, false},
	    {"boot_flag", HEADER_BOOT_FLAG, 2, 0, false},
	    {"boot_flag", HEADER_BOOT_FLAG, 2, 0xffff, false},
	    {"jump", HEADER_JUMP_LENGTH, 1, 0, false},
	    {"jump", HEADER_JUMP_LENGTH, 1, 0x61, false},
	    {"jump", HEADER_JUMP_LENGTH, 1, 0x62, true},
	    {"jump", HEADER_JUMP_LENGTH, 1, 0xff, true}, /* cut where the next field starts */
	    {"version", HEADER_PROTOCOL, 2, 0, false},
	    {"version", HEADER_PROTOCOL, 2, 0x209, false},
	    {"version", HEADER_PROTOCOL, 2, 0x20a, true},
	    {"version", HEADER_PROTOCOL, 2, 0x20b, true},
	    {"version", HEADER_PROTOCOL, 2, 0x20c, true},
	    {"version", HEADER_PROTOCOL, 2, 0xffff, true},
	    {"loadflags", HEADER_LOADFLAGS, 1, 0, false},
	    {"loadflags", HEADER_LOADFLAGS, 1, 0xff, true},
	    {"kernel_version", HEADER_KERNEL_VERSION, 2, 0, true},
	    {"kernel_version", HEADER_KERNEL_VERSION, 2, 0xffff, true},
	    {"initrd_addr_max", HEADER_INITRD_ADDR_MAX, 4, 0, true},
	    {"initrd_addr_max", HEADER_INITRD_ADDR_MAX, 4, UINT32_MAX, true},
	    {"kernel_alignment", HEADER_KERNEL_ALIGNMENT, 4, 0, false},
	    {"kernel_alignment", HEADER_KERNEL_ALIGNMENT, 4, 2048, false},
	    {"kernel_alignment", HEADER_KERNEL_ALIGNMENT, 4, 0x201000, false},
	    {"kernel_alignment", HEADER_KERNEL_ALIGNMENT, 4, 4096, true},
	    {"kernel_alignment", HEADER_KERNEL_ALIGNMENT, 4, 0x80000000, true},
	    {"kernel_alignment", HEADER_KERNEL_ALIGNMENT, 4, UINT32_MAX, false},
	    {"relocatable", HEADER_RELOCATABLE, 1, 0, true},
	    {"relocatable", HEADER_RELOCATABLE, 1, 0xff, true},
	    {"xloadflags", HEADER_XLOADFLAGS, 2, 0, true},
	    {"xloadflags", HEADER_XLOADFLAGS, 2, 0xfffe, true},
	    {"xloadflags", HEADER_XLOADFLAGS, 2, 0xffff, true},
	    {"cmdline_size", HEADER_CMDLINE_SIZE, 4, 0, true},
	    {"cmdline_size", HEADER_CMDLINE_SIZE, 4, UINT32_MAX, true},
	    {"payload_offset", HEADER_PAYLOAD_OFFSET, 4, 0, true},
	    {"payload_length", HEADER_PAYLOAD_OFFSET, 4, UINT32_MAX, false},
	    {"payload_length", HEADER_PAYLOAD_LENGTH, 4, 0, true},
	    {"payload_length", HEADER_PAYLOAD_LENGTH, 4, KERNEL_FILE_BODY - 0x200, true},
	    {"payload_length", HEADER_PAYLOAD_LENGTH, 4, KERNEL_FILE_BODY - 0x1ff, false},
	    {"payload_length", HEADER_PAYLOAD_LENGTH, 4, UINT32_MAX, false},
	    {"pref_address", HEADER_PREF_ADDRESS, 8, 0, true},
	    {"pref_address", HEADER_PREF_ADDRESS, 8, UINT64_MAX, true}, /* a relocatable one */
	    {"init_size", HEADER_INIT_SIZE, 4, 0, false},
	    {"init_size", HEADER_INIT_SIZE, 4, KERNEL_FILE_BODY - 1, false},
	    {"init_size", HEADER_INIT_SIZE, 4, KERNEL_FILE_BODY, true},
	    {"init_size", HEADER_INIT_SIZE, 4, UINT32_MAX, true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t file[KERNEL_FILE_SIZE];
		struct error error = {};
		struct bzimage image;
		int r;

		kernel_file_fill(file);
		store_le(file + rows[i].offset, rows[i].width, rows[i].value);
		r = read_file(&image, file, sizeof(file), &error);
		assert_row(rows[i].field, (r == 0) == rows[i].accepted);
		if (r == 0) {
			assert_consistent(&image, sizeof(file));
		} else {
			assert_failed(&error, ERROR_IMAGE, rows[i].field);
			assert_string_equal(error.failures[0].subject, "/boot/vmlinuz");
		}
	}
}

static void test_a_fixed_kernel_needs_a_preferred_address_on_a_page_boundary(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct error error = {};
	struct bzimage image;

	(void)state;
	kernel_file_fill(file);
	file[HEADER_RELOCATABLE] = 0;
	assert_int_equal(read_file(&image, file, sizeof(file), &error), 0);
	assert_false(image.relocatable);
	store_le(file + HEADER_PREF_ADDRESS, 8, 0x1000001);
	assert_int_equal(read_file(&image, file, sizeof(file), &error), -EINVAL);
	assert_failed(&error, ERROR_IMAGE, "pref_address");
}

static void test_no_setup_sectors_stand_for_four(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct bzimage image;

	(void)state;
	kernel_file_fill(file);
	file[HEADER_SETUP_SECTS] = 0;
	assert_int_equal(read_file(&image, file, sizeof(file) + 512, NULL), 0);
	assert_int_equal(image.kernel_offset, 5 * 512);
}

static void test_the_copied_header_never_reaches_the_next_field(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];
	struct bzimage image;

	(void)state;
	kernel_file_fill(file);
	file[HEADER_JUMP_LENGTH] = 0xff;
	assert_int_equal(read_file(&image, file, sizeof(file), NULL), 0);
	assert_int_equal(image.header_size, SETUP_HEADER_MAX_END - SETUP_HEADER_START);
}

static void test_random_headers_are_consistent_or_refused(void **state)
{
	unsigned int accepted = 0, seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		uint8_t file[KERNEL_FILE_SIZE];
		struct error error = {};
		struct bzimage image;

		kernel_file_fill(file);
		for (unsigned int j = 0; j < 1 + i % 4; j++)
			file[SETUP_HEADER_START + (unsigned int)rand_r(&seed) %
						      (HEADER_INIT_SIZE + 4 - SETUP_HEADER_START)] =
			    (uint8_t)rand_r(&seed);
		if (read_file(&image, file, sizeof(file), &error) < 0) {
			assert_failed(&error, ERROR_IMAGE, "/boot/vmlinuz");
			continue;
		}
		assert_consistent(&image, sizeof(file));
		accepted++;
	}
	assert_true(accepted > 0);
	assert_true(accepted < 20000);
}

static void test_the_version_lies_512_bytes_behind_its_field(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE];

	(void)state;
	kernel_file_fill(file);
	store_le(file + HEADER_KERNEL_VERSION, 2, 0x1234);
	assert_int_equal(bzimage_version_offset((struct bytes){file, sizeof(file)}), 0x1434);
	store_le(file + HEADER_KERNEL_VERSION, 2, 0);
	assert_int_equal(bzimage_version_offset((struct bytes){file, sizeof(file)}), 0);
	assert_int_equal(bzimage_version_offset((struct bytes){file, HEADER_KERNEL_VERSION + 1}),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_valid_header_is_read_as_it_is),
	    cmocka_unit_test(test_a_file_truncated_anywhere_is_refused_by_name),
	    cmocka_unit_test(test_a_short_body_is_said_to_be_truncated),
	    cmocka_unit_test(test_without_a_payload_the_last_paragraph_need_not_be_full),
	    cmocka_unit_test(test_what_is_appended_to_the_image_is_not_part_of_the_kernel),
	    cmocka_unit_test(test_a_field_at_its_extremes_is_accepted_or_refused_by_its_own_rule),
	    cmocka_unit_test(test_the_64_bit_entry_is_told_by_xloadflags_from_protocol_2_12_on),
	    cmocka_unit_test(test_a_fixed_kernel_needs_a_preferred_address_on_a_page_boundary),
	    cmocka_unit_test(test_no_setup_sectors_stand_for_four),
	    cmocka_unit_test(test_the_copied_header_never_reaches_the_next_field),
	    cmocka_unit_test(test_random_headers_are_consistent_or_refused),
	    cmocka_unit_test(test_the_version_lies_512_bytes_behind_its_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
