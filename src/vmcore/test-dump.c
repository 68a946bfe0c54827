/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/blob.h"
#include "test-support/crashed-kernel.h"
#include "test-support/packed-page.h"
#include "test-support/test.h"
#include "vmcore/dump.h"

/* Pages with words, with zeros, and one that repeats itself. */
static struct crashed_kernel *new_kernel(unsigned int word, enum byte_order order)
{
	struct crashed_kernel *kernel = malloc(sizeof(*kernel));

	assert_non_null(kernel);
	crashed_init(kernel, word, order);
	for (uint64_t i = 0; i < CRASHED_MEMORY; i += 4)
		if (i / CRASHED_PAGE % 4)
			store_le(kernel->memory + i, 4, i / 128 * 2654435761U);
	packed_page_fill(kernel->memory + 5 * CRASHED_PAGE);
	return kernel;
}

/* All of memory can be read, at any offset, and VMCOREINFO is there. */
static void check_dump(const char *name, struct blob *blob, const struct crashed_kernel *kernel,
		       bool with_info)
{
	static uint8_t found[CRASHED_MEMORY];
	cleanup_dump struct dump dump = {};
	struct error error = {};

	assert_row(name, dump_open_blob(&dump, blob, &error) == 0);
	assert_no_failure(&error);
	assert_no_failure(&dump.damage);
	assert_row(name, dump.order == kernel->order && dump.word == kernel->word);
	assert_row(name, dump.machine == kernel->machine);
	assert_row(name, !with_info == !dump.info.text);
	if (with_info)
		assert_string_equal(dump.info.text, kernel->info);
	assert_row(name, dump_read(&dump, CRASHED_PHYSICAL, found, CRASHED_MEMORY, &error) ==
			     CRASHED_MEMORY);
	assert_row(name, memcmp(found, kernel->memory, CRASHED_MEMORY) == 0);
	assert_row(name, dump_read(&dump, CRASHED_PHYSICAL + 4090, found, 5000, &error) == 5000);
	assert_row(name, memcmp(found, kernel->memory + 4090, 5000) == 0);
	assert_no_failure(&error);
}

#define FOR_EACH_KERNEL(kernel)                                                                    \
	for (unsigned int word = 4; word <= 8; word += 4)                                          \
		for (enum byte_order order = ORDER_LITTLE; order <= ORDER_BIG; order++)            \
			for (struct crashed_kernel *kernel = new_kernel(word, order); kernel;      \
			     free(kernel), kernel = NULL)

static void test_elf_cores_of_every_class_and_order_are_read(void **state)
{
	static const struct {
		const char *name;
		struct crashed_dump dump;
	} rows[] = {
	    {"plain", {}},
	    {"64-bit form", {.elf_class_64 = true}},
	    {"notes last", {.notes_last = true}},
	    {"many headers", {.many_headers = true}},
	    {"no virtual addresses", {.without_virtual = true}},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		FOR_EACH_KERNEL(kernel)
	check_dump(rows[i].name, crashed_elf(kernel, &rows[i].dump), kernel, true);
}

static void test_kdumps_of_every_version_word_and_order_are_read(void **state)
{
	(void)state;
	for (unsigned int version = 0; version <= 6; version++)
		FOR_EACH_KERNEL(kernel)
		{
			const struct crashed_dump dump = {
			    .version = version,
			    .other_alignment = word == 4 && kernel->machine != EM_386,
			};
			char name[64];

			snprintf(name, sizeof(name), "version %u, word %u, order %u", version, word,
				 order);
			check_dump(name, crashed_kdump(kernel, &dump), kernel, version >= 3);
		}
}

static void test_flattened_dumps_are_read(void **state)
{
	static const uint64_t steps[] = {1000, 4096, 65536, 10000000};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(steps); i++)
		FOR_EACH_KERNEL(kernel)
		{
			const struct crashed_dump dump = {
			    .version = 6, .other_alignment = kernel->machine == EM_PPC};
			cleanup_blob struct blob *elf = crashed_elf(kernel, &dump);
			cleanup_blob struct blob *kdump = crashed_kdump(kernel, &dump);

			check_dump("ELF", crashed_flatten(elf, steps[i]), kernel, true);
			check_dump("kdump", crashed_flatten(kdump, steps[i]), kernel, true);
		}
}

