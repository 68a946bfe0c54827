/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash/elfcorehdr.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "test-support/test.h"

#define LINEAR UINT64_C(0xffff888000000000)

static struct crash_cpu cpus[] = {
    {0, {0x1000, 0x1168}}, {2, {0x2000, 0x2168}}, {63, {0x3000, 0x3168}}};

static struct machine_crash machine(void)
{
	return (struct machine_crash){
	    .cpus = cpus,
	    .cpu_count = ELEMENTS(cpus),
	    .vmcoreinfo = {0x5000, 0x6000},
	    .mapping = {.linear = LINEAR,
			.text = {0x1000000, 0x3000000},
			.text_virtual = UINT64_C(0xffffffff81000000)},
	};
}

/* The headers as this machine's C reads them. */
static Elf64_Ehdr *make(const struct elfcorehdr_source *source)
{
	struct error error = {};
	uint64_t size;
	uint8_t *bytes;

	assert_int_equal(elfcorehdr_size(source, &size, &error), 0);
	assert_no_failure(&error);
	bytes = calloc(1, size + 1);
	assert_non_null(bytes);
	bytes[size] = 0x5a;
	elfcorehdr_write(source, bytes);
	assert_int_equal(bytes[size], 0x5a);
	assert_int_equal(size,
			 sizeof(Elf64_Ehdr) + ((Elf64_Ehdr *)bytes)->e_phnum * sizeof(Elf64_Phdr));
	return (Elf64_Ehdr *)bytes;
}

static const Elf64_Phdr *headers_of(const Elf64_Ehdr *file)
{
	return (const Elf64_Phdr *)(file + 1);
}

static void check_load(const Elf64_Phdr *header, uint64_t start, uint64_t size, uint64_t virtual,
		       uint64_t offset)
{
	assert_int_equal(header->p_type, PT_LOAD);
	assert_int_equal(header->p_flags, PF_R | PF_W | PF_X);
	assert_int_equal(header->p_paddr, start);
	assert_int_equal(header->p_filesz, size);
	assert_int_equal(header->p_memsz, size);
	assert_true(header->p_vaddr == virtual);
	assert_int_equal(header->p_offset, offset);
	assert_int_equal(header->p_align, 0);
}

static void test_notes_come_first_then_the_image_then_ram(void **state)
{
	cleanup_with(map_fini) struct map dumped = {};
	cleanup_free Elf64_Ehdr *file = NULL;
	struct machine_crash crash = machine();
	const Elf64_Phdr *header;

	(void)state;
	map_add(&dumped, (struct range){0x100000, 0x20000000}, 0, NULL);
	map_add(&dumped, (struct range){UINT64_C(0x100000000), UINT64_C(0x140000000)}, 0, NULL);
	file = make(&(struct elfcorehdr_source){EM_X86_64, &crash, &dumped});
	assert_memory_equal(file->e_ident, ELFMAG, SELFMAG);
	assert_int_equal(file->e_ident[EI_CLASS], ELFCLASS64);
	assert_int_equal(file->e_ident[EI_DATA], ELFDATA2LSB);
	assert_int_equal(file->e_type, ET_CORE);
	assert_int_equal(file->e_machine, EM_X86_64);
	assert_int_equal(file->e_phnum, 3 + 1 + 1 + 2);
	header = headers_of(file);
	for (size_t i = 0; i < ELEMENTS(cpus); i++, header++) {
		assert_int_equal(header->p_type, PT_NOTE);
		assert_int_equal(header->p_offset, cpus[i].notes.start);
		assert_int_equal(header->p_paddr, cpus[i].notes.start);
		assert_int_equal(header->p_filesz, 0x168);
	}
	assert_int_equal(header->p_type, PT_NOTE);
	assert_int_equal(header->p_offset, 0x5000);
	assert_int_equal(header->p_memsz, 0x1000);
	check_load(++header, 0x1000000, 0x2000000, UINT64_C(0xffffffff81000000), 0x1000000);
	check_load(++header, 0x100000, 0x1ff00000, LINEAR + 0x100000, 0x100000);
	check_load(++header, UINT64_C(0x100000000), 0x40000000, LINEAR + UINT64_C(0x100000000),
		   UINT64_C(0x100000000));
}

