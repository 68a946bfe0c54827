/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "purgatory/purgatory.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "purgatory/digest.h"
#include "purgatory/parameters.h"
#include "purgatory/x86_64/simd.h"
#include "test-support/test.h"

/* memory.c, compiled under these names for the tests. */
void *purgatory_memcpy(void *restrict to, const void *restrict from, size_t size);
void *purgatory_memmove(void *to, const void *from, size_t size);
void *purgatory_memset(void *to, int value, size_t size);
int purgatory_memcmp(const void *a, const void *b, size_t size);

static size_t blob_size(void)
{
	return (size_t)(purgatory_x86_64_end - purgatory_x86_64);
}

static void test_the_blob_ends_with_its_parameters_inside_the_window(void **state)
{
	(void)state;
	assert_int_equal(blob_size(),
			 PURGATORY_PARAMETERS_OFFSET + sizeof(struct purgatory_parameters));
	assert_true(blob_size() < PURGATORY_WINDOW_SIZE);
}

static void test_the_magic_lies_where_parameters_are_written(void **state)
{
	struct purgatory_parameters parameters;

	(void)state;
	memcpy(&parameters, purgatory_x86_64 + PURGATORY_PARAMETERS_OFFSET, sizeof(parameters));
	assert_int_equal(parameters.magic, PURGATORY_MAGIC);
	assert_memory_equal(&parameters.magic, "PRGATO01", 8);
	assert_int_equal(parameters.checks.count, 0);
}

static void test_the_blob_starts_with_code(void **state)
{
	static const uint8_t nothing[64];

	(void)state;
	assert_memory_not_equal(purgatory_x86_64, nothing, sizeof(nothing));
}

static void test_memory_is_compared_by_unsigned_bytes(void **state)
{
	(void)state;
	assert_int_equal(purgatory_memcmp("abc", "abd", 2), 0);
	assert_true(purgatory_memcmp("abc", "abd", 3) < 0);
	assert_true(purgatory_memcmp("\x80", "\x7f", 1) > 0);
	assert_int_equal(purgatory_memcmp("a", "b", 0), 0);
}

static void test_memory_moves_as_libc_moves_it(void **state)
{
	unsigned int seed = 3;

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		uint8_t ours[64], theirs[64];
		size_t from = (size_t)rand_r(&seed) % 64, to = (size_t)rand_r(&seed) % 64;
		size_t size = (size_t)rand_r(&seed) % (64 - (from > to ? from : to) + 1);

		for (size_t j = 0; j < sizeof(ours); j++)
			ours[j] = theirs[j] = (uint8_t)rand_r(&seed);
		assert_ptr_equal(purgatory_memmove(ours + to, ours + from, size), ours + to);
		memmove(theirs + to, theirs + from, size);
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
}

static void test_memory_is_copied_and_set_to_the_last_byte_and_no_further(void **state)
{
	uint8_t bytes[10];

	(void)state;
	assert_ptr_equal(purgatory_memset(bytes, 0x1ee, sizeof(bytes)), bytes);
	assert_memory_equal(bytes, "\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee", 10);
	assert_ptr_equal(purgatory_memcpy(bytes + 1, "12345678", 8), bytes + 1);
	assert_memory_equal(bytes,
			    "\xee"
			    "12345678\xee",
			    10);
}

/* The objects of purgatory itself; XXH3 takes another way from 17, 129, 241 and 1025 bytes on. */
static void test_each_digest_is_that_of_libxxhash_for_every_length_and_alignment(void **state)
{
	enum { LENGTHS = 2200, ALIGNMENTS = 65 };
	static _Alignas(64) uint8_t bytes[LENGTHS + ALIGNMENTS];
	bool avx2 = __builtin_cpu_supports("avx2");
	unsigned int seed = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)rand_r(&seed);
	for (size_t size = 0; size < LENGTHS; size++) {
		const uint8_t *at = bytes + size % ALIGNMENTS;
		uint64_t expected = XXH3_64bits(at, size);

		assert_int_equal(purgatory_digest_sse2(at, size), expected);
		assert_int_equal(purgatory_digest_scalar(at, size), expected);
		if (avx2)
			assert_int_equal(purgatory_digest_avx2(at, size), expected);
	}
	if (!avx2)
		print_message("this CPU has no AVX2: that digest was not run\n");
}

static void test_each_digest_is_that_of_libxxhash_for_long_stretches(void **state)
{
	static const size_t sizes[] = {4096, 65536, 65537, 1000003, (4 << 20) + 63};
	size_t capacity = (5 << 20) + 64;
	uint8_t *bytes = malloc(capacity);
	unsigned int seed = 7;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < capacity; i++)
		bytes[i] = (uint8_t)rand_r(&seed);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t skip = 0; skip < 64; skip += 21) {
			uint64_t expected = XXH3_64bits(bytes + skip, sizes[i]);

			assert_int_equal(purgatory_digest_sse2(bytes + skip, sizes[i]), expected);
			assert_int_equal(purgatory_digest_scalar(bytes + skip, sizes[i]), expected);
			if (__builtin_cpu_supports("avx2"))
				assert_int_equal(purgatory_digest_avx2(bytes + skip, sizes[i]),
						 expected);
		}
	free(bytes);
}

/* A system that runs tests allows AVX where the CPU has it, unless it was told not to. */
static void test_the_cpu_is_asked_as_the_compiler_asks_it(void **state)
{
	(void)state;
	if (__builtin_cpu_supports("avx2"))
		assert_true(simd_cpu_has_avx2());
	else
		print_message("this CPU, or this kernel, has no AVX2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_blob_ends_with_its_parameters_inside_the_window),
	    cmocka_unit_test(test_the_magic_lies_where_parameters_are_written),
	    cmocka_unit_test(test_the_blob_starts_with_code),
	    cmocka_unit_test(test_memory_is_compared_by_unsigned_bytes),
	    cmocka_unit_test(test_memory_moves_as_libc_moves_it),
	    cmocka_unit_test(test_memory_is_copied_and_set_to_the_last_byte_and_no_further),
	    cmocka_unit_test(test_each_digest_is_that_of_libxxhash_for_every_length_and_alignment),
	    cmocka_unit_test(test_each_digest_is_that_of_libxxhash_for_long_stretches),
	    cmocka_unit_test(test_the_cpu_is_asked_as_the_compiler_asks_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
