/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/packed-page.h"
#include "test-support/test.h"
#include "vmcore/page-decoder.h"

#include <stdlib.h>

static enum page_result decode(const struct packed_page *page, struct bytes packed, uint8_t *to)
{
	return page->decode(packed, to, PACKED_PAGE_SIZE);
}

static void test_what_the_libraries_packed_is_unpacked(void **state)
{
	uint8_t wanted[PACKED_PAGE_SIZE], found[PACKED_PAGE_SIZE];

	(void)state;
	packed_page_fill(wanted);
	for (const struct packed_page *page = packed_pages; page < packed_pages + PACKED_PAGES;
	     page++) {
		enum page_result result = decode(page, page->bytes, found);

		if (!packed_page_is_known(page)) {
			assert_row(page->name, result == PAGE_ABSENT);
			continue;
		}
		assert_row(page->name, result == PAGE_OK);
		assert_row(page->name, memcmp(found, wanted, sizeof(wanted)) == 0);
	}
}

static void test_a_page_of_another_size_is_corrupt(void **state)
{
	uint8_t found[2 * PACKED_PAGE_SIZE];

	(void)state;
	for (const struct packed_page *page = packed_pages; page < packed_pages + PACKED_PAGES;
	     page++) {
		if (!packed_page_is_known(page))
			continue;
		assert_row(page->name,
			   page->decode(page->bytes, found, PACKED_PAGE_SIZE - 1) == PAGE_CORRUPT);
		assert_row(page->name,
			   page->decode(page->bytes, found, 2 * PACKED_PAGE_SIZE) == PAGE_CORRUPT);
	}
}

/* A copy on the heap, so that the sanitizer sees what is read behind its end. */
static void test_a_page_that_is_cut_is_corrupt(void **state)
{
	uint8_t found[PACKED_PAGE_SIZE];

	(void)state;
	for (const struct packed_page *page = packed_pages; page < packed_pages + PACKED_PAGES;
	     page++)
		for (uint64_t size = 0; packed_page_is_known(page) && size < page->bytes.size;
		     size++) {
			uint8_t *cut = malloc(size ? size : 1);

			assert_non_null(cut);
			memcpy(cut, page->bytes.data, size);
			assert_row(page->name,
				   decode(page, (struct bytes){cut, size}, found) == PAGE_CORRUPT);
			free(cut);
		}
}

struct snappy_row {
	const char *name;
	uint8_t bytes[12];
	uint64_t size;
	const char *text; /* NULL: corrupt */
};

static const struct snappy_row snappy_rows[] = {
    {"literal", {3, 2 << 2, 'a', 'b', 'c'}, 5, "abc"},
    {"literal with its size in 1 byte", {3, 60 << 2, 2, 'a', 'b', 'c'}, 6, "abc"},
    {"with its size in 2 bytes", {3, 61 << 2, 2, 0, 'a', 'b', 'c'}, 7, "abc"},
    {"in 3 bytes", {3, 62 << 2, 2, 0, 0, 'a', 'b', 'c'}, 8, "abc"},
    {"in 4 bytes", {3, 63 << 2, 2, 0, 0, 0, 'a', 'b', 'c'}, 9, "abc"},
    {"copy with 1 byte that overlaps", {6, 1 << 2, 'a', 'b', 1, 2}, 6, "ababab"},
    {"copy with 2 bytes", {4, 1 << 2, 'a', 'b', 1 << 2 | 2, 2, 0}, 7, "abab"},
    {"copy with 4 bytes", {4, 1 << 2, 'a', 'b', 1 << 2 | 3, 2, 0, 0, 0}, 9, "abab"},
    {"copy from before the start", {6, 1 << 2, 'a', 'b', 1, 3}, 6, NULL},
    {"copy from nowhere", {6, 1 << 2, 'a', 'b', 1, 0}, 6, NULL},
    {"copy behind the end", {5, 1 << 2, 'a', 'b', 1, 2}, 6, NULL},
    {"literal behind the end", {2, 2 << 2, 'a', 'b', 'c'}, 5, NULL},
    {"literal that is not there", {3, 2 << 2, 'a', 'b'}, 4, NULL},
    {"literal of 4 GiB", {3, 63 << 2, 0xff, 0xff, 0xff, 0xff, 'a'}, 7, NULL},
    {"less than was told", {4, 2 << 2, 'a', 'b', 'c'}, 5, NULL},
    {"size that never ends",
     {0x83, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 2 << 2, 'a', 'b', 'c'},
     11,
     NULL},
};

static void test_every_element_of_snappy_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(snappy_rows); i++) {
		const struct snappy_row *row = &snappy_rows[i];
		size_t size = row->text ? strlen(row->text) : row->bytes[0] & 0x7f;
		uint8_t found[16] = {};
		enum page_result result =
		    page_decode_snappy((struct bytes){row->bytes, row->size}, found, size);

		assert_row(row->name, result == (row->text ? PAGE_OK : PAGE_CORRUPT));
		assert_row(row->name, !row->text || memcmp(found, row->text, size) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_the_libraries_packed_is_unpacked),
	    cmocka_unit_test(test_a_page_of_another_size_is_corrupt),
	    cmocka_unit_test(test_a_page_that_is_cut_is_corrupt),
	    cmocka_unit_test(test_every_element_of_snappy_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
