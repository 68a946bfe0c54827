/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/vmcore.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/blob.h"
#include "test-support/crashed-kernel.h"
#include "test-support/test.h"

/* Where an architecture has what, as VMCOREINFO says it. */
struct row {
	const char *name;
	uint16_t machine;
	unsigned int word;
	enum byte_order order;
	const char *lines;
	uint64_t address, physical; /* physical 0: nothing tells */
};

static const struct row rows[] = {
    {"x86-64 image", EM_X86_64, 8, ORDER_LITTLE, "NUMBER(phys_base)=1048576", 0xffffffff81000000,
     0x1100000},
    {"x86-64 image, moved down", EM_X86_64, 8, ORDER_LITTLE, "NUMBER(phys_base)=-1048576",
     0xffffffff82000000, 0x1f00000},
    {"x86-64, behind the image", EM_X86_64, 8, ORDER_LITTLE, "NUMBER(phys_base)=0",
     0xffffffffc0000000, 0},
    {"x86-64, a larger image", EM_X86_64, 8, ORDER_LITTLE,
     "NUMBER(phys_base)=0\nNUMBER(KERNEL_IMAGE_SIZE)=2147483648", 0xffffffffc0000000, 0x40000000},
    {"x86-64, memory", EM_X86_64, 8, ORDER_LITTLE, "NUMBER(phys_base)=0", 0xffff888000001000, 0},
    {"i386", EM_386, 4, ORDER_LITTLE, "SYMBOL(_stext)=c1000000", 0xc1234567, 0x1234567},
    {"i386, 2 GiB each", EM_386, 4, ORDER_LITTLE, "SYMBOL(_stext)=81000000", 0xc1234567,
     0x41234567},
    {"i386, nothing known", EM_386, 4, ORDER_LITTLE, "", 0xc1234567, 0},
    {"ppc64", EM_PPC64, 8, ORDER_BIG, "", 0xc000000001234567, 0x1234567},
    {"s390", EM_S390, 8, ORDER_BIG, "", 0x1234567, 0x1234567},
    {"arm64, image", EM_AARCH64, 8, ORDER_LITTLE,
     "SYMBOL(_stext)=ffff800080010000\nNUMBER(VA_BITS)=48\n"
     "NUMBER(kimage_voffset)=0xffff800040000000\nNUMBER(PHYS_OFFSET)=0x40000000",
     0xffff800081000000, 0x41000000},
    {"arm64, memory", EM_AARCH64, 8, ORDER_LITTLE,
     "SYMBOL(_stext)=ffff800080010000\nNUMBER(VA_BITS)=48\n"
     "NUMBER(kimage_voffset)=0xffff800040000000\nNUMBER(PHYS_OFFSET)=0x40000000",
     0xffff000001000000, 0x41000000},
    {"arm64 before 5.4, memory", EM_AARCH64, 8, ORDER_LITTLE,
     "SYMBOL(_stext)=ffff000010080000\nNUMBER(VA_BITS)=48\n"
     "NUMBER(kimage_voffset)=0xfffeffffd0000000\nNUMBER(PHYS_OFFSET)=0x40000000",
     0xffff800001000000, 0x41000000},
    {"arm64 before 5.4, image", EM_AARCH64, 8, ORDER_LITTLE,
     "SYMBOL(_stext)=ffff000010080000\nNUMBER(VA_BITS)=48\n"
     "NUMBER(kimage_voffset)=0xfffeffffd0000000\nNUMBER(PHYS_OFFSET)=0x40000000",
     0xffff000010080000, 0x40080000},
    {"arm64, built for 52 bits, with 48", EM_AARCH64, 8, ORDER_LITTLE,
     "SYMBOL(_stext)=ffff800080010000\nNUMBER(VA_BITS)=52\nNUMBER(TCR_EL1_T1SZ)=0x10\n"
     "NUMBER(kimage_voffset)=0xffff800040000000\nNUMBER(PHYS_OFFSET)=0xfff1000040000000",
     0xffff000001000000, 0x41000000},
    {"riscv, memory", EM_RISCV, 8, ORDER_LITTLE,
     "NUMBER(PAGE_OFFSET)=0xff60000000000000\nNUMBER(phys_ram_base)=2147483648", 0xff60000000200000,
     0x80200000},
    {"riscv, image", EM_RISCV, 8, ORDER_LITTLE,
     "NUMBER(KERNEL_LINK_ADDR)=0xffffffff80000000\n"
     "NUMBER(va_kernel_pa_offset)=0xfffffffeffe00000",
     0xffffffff80001000, 0x80201000},
    {"loongarch", 258, 8, ORDER_LITTLE, "", 0x9000000001234567, 0x1234567},
    {"an architecture that nobody knows", EM_SPARC, 4, ORDER_BIG, "", 0xf0000000, 0},
};