static void test_every_packing_of_pages_is_known(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);

	(void)state;
	for (const struct packed_page *page = packed_pages; page < packed_pages + PACKED_PAGES;
	     page++) {
		struct crashed_dump how = {.version = 6, .packed_count = 1};
		cleanup_dump struct dump dump = {};
		struct error error = {};
		uint8_t found[CRASHED_PAGE];
		uint64_t size;

		how.packed[0] = (struct crashed_page){.index = 5,
						      .flags = page->flags,
						      .bytes = page->bytes.data,
						      .size = (uint32_t)page->bytes.size};
		assert_int_equal(dump_open_blob(&dump, crashed_kdump(kernel, &how), &error), 0);
		size = dump_read(&dump, CRASHED_PHYSICAL + 5 * CRASHED_PAGE, found, CRASHED_PAGE,
				 &error);
		if (packed_page_is_known(page)) {
			assert_no_failure(&error);
			assert_row(page->name, size == CRASHED_PAGE);
			assert_memory_equal(found, kernel->memory + 5 * CRASHED_PAGE, CRASHED_PAGE);
		} else {
			assert_failed(&error, ERROR_UNSUPPORTED, page->name);
		}
	}
	free(kernel);
}

/* What is before the hole is still read, and the place of the hole is said. */
static void check_hole(struct blob *blob, const char *what)
{
	cleanup_dump struct dump dump = {};
	struct error error = {};
	uint8_t found[3 * CRASHED_PAGE];

	assert_int_equal(dump_open_blob(&dump, blob, &error), 0);
	assert_int_equal(dump_read(&dump, CRASHED_PHYSICAL + 9 * CRASHED_PAGE + 100, found,
				   sizeof(found), &error),
			 CRASHED_PAGE - 100);
	assert_failed(&error, ERROR_IMAGE, what);
	assert_failed(&error, ERROR_IMAGE, "0x100a000");
	error = (struct error){};
	assert_int_equal(
	    dump_read(&dump, CRASHED_PHYSICAL + 12 * CRASHED_PAGE, found, sizeof(found), &error),
	    sizeof(found));
	assert_no_failure(&error);
}

static void test_memory_that_is_not_in_the_dump_is_named(void **state)
{
	const struct crashed_dump how = {.version = 6, .lost_from = 10, .lost_to = 12};
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);

	(void)state;
	check_hole(crashed_elf(kernel, &how), "is not in the dump");
	check_hole(crashed_kdump(kernel, &how), "is not in the dump");
	free(kernel);
}

/* However much of a dump is there: it opens or says why not, and what is read is right. */
static void check_cut(const struct blob *whole, uint64_t size, const struct crashed_kernel *kernel)
{
	cleanup_dump struct dump dump = {};
	struct error error = {};
	static uint8_t found[CRASHED_MEMORY];
	uint64_t has;

	if (dump_open_blob(&dump, crashed_cut(whole, size), &error) < 0) {
		assert_int_equal(error_kind(&error), ERROR_IMAGE);
		return;
	}
	assert_true(dump.damage.count > 0);
	has = dump_read(&dump, CRASHED_PHYSICAL, found, CRASHED_MEMORY, &error);
	assert_true(has < CRASHED_MEMORY);
	assert_failed(&error, ERROR_IMAGE, "");
	assert_memory_equal(found, kernel->memory, has);
}

static void test_dumps_that_are_cut_give_what_they_have(void **state)
{
	const struct crashed_dump how = {.version = 6};
	struct crashed_kernel *kernel = new_kernel(8, ORDER_BIG);
	cleanup_blob struct blob *elf = crashed_elf(kernel, &how);
	cleanup_blob struct blob *kdump = crashed_kdump(kernel, &how);
	cleanup_blob struct blob *flat = crashed_flatten(kdump, 4096);

	(void)state;
	for (uint64_t size = 1; size < elf->size; size += size < 1000 ? 1 : 5003)
		check_cut(elf, size, kernel);
	for (uint64_t size = 1; size < kdump->size; size += size < 1000 ? 1 : 5003)
		check_cut(kdump, size, kernel);
	for (uint64_t size = 1; size < flat->size - 4096 - 32; size += 5003)
		check_cut(flat, size, kernel);
	free(kernel);
}

struct refusal {
	const char *name;
	uint64_t offset;
	unsigned int width;
	uint64_t value;
	enum error_kind kind;
	const char *detail;
};

