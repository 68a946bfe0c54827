/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/xxh3.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "test-support/test.h"

/* More than a block of XXH3, and not a multiple of anything. */
enum { SIZE_MAX_HERE = 5003 };

static uint64_t digest_in_parts(const struct xxh3 *xxh3, const uint8_t *bytes, size_t size,
				size_t part)
{
	struct xxh3_state state;

	xxh3->begin(&state);
	for (size_t at = 0; at < size; at += part)
		xxh3->add(&state, bytes + at, size - at < part ? size - at : part);
	return xxh3->end(&state);
}

static void test_all_registers_give_the_same_value_for_all_parts(void **state)
{
	const struct xxh3 *builds[] = {&xxh3_any, xxh3_choose()};
	static const size_t parts[] = {1, 63, 64, 257, 1024, SIZE_MAX_HERE};
	static uint8_t bytes[SIZE_MAX_HERE];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i % 251);
	for (size_t i = 0; i < ELEMENTS(builds); i++)
		for (size_t j = 0; j < ELEMENTS(parts); j++)
			for (size_t size = 0; size <= sizeof(bytes); size += 61)
				assert_int_equal(digest_in_parts(builds[i], bytes, size, parts[j]),
						 XXH3_64bits(bytes, size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_registers_give_the_same_value_for_all_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
