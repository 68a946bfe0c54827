/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/vmlinux.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "test-support/test.h"
#include "test-support/vmlinux-file.h"

enum { PART_SIZE = sizeof(Elf64_Phdr), FIRST = sizeof(Elf64_Ehdr), SECOND = FIRST + PART_SIZE };

#define HEADER(field) offsetof(Elf64_Ehdr, field)
#define PART(field)   offsetof(Elf64_Phdr, field)

static void read_made_up(struct vmlinux *vmlinux, uint8_t *file, enum vmlinux_table table)
{
	assert_null(vmlinux_read(vmlinux, file, vmlinux_file_fill(file, table)));
}

static void test_the_parts_come_to_lie_as_they_do_in_memory(void **state)
{
	uint8_t file[VMLINUX_FILE_MAX];
	const uint8_t *image = file + VMLINUX_TEXT;
	struct vmlinux vmlinux;

	(void)state;
	read_made_up(&vmlinux, file, VMLINUX_TWO_LISTS);
	assert_int_equal(vmlinux.offset, VMLINUX_TEXT);
	assert_int_equal(vmlinux.physical, VMLINUX_PHYSICAL);
	assert_int_equal(vmlinux.virtual, VMLINUX_VIRTUAL);
	assert_int_equal(vmlinux.entry, VMLINUX_ENTRY);
	assert_int_equal(vmlinux.memory_size, VMLINUX_MEMORY_SIZE);
	assert_int_equal(vmlinux.content_size, VMLINUX_DATA_START + VMLINUX_DATA_SIZE);
	assert_int_equal(image[0], 't');
	assert_int_equal(image[VMLINUX_TEXT_SIZE - 1], 't');
	for (int i = VMLINUX_TEXT_SIZE; i < VMLINUX_DATA_START; i++)
		assert_int_equal(image[i], 0);
	assert_int_equal(image[VMLINUX_DATA_START], 'd');
	assert_int_equal(image[VMLINUX_DATA_START + VMLINUX_DATA_SIZE - 1], 'd');
}

static void test_it_is_relocated_where_its_parts_lie_now(void **state)
{
	static const enum vmlinux_table tables[] = {VMLINUX_TWO_LISTS, VMLINUX_THREE_LISTS,
						    VMLINUX_NO_TABLE};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(tables); i++) {
		uint64_t moved = tables[i] == VMLINUX_NO_TABLE ? 0 : 0x200000;
		uint64_t inverse = tables[i] == VMLINUX_THREE_LISTS ? 0x200000 : 0;
		uint8_t file[VMLINUX_FILE_MAX];
		const uint8_t *image = file + VMLINUX_TEXT;
		struct vmlinux vmlinux;

		read_made_up(&vmlinux, file, tables[i]);
		assert_int_equal(relocations_any(&vmlinux.relocations), moved != 0);
		assert_null(vmlinux_relocate(&vmlinux, 0x200000));
		assert_int_equal(load_le(image + VMLINUX_PLACE_32, 4), 0x81000080 + moved);
		assert_int_equal(load_le(image + VMLINUX_PLACE_64, 8),
				 VMLINUX_VIRTUAL + 0x90 + moved);
		assert_int_equal(load_le(image + VMLINUX_PLACE_INVERSE, 4),
				 (uint32_t) - (0x810000a0 + inverse));
	}
}

static void test_a_place_in_what_is_only_zeros_is_refused(void **state)
{
	uint8_t file[VMLINUX_FILE_MAX];
	struct vmlinux vmlinux;
	uint64_t size = vmlinux_file_fill(file, VMLINUX_TWO_LISTS);

	(void)state;
	store_le(file + size - 4, 4, 0x81000000 + VMLINUX_DATA_START + VMLINUX_DATA_SIZE);
	assert_null(vmlinux_read(&vmlinux, file, size));
	assert_non_null(vmlinux_relocate(&vmlinux, 0x200000));
}