static void test_each_architecture_has_its_windows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];
		struct crashed_kernel *kernel = malloc(sizeof(*kernel));
		cleanup_vmcore struct vmcore vmcore = {};
		struct error error = {};
		uint64_t physical = 0, size = 0;
		bool found;

		assert_non_null(kernel);
		crashed_init(kernel, row->word, row->order);
		kernel->machine = row->machine;
		if (*row->lines)
			crashed_info(kernel, "%s", row->lines);
		assert_int_equal(
		    vmcore_open_blob(
			&vmcore,
			crashed_elf(kernel, &(struct crashed_dump){.without_virtual = true}),
			&error),
		    0);
		found = vmcore_translate(&vmcore, row->address, &physical, &size, NULL);
		assert_row(row->name, found == (row->physical != 0));
		assert_row(row->name, !found || (physical == row->physical && size > 0));
		free(kernel);
	}
}

enum { TABLES = CRASHED_PHYSICAL };

/* Page tables: the direct map by a page of 2 MiB, one of 4 KiB and one of 1 GiB. */
static struct crashed_kernel *kernel_with_tables(unsigned int levels, uint64_t encrypted)
{
	struct crashed_kernel *kernel = malloc(sizeof(*kernel));
	uint64_t table = 0, bits = 0x3 | encrypted;

	assert_non_null(kernel);
	crashed_init(kernel, 8, ORDER_LITTLE);
	crashed_info(kernel, "NUMBER(phys_base)=0");
	crashed_info(kernel, "SYMBOL(init_top_pgt)=%llx",
		     (unsigned long long)(0xffffffff80000000 + TABLES));
	crashed_info(kernel, "NUMBER(pgtable_l5_enabled)=%d", levels == 5);
	crashed_info(kernel, "NUMBER(sme_mask)=%llu", (unsigned long long)encrypted);
	if (levels == 5) {
		store_le(kernel->memory + 8 * 511, 8, (TABLES + 0x1000) | bits);
		table = 0x1000;
	}
	/* 0xffff888000000000 is entry 273 of the fourth level. */
	store_le(kernel->memory + table + 8 * 273, 8, (TABLES + 0x2000) | bits);
	store_le(kernel->memory + 0x2000, 8, (TABLES + 0x3000) | bits);
	store_le(kernel->memory + 0x2000 + 8, 8, UINT64_C(0x40000000) | bits | 0x80);
	store_le(kernel->memory + 0x3000, 8, UINT64_C(0x1200000) | bits | 0x80);
	store_le(kernel->memory + 0x3000 + 8, 8, (TABLES + 0x4000) | bits);
	store_le(kernel->memory + 0x4000 + 8, 8, UINT64_C(0x1005000) | bits | UINT64_C(1) << 63);
	return kernel;
}

static void check_walk(struct vmcore *vmcore, uint64_t address, uint64_t wanted, uint64_t left)
{
	uint64_t physical, size;

	assert_true(vmcore_translate(vmcore, address, &physical, &size, NULL));
	assert_int_equal(physical, wanted);
	assert_int_equal(size, left);
}