static void check_refusals(const struct blob *blob, const struct refusal *rows, size_t count,
			   const struct crashed_kernel *kernel)
{
	for (size_t i = 0; i < count; i++) {
		struct blob *damaged = crashed_cut(blob, blob->size);
		cleanup_dump struct dump dump = {};
		struct error error = {};

		store_ordered(damaged->memory + rows[i].offset, rows[i].width, kernel->order,
			      rows[i].value);
		assert_row(rows[i].name, dump_open_blob(&dump, damaged, &error) < 0);
		assert_failed(&error, rows[i].kind, rows[i].detail);
	}
}

static void test_headers_that_make_no_sense_are_refused(void **state)
{
	static const struct refusal elf_rows[] = {
	    {"magic", 0, 1, 0, ERROR_IMAGE, "it is no dump"},
	    {"class", EI_CLASS, 1, 3, ERROR_IMAGE, "no known class"},
	    {"order", EI_DATA, 1, 0, ERROR_IMAGE, "no known class or order"},
	    {"type", 16, 2, ET_EXEC, ERROR_IMAGE, "no core"},
	    {"size of headers", 54, 2, 57, ERROR_IMAGE, "unknown size"},
	    {"no headers", 56, 2, 0, ERROR_IMAGE, "no memory in it"},
	    {"headers behind the end", 32, 8, UINT64_MAX - 8, ERROR_IMAGE, "no memory in it"},
	};
	static const struct refusal kdump_rows[] = {
	    {"version", 8, 4, 7, ERROR_UNSUPPORTED, "version 7"},
	    {"size of blocks", 428, 4, 5000, ERROR_IMAGE, "make no sense"},
	    {"no sub header", 432, 4, 0, ERROR_IMAGE, "make no sense"},
	};
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	cleanup_blob struct blob *elf = crashed_elf(kernel, &(struct crashed_dump){});
	cleanup_blob struct blob *kdump =
	    crashed_kdump(kernel, &(struct crashed_dump){.version = 6});

	(void)state;
	check_refusals(elf, elf_rows, ELEMENTS(elf_rows), kernel);
	check_refusals(kdump, kdump_rows, ELEMENTS(kdump_rows), kernel);
	free(kernel);
}

static void test_a_program_header_table_that_is_cut_is_damage(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	struct blob *blob = crashed_elf(kernel, &(struct crashed_dump){.many_headers = true});
	cleanup_dump struct dump dump = {};
	struct error error = {};

	(void)state;
	store_le(blob->memory + 64 + 44, 4, UINT32_MAX); /* sh_info */
	assert_int_equal(dump_open_blob(&dump, blob, &error), 0);
	assert_failed(&dump.damage, ERROR_IMAGE, "program headers are not there");
	free(kernel);
}

static void test_notes_that_are_not_all_there_are_damage(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	struct blob *blob = crashed_elf(kernel, &(struct crashed_dump){});
	cleanup_dump struct dump dump = {};
	struct error error = {};

	(void)state;
	store_le(blob->memory + 128 + 8, 8, blob->size - 8); /* p_offset */
	assert_int_equal(dump_open_blob(&dump, blob, &error), 0);
	assert_failed(&dump.damage, ERROR_IMAGE, "are not all there");
	assert_null(dump.info.text);
	free(kernel);
}

static void test_a_writer_that_ran_out_of_room_is_told_of(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	struct blob *blob = crashed_kdump(kernel, &(struct crashed_dump){.version = 6});
	cleanup_dump struct dump dump = {};
	struct error error = {};

	(void)state;
	store_le(blob->memory + 424, 4, 8); /* status */
	assert_int_equal(dump_open_blob(&dump, blob, &error), 0);
	assert_failed(&dump.damage, ERROR_IMAGE, "ran out of room");
	free(kernel);
}

static void test_a_page_that_is_damaged_is_named(void **state)
{
	static const struct refusal rows[] = {
	    {"lost", 0, 8, 0, ERROR_IMAGE, "was lost"},
	    {"too large", 8, 4, 4097, ERROR_IMAGE, "impossible size"},
	    {"empty", 8, 4, 0, ERROR_IMAGE, "impossible size"},
	    {"unpacked and small", 8, 8, 4095, ERROR_IMAGE, "impossible size"},
	    {"two packings", 12, 4, 3, ERROR_IMAGE, "cannot be unpacked"},
	    {"behind the end", 0, 8, UINT64_MAX - 100, ERROR_IMAGE, "truncated"},
	};
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	cleanup_blob struct blob *blob =
	    crashed_kdump(kernel, &(struct crashed_dump){.version = 6});
	uint64_t blocks = load_le(blob->memory + 432, 4);
	uint64_t descriptors = (1 + blocks + 2) * CRASHED_PAGE;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct blob *damaged = crashed_cut(blob, blob->size);
		cleanup_dump struct dump dump = {};
		struct error error = {};
		uint8_t byte;

		store_le(damaged->memory + descriptors + rows[i].offset, rows[i].width,
			 rows[i].value);
		assert_int_equal(dump_open_blob(&dump, damaged, &error), 0);
		assert_row(rows[i].name, dump_read(&dump, CRASHED_PHYSICAL, &byte, 1, &error) == 0);
		assert_failed(&error, rows[i].kind, rows[i].detail);
	}
	free(kernel);
}