static void test_zeros_at_the_end_are_not_content(void **state)
{
	uint8_t *file = calloc(1, VMLINUX_FILE_MAX + 3 * 4096);
	struct vmlinux vmlinux = {.bytes = file, .offset = 100};

	(void)state;
	assert_non_null(file);
	file[100 + 4096] = 1;
	vmlinux.content_size = 3 * 4096 + 5;
	vmlinux_trim(&vmlinux);
	assert_int_equal(vmlinux.content_size, 2 * 4096);
	file[100 + 4096] = 0;
	vmlinux_trim(&vmlinux);
	assert_int_equal(vmlinux.content_size, 0);
	free(file);
}

/* Each is one field of a good file with another value. */
static const struct {
	const char *name;
	unsigned int offset, width;
	uint64_t value;
	const char *why; /* NULL: it is as good as before */
} rows[] = {
    {"magic", 0, 1, 0, "no ELF file"},
    {"32 bits", EI_CLASS, 1, ELFCLASS32, "not an executable for x86-64"},
    {"big-endian", EI_DATA, 1, ELFDATA2MSB, "not an executable for x86-64"},
    {"machine", HEADER(e_machine), 2, EM_AARCH64, "not an executable for x86-64"},
    {"type", HEADER(e_type), 2, ET_DYN, "not an executable for x86-64"},
    {"entry size", HEADER(e_phentsize), 2, 32, "unknown form"},
    {"many parts", HEADER(e_phnum), 2, 0xffff, "unknown form"},
    {"parts behind the end", HEADER(e_phnum), 2, 100, "behind its end"},
    {"parts far away", HEADER(e_phoff), 8, UINT64_MAX - 8, "behind its end"},
    {"no parts", HEADER(e_phnum), 2, 0, "nothing to load"},
    {"sections far away", HEADER(e_shnum), 2, 1, "unknown form"},
    {"first is a note", FIRST + PART(p_type), 4, PT_NOTE, "entry"},
    {"second is a note", SECOND + PART(p_type), 4, PT_NOTE, NULL},
    {"second is empty", SECOND + PART(p_memsz), 8, 0, NULL},
    {"bytes behind the end", SECOND + PART(p_filesz), 8, VMLINUX_FILE_MAX, "behind its end"},
    {"bytes that wrap", SECOND + PART(p_filesz), 8, UINT64_MAX, "behind its end"},
    {"offset that wraps", SECOND + PART(p_offset), 8, UINT64_MAX, "behind its end"},
    {"less memory than bytes", SECOND + PART(p_memsz), 8, 1, "unknown form"},
    {"much memory", SECOND + PART(p_memsz), 8, (1 << 30) + 1, "unknown way"},
    {"memory that wraps", SECOND + PART(p_memsz), 8, UINT64_MAX, "unknown way"},
    {"second overlaps", SECOND + PART(p_paddr), 8, VMLINUX_PHYSICAL + 0x17f, "unknown way"},
    {"second touches", SECOND + PART(p_paddr), 8, VMLINUX_PHYSICAL + 0x180, NULL},
    {"second is below", SECOND + PART(p_paddr), 8, 0, "unknown way"},
    {"second is high", SECOND + PART(p_paddr), 8, UINT64_MAX, "unknown way"},
    {"further apart in memory", SECOND + PART(p_paddr), 8, VMLINUX_PHYSICAL + 0x401, "unknown way"},
    {"as far apart in memory", SECOND + PART(p_paddr), 8, VMLINUX_PHYSICAL + 0x400, NULL},
    {"overlaps in the file", SECOND + PART(p_offset), 8, VMLINUX_TEXT + 0x17f, "unknown way"},
    {"linked elsewhere", FIRST + PART(p_vaddr), 8, 0xffffffff82000000, "unknown way"},
    {"second is linked to 0", SECOND + PART(p_vaddr), 8, 0, NULL},
    {"far up", FIRST + PART(p_paddr), 8, UINT64_C(1) << 40, "unknown way"},
    {"first without bytes", FIRST + PART(p_filesz), 8, 0, "unknown way"},
    {"entry before", HEADER(e_entry), 8, VMLINUX_PHYSICAL - 1, "entry"},
    {"entry between", HEADER(e_entry), 8, VMLINUX_PHYSICAL + 0x180, "entry"},
    {"entry in the second", HEADER(e_entry), 8, VMLINUX_PHYSICAL + 0x2ff, NULL},
    {"entry behind", HEADER(e_entry), 8, VMLINUX_PHYSICAL + 0x300, "entry"},
    {"entry is virtual", HEADER(e_entry), 8, VMLINUX_VIRTUAL, "entry"},
    {"something behind it", VMLINUX_TABLE, 4, 1, "relocations"},
};

