/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/kaslr-options.h"

#include <stdlib.h>
#include <string.h>

#include "test-support/test.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

static const struct {
	const char *words;
	bool off;
	uint64_t memory_end; /* 0: none */
	struct range taken[2];
	uint64_t huge_pages;
	const char *obstacle;
} rows[] = {
    {.words = ""},
    {.words = "root=/dev/vda1 quiet"},
    {.words = "quiet nokaslr", .off = true},
    {.words = "xnokaslr nokaslrx kaslr"},
    {.words = "nokaslr=1"},
    {.words = "-- nokaslr mem=1G memmap=exactmap", .off = true},
    {.words = "-- mem=1G memmap=exactmap"},
    {.words = "mem=512M", .memory_end = 512 * MIB},
    {.words = "mem=0x20000000", .memory_end = 512 * MIB},
    {.words = "mem=1g mem=512m mem=2G", .memory_end = 512 * MIB},
    {.words = "mem=nopentium"},
    {.words = "mem=0"},
    {.words = "mem=much", .obstacle = "not understood"},
    {.words = "mem=", .obstacle = "not understood"},
    {.words = "mem=-1G", .obstacle = "not understood"},
    {.words = "mem=1Gx", .obstacle = "not understood"},
    {.words = "mem=99999999999999999999", .obstacle = "not understood"},
    {.words = "mem=17179869184G", .obstacle = "not understood"},
    {.words = "memmap=256M", .memory_end = 256 * MIB},
    {.words = "memmap=256M@1G"},
    {.words = "memmap=256M$1G", .taken = {{GIB, GIB + 256 * MIB}}},
    {.words = "memmap=256M#1G", .taken = {{GIB, GIB + 256 * MIB}}},
    {.words = "memmap=256M!0x40000000", .taken = {{GIB, GIB + 256 * MIB}}},
    {.words = "memmap=256M%1G-1+2", .taken = {{GIB, GIB + 256 * MIB}}},
    {.words = "memmap=1M$1M,1G memmap=\"2M!4M\"",
     .memory_end = GIB,
     .taken = {{MIB, 2 * MIB}, {4 * MIB, 6 * MIB}}},
    {.words = "memmap=exactmap memmap=1G@0", .obstacle = "exactmap"},
    {.words = "memmap=1M&1M", .obstacle = "not understood"},
    {.words = "memmap=1M$", .obstacle = "not understood"},
    {.words = "memmap=1M$1Mx", .obstacle = "not understood"},
    {.words = "memmap=1M$0xffffffffffffffff", .obstacle = "not understood"},
    {.words = "memmap=1M,,1M$1M", .obstacle = "not understood"},
    {.words = "hugepagesz=1G hugepages=4", .huge_pages = 4},
    {.words = "hugepagesz=1024M hugepages=4", .huge_pages = 4},
    {.words = "hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=512", .huge_pages = 4},
    {.words = "hugepagesz=2M hugepages=512"},
    {.words = "hugepages=512"},
    {.words = "hugepages=3 default_hugepagesz=1G", .huge_pages = 3},
    {.words = "default_hugepagesz=1G hugepages=3", .huge_pages = 3},
    {.words = "hugepagesz=1G hugepages=0:2,1:3", .huge_pages = 5},
    {.words = "hugepagesz=1G hugepages=many", .obstacle = "not understood"},
    {.words = "movable_node", .obstacle = "movable_node"},
    {.words = "kernelcore=mirror", .obstacle = "mirror"},
    {.words = "kernelcore=1G"},
};

static void test_each_word_means_what_it_means_to_the_decompressor(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct kaslr_options options;
		size_t taken = 0;

		assert_int_equal(kaslr_options_read(&options, rows[i].words), 0);
		if (!options.obstacle != !rows[i].obstacle || options.off != rows[i].off)
			print_error("row \"%s\"\n", rows[i].words);
		assert_int_equal(!options.obstacle, !rows[i].obstacle);
		assert_int_equal(options.off, rows[i].off);
		if (rows[i].obstacle) {
			assert_contains(options.obstacle, rows[i].obstacle);
			kaslr_options_fini(&options);
			continue;
		}
		assert_int_equal(options.memory_end,
				 rows[i].memory_end ? rows[i].memory_end : UINT64_MAX);
		for (; taken < 2 && range_size(rows[i].taken[taken]); taken++) {
			assert_int_equal(options.taken.regions[taken].range.start,
					 rows[i].taken[taken].start);
			assert_int_equal(options.taken.regions[taken].range.end,
					 rows[i].taken[taken].end);
		}
		assert_int_equal(options.taken.count, taken);
		assert_int_equal(options.huge_pages, rows[i].huge_pages);
		kaslr_options_fini(&options);
	}
}

static void test_a_word_too_long_to_be_one_is_not_understood(void **state)
{
	struct kaslr_options options;
	char *words = calloc(1, 4096);

	(void)state;
	assert_non_null(words);
	memset(words, '1', 4000);
	assert_int_equal(kaslr_options_read(&options, words), 0);
	assert_null(options.obstacle);
	memcpy(words, "memmap=1$2,", 11);
	assert_int_equal(kaslr_options_read(&options, words), 0);
	assert_non_null(options.obstacle);
	kaslr_options_fini(&options);
	free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_word_means_what_it_means_to_the_decompressor),
	    cmocka_unit_test(test_a_word_too_long_to_be_one_is_not_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