/* A part has the whole table of pages, and the descriptors of its own. */
static void test_a_part_of_a_split_dump_is_read(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	struct blob *blob = crashed_kdump(kernel, &(struct crashed_dump){.version = 6});
	uint64_t blocks = load_le(blob->memory + 432, 4), first = CRASHED_PHYSICAL / CRASHED_PAGE;
	uint8_t *descriptors = blob->memory + (1 + blocks + 2) * CRASHED_PAGE;
	cleanup_dump struct dump dump = {};
	struct error error = {};
	uint8_t found[CRASHED_PAGE];

	(void)state;
	store_le(blob->memory + CRASHED_PAGE + 12, 4, 1);
	store_le(blob->memory + CRASHED_PAGE + 80, 8, first + 3);
	store_le(blob->memory + CRASHED_PAGE + 88, 8, first + 6);
	memmove(descriptors, descriptors + 3 * 24, 3 * 24);
	assert_int_equal(dump_open_blob(&dump, blob, &error), 0);
	assert_failed(&dump.damage, ERROR_IMAGE, "one part of a split dump");
	assert_int_equal(
	    dump_read(&dump, CRASHED_PHYSICAL + 5 * CRASHED_PAGE, found, CRASHED_PAGE, &error),
	    CRASHED_PAGE);
	assert_memory_equal(found, kernel->memory + 5 * CRASHED_PAGE, CRASHED_PAGE);
	assert_int_equal(dump_read(&dump, CRASHED_PHYSICAL + 6 * CRASHED_PAGE, found, 1, &error),
			 0);
	assert_failed(&error, ERROR_IMAGE, "is not in the dump");
	free(kernel);
}

static void test_a_flattened_record_in_an_impossible_place_is_refused(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	cleanup_blob struct blob *elf = crashed_elf(kernel, &(struct crashed_dump){});
	struct blob *flat = crashed_flatten(elf, 65536);
	cleanup_dump struct dump dump = {};
	struct error error = {};

	(void)state;
	store_be(flat->memory + 4096 + 8, 8, UINT64_MAX - 1);
	assert_true(dump_open_blob(&dump, flat, &error) < 0);
	assert_failed(&error, ERROR_IMAGE, "impossible place");
	free(kernel);
}

/* A file that was made as large as it was to become, and not written to its end. */
static void test_zeros_in_place_of_flattened_records_are_the_end(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	cleanup_blob struct blob *elf = crashed_elf(kernel, &(struct crashed_dump){});
	struct blob *flat = crashed_flatten(elf, 65536);
	cleanup_dump struct dump dump = {};
	struct error error = {};

	(void)state;
	memset(flat->memory + flat->size - 16, 0, 16);
	assert_int_equal(dump_open_blob(&dump, flat, &error), 0);
	assert_failed(&dump.damage, ERROR_IMAGE, "ends before its end mark");
	free(kernel);
}

enum { FLAT_HEADER = 4096, FLAT_RECORD = 16, MANY = 40000 };

static uint8_t *flat_record(struct blob *blob, uint64_t *at, uint64_t offset, uint64_t size)
{
	uint8_t *record = blob->memory + *at;

	store_be(record, 8, offset);
	store_be(record + 8, 8, size);
	*at += FLAT_RECORD + (offset == UINT64_MAX ? 0 : size);
	return record + FLAT_RECORD;
}

static void put_load(uint8_t *header, uint64_t offset, uint64_t physical, uint64_t size)
{
	store_le(header, 4, PT_LOAD);
	store_le(header + 8, 8, offset);
	store_le(header + 24, 8, physical);
	store_le(header + 32, 8, size); /* p_filesz */
	store_le(header + 40, 8, size); /* p_memsz */
}