static void test_page_tables_of_x86_64_are_walked(void **state)
{
	static const struct {
		unsigned int levels;
		uint64_t encrypted, base;
	} kinds[] = {
	    {4, 0, 0xffff888000000000},
	    {4, UINT64_C(1) << 47, 0xffff888000000000},
	    {5, 0, 0xffff888000000000},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		struct crashed_kernel *kernel =
		    kernel_with_tables(kinds[i].levels, kinds[i].encrypted);
		cleanup_vmcore struct vmcore vmcore = {};
		struct error error = {};
		uint64_t physical, size, base = kinds[i].base;

		assert_int_equal(
		    vmcore_open_blob(&vmcore,
				     crashed_kdump(kernel, &(struct crashed_dump){.version = 6}),
				     &error),
		    0);
		check_walk(&vmcore, base + 0x1234, 0x1201234, 0x200000 - 0x1234);
		check_walk(&vmcore, base + 0x201234, 0x1005234, 0x1000 - 0x234);
		check_walk(&vmcore, base + 0x40001234, 0x40001234, 0x40000000 - 0x1234);
		assert_false(vmcore_translate(&vmcore, base + 0x202000, &physical, &size, NULL));
		assert_false(vmcore_translate(&vmcore, base + 0x80000000, &physical, &size, NULL));
		assert_false(vmcore_translate(&vmcore, 0x1000, &physical, &size, NULL));
		free(kernel);
	}
}

/* Virtual addresses that lie side by side may be anywhere in memory. */
static void test_reading_goes_on_over_the_end_of_a_page(void **state)
{
	struct crashed_kernel *kernel = kernel_with_tables(4, 0);
	cleanup_vmcore struct vmcore vmcore = {};
	struct error error = {};
	uint8_t found[64];

	(void)state;
	/* The pages at 0x200000 and 0x201000 are 0x1006000 and 0x1005000. */
	store_le(kernel->memory + 0x4000, 8, UINT64_C(0x1006000) | 3);
	memcpy(kernel->memory + 0x6ffc, "abcd", 4);
	memcpy(kernel->memory + 0x5000, "efgh", 4);
	assert_int_equal(
	    vmcore_open_blob(&vmcore, crashed_kdump(kernel, &(struct crashed_dump){.version = 6}),
			     &error),
	    0);
	assert_int_equal(vmcore_read(&vmcore, 0xffff888000200ffc, found, 8, &error), 8);
	assert_memory_equal(found, "abcdefgh", 8);
	assert_int_equal(vmcore_read(&vmcore, 0xffff888000201ff0, found, 64, &error), 16);
	assert_failed(&error, ERROR_IMAGE, "0xffff888000202000");
	error = (struct error){};
	assert_int_equal(vmcore_read(&vmcore, UINT64_MAX - 3, found, 64, &error), 0);
	assert_failed(&error, ERROR_IMAGE, "nothing tells");
	free(kernel);
}

static void test_the_dumps_own_table_comes_first(void **state)
{
	struct crashed_kernel *kernel = kernel_with_tables(4, 0);
	cleanup_vmcore struct vmcore vmcore = {};
	struct error error = {};
	uint64_t value;

	(void)state;
	crashed_put(kernel, kernel->virtual + 0x8000, 8, 0x123456789);
	assert_int_equal(
	    vmcore_open_blob(&vmcore, crashed_elf(kernel, &(struct crashed_dump){}), &error), 0);
	check_walk(&vmcore, kernel->virtual + 0x8000, CRASHED_PHYSICAL + 0x8000,
		   CRASHED_MEMORY - 0x8000);
	assert_int_equal(vmcore_read_pointer(&vmcore, kernel->virtual + 0x8000, &value, &error), 0);
	assert_int_equal(value, 0x123456789);
	assert_int_equal(
	    vmcore_read_number(&vmcore, kernel->virtual + CRASHED_MEMORY - 2, 4, &value, &error),
	    -EINVAL);
	free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_architecture_has_its_windows),
	    cmocka_unit_test(test_page_tables_of_x86_64_are_walked),
	    cmocka_unit_test(test_reading_goes_on_over_the_end_of_a_page),
	    cmocka_unit_test(test_the_dumps_own_table_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