static void test_odd_files_are_refused_with_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t *file = malloc(VMLINUX_FILE_MAX);
		uint64_t size = vmlinux_file_fill(file, VMLINUX_TWO_LISTS);
		struct vmlinux vmlinux;
		const char *why;

		store_le(file + rows[i].offset, rows[i].width, rows[i].value);
		why = vmlinux_read(&vmlinux, file, size);
		if (!why != !rows[i].why)
			print_error("row \"%s\": %s\n", rows[i].name, why ? why : "accepted");
		assert_int_equal(!why, !rows[i].why);
		if (why)
			assert_contains(why, rows[i].why);
		free(file);
	}
}

static void test_a_file_cut_anywhere_is_refused(void **state)
{
	uint8_t whole[VMLINUX_FILE_MAX];
	uint64_t size = vmlinux_file_fill(whole, VMLINUX_TWO_LISTS);

	(void)state;
	for (uint64_t cut = 0; cut < size; cut++) {
		uint8_t *file = malloc(cut + 1);
		struct vmlinux vmlinux;
		const char *why;

		memcpy(file, whole, cut);
		why = vmlinux_read(&vmlinux, file, cut);
		/* Only without its table it is whole, and without the last list's one place. */
		assert_int_equal(!why, cut == VMLINUX_TABLE || cut == size - 4);
		free(file);
	}
}

/* Debian's, cut small; the first 8 bytes are for the fuzzer. */
static void test_real_kernels_of_both_kinds_are_read_and_relocated(void **state)
{
	static const struct {
		const char *name;
		bool inverse;
	} kernels[] = {{"6.1", true}, {"6.12", true}, {"7.x", false}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(kernels); i++) {
		uint8_t bytes[20000];
		struct vmlinux vmlinux;
		char path[512];
		size_t size;
		FILE *in;

		snprintf(path, sizeof(path), "%s/vmlinux/%s", KEXEC_CORPUS, kernels[i].name);
		in = fopen(path, "rb");
		assert_non_null(in);
		size = fread(bytes, 1, sizeof(bytes), in);
		fclose(in);
		assert_true(size > 10000);
		assert_null(vmlinux_read(&vmlinux, bytes + 8, size - 8));
		assert_int_equal(vmlinux.physical, 0x1000000);
		assert_int_equal(range_size(vmlinux.relocations.subtract_32) > 0,
				 kernels[i].inverse);
		assert_true(relocations_any(&vmlinux.relocations));
		assert_null(vmlinux_relocate(&vmlinux, 0x200000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_parts_come_to_lie_as_they_do_in_memory),
	    cmocka_unit_test(test_it_is_relocated_where_its_parts_lie_now),
	    cmocka_unit_test(test_a_place_in_what_is_only_zeros_is_refused),
	    cmocka_unit_test(test_zeros_at_the_end_are_not_content),
	    cmocka_unit_test(test_odd_files_are_refused_with_a_reason),
	    cmocka_unit_test(test_a_file_cut_anywhere_is_refused),
	    cmocka_unit_test(test_real_kernels_of_both_kinds_are_read_and_relocated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