/* Each of its ranges of memory goes over all pieces of the file, of which there are as many. */
static struct blob *hostile_flat(void)
{
	uint64_t table = 64 + UINT64_C(56) * MANY, at = FLAT_HEADER;
	struct blob *blob =
	    blob_new_memory(FLAT_HEADER + 2 * FLAT_RECORD + table + MANY * (FLAT_RECORD + 1));
	uint8_t *header;

	assert_non_null(blob);
	memcpy(blob->memory, "makedumpfile", 12);
	header = flat_record(blob, &at, 0, table);
	memcpy(header, "\177ELF\2\1\1", 7);
	store_le(header + 16, 2, ET_CORE);
	store_le(header + 18, 2, EM_X86_64);
	store_le(header + 32, 8, 64); /* e_phoff */
	store_le(header + 54, 2, 56);
	store_le(header + 56, 2, MANY);
	for (uint64_t i = 0; i < MANY; i++) {
		put_load(header + 64 + i * 56, table + i, i << 20, MANY - i);
		*flat_record(blob, &at, table + i, 1) = (uint8_t)i;
	}
	flat_record(blob, &at, UINT64_MAX, UINT64_MAX);
	return blob;
}

/* This took minutes when each range looked at each piece, and each reading at each range. */
static void test_many_ranges_in_many_pieces_are_read_quickly(void **state)
{
	cleanup_dump struct dump dump = {};
	struct error error = {};
	uint8_t found = 0;

	(void)state;
	assert_int_equal(dump_open_blob(&dump, hostile_flat(), &error), 0);
	assert_no_failure(&dump.damage);
	for (uint64_t i = MANY; i-- > 0;) {
		assert_int_equal(dump_read(&dump, i << 20, &found, 1, &error), 1);
		assert_int_equal(found, (uint8_t)i);
	}
	assert_int_equal(dump_read(&dump, (uint64_t)MANY << 20, &found, 1, &error), 0);
}

/* A flattened file has holes for nothing: one record far behind makes it as large as one likes. */
static void test_a_table_of_pages_that_makes_no_sense_costs_little(void **state)
{
	struct crashed_kernel *kernel = new_kernel(8, ORDER_LITTLE);
	struct blob *blob = crashed_kdump(kernel, &(struct crashed_dump){.version = 6});
	uint64_t size = FLAT_HEADER + 3 * FLAT_RECORD + blob->size + 1, at = FLAT_HEADER;
	struct blob *flat = blob_new_memory(size);
	cleanup_dump struct dump dump = {};
	struct error error = {};

	(void)state;
	assert_non_null(flat);
	store_le(blob->memory + 436, 4, UINT32_MAX); /* bitmap_blocks */
	memcpy(flat->memory, "makedumpfile", 12);
	memcpy(flat_record(flat, &at, 0, blob->size), blob->memory, blob->size);
	flat_record(flat, &at, INT64_MAX - 1, 1);
	flat_record(flat, &at, UINT64_MAX, UINT64_MAX);
	blob_free(blob);
	dump_open_blob(&dump, flat, &error);
	assert_failed(&dump.damage, ERROR_IMAGE, "table of pages");
	free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_elf_cores_of_every_class_and_order_are_read),
	    cmocka_unit_test(test_kdumps_of_every_version_word_and_order_are_read),
	    cmocka_unit_test(test_flattened_dumps_are_read),
	    cmocka_unit_test(test_every_packing_of_pages_is_known),
	    cmocka_unit_test(test_memory_that_is_not_in_the_dump_is_named),
	    cmocka_unit_test(test_dumps_that_are_cut_give_what_they_have),
	    cmocka_unit_test(test_headers_that_make_no_sense_are_refused),
	    cmocka_unit_test(test_a_program_header_table_that_is_cut_is_damage),
	    cmocka_unit_test(test_notes_that_are_not_all_there_are_damage),
	    cmocka_unit_test(test_a_writer_that_ran_out_of_room_is_told_of),
	    cmocka_unit_test(test_a_page_that_is_damaged_is_named),
	    cmocka_unit_test(test_a_part_of_a_split_dump_is_read),
	    cmocka_unit_test(test_a_flattened_record_in_an_impossible_place_is_refused),
	    cmocka_unit_test(test_zeros_in_place_of_flattened_records_are_the_end),
	    cmocka_unit_test(test_many_ranges_in_many_pieces_are_read_quickly),
	    cmocka_unit_test(test_a_table_of_pages_that_makes_no_sense_costs_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