static void test_what_is_backed_up_is_read_from_its_backup(void **state)
{
	static const struct {
		const char *row;
		struct range range;
		struct {
			uint64_t start, end, offset;
		} parts[3];
		unsigned int count;
	} rows[] = {
	    {"inside", {0x1000, 0x9f000}, {{0x1000, 0x9f000, 0x7001000}}, 1},
	    {"it ends inside",
	     {0x1000, 0x100000},
	     {{0x1000, 0xa0000, 0x7001000}, {0xa0000, 0x100000, 0xa0000}},
	     2},
	    {"beside", {0xa0000, 0xb0000}, {{0xa0000, 0xb0000, 0xa0000}}, 1},
	    {"all of it", {0, 0xa0000}, {{0, 0xa0000, 0x7000000}}, 1},
	};
	struct machine_crash crash = {.vmcoreinfo = {0x5000, 0x6000}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_with(map_fini) struct map dumped = {};
		cleanup_free Elf64_Ehdr *file = NULL;

		map_add(&dumped, rows[i].range, 0, NULL);
		file = make(&(struct elfcorehdr_source){
		    EM_X86_64, &crash, &dumped, {0, 0xa0000}, 0x7000000});
		assert_row(rows[i].row, file->e_phnum == 1 + rows[i].count);
		for (unsigned int j = 0; j < rows[i].count; j++)
			check_load(headers_of(file) + 1 + j, rows[i].parts[j].start,
				   rows[i].parts[j].end - rows[i].parts[j].start,
				   rows[i].parts[j].start, rows[i].parts[j].offset);
	}
}

static void test_a_range_around_its_backed_up_part_has_three_headers(void **state)
{
	cleanup_with(map_fini) struct map dumped = {};
	struct machine_crash crash = {.vmcoreinfo = {0x5000, 0x6000}};
	cleanup_free Elf64_Ehdr *file = NULL;

	(void)state;
	map_add(&dumped, (struct range){0x1000, 0x9000}, 0, NULL);
	file = make(
	    &(struct elfcorehdr_source){EM_X86_64, &crash, &dumped, {0x3000, 0x5000}, 0x70000});
	assert_int_equal(file->e_phnum, 4);
	check_load(headers_of(file) + 1, 0x1000, 0x2000, 0x1000, 0x1000);
	check_load(headers_of(file) + 2, 0x3000, 0x2000, 0x3000, 0x70000);
	check_load(headers_of(file) + 3, 0x5000, 0x4000, 0x5000, 0x5000);
}

static void add_ranges(struct map *map, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(
		    map_add(map,
			    (struct range){i * UINT64_C(0x4000), i * UINT64_C(0x4000) + 0x2000}, 0,
			    NULL),
		    0);
}

static void test_as_many_ranges_as_an_elf_file_can_have(void **state)
{
	struct machine_crash crash = machine();
	const unsigned int others = ELEMENTS(cpus) + 2;
	unsigned int counts[] = {10000, ELFCOREHDR_HEADERS_MAX - others};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(counts); i++) {
		cleanup_with(map_fini) struct map dumped = {};
		cleanup_free Elf64_Ehdr *file = NULL;

		add_ranges(&dumped, counts[i]);
		file = make(&(struct elfcorehdr_source){EM_X86_64, &crash, &dumped});
		assert_int_equal(file->e_phnum, counts[i] + others);
	}
}

static void test_one_range_more_is_an_error_that_counts_them(void **state)
{
	cleanup_with(map_fini) struct map dumped = {};
	struct machine_crash crash = machine();
	struct error error = {};
	uint64_t size;

	(void)state;
	add_ranges(&dumped, ELFCOREHDR_HEADERS_MAX - (unsigned int)ELEMENTS(cpus) - 1);
	assert_true(elfcorehdr_size(&(struct elfcorehdr_source){EM_X86_64, &crash, &dumped}, &size,
				    &error) < 0);
	assert_failed(
	    &error, ERROR_TOO_LONG,
	    "65530 ranges of memory and 3 CPUs need 65535 headers, and an ELF file has at "
	    "most 65534");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_notes_come_first_then_the_image_then_ram),
	    cmocka_unit_test(test_what_is_backed_up_is_read_from_its_backup),
	    cmocka_unit_test(test_a_range_around_its_backed_up_part_has_three_headers),
	    cmocka_unit_test(test_as_many_ranges_as_an_elf_file_can_have),
	    cmocka_unit_test(test_one_range_more_is_an_error_that_counts_them),
	};

	return cmocka_run_group_tests_name("crash/elfcorehdr", tests, NULL, NULL);
}
