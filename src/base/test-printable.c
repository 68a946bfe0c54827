/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/printable.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "test-support/test.h"

static void test_what_is_no_text_becomes_a_question_mark(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
	    {"", ""},
	    {"plain ~", "plain ~"},
	    {"\x1b[2J\x1b]0;title\x07", "?[2J?]0;title?"},
	    {"a\nb\rc\td\be\x7f", "a?b?c?d?e?"},
	    {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7"},
	    {"\xc2\x80\xc2\x9b\x31m\xc2\x9f", "??1m?"}, /* C1, as UTF-8 */
	    {"\xc2\xa0", "\xc2\xa0"},
	    {"\x9b\x31m", "?1m"}, /* C1, as a byte */
	    {"\xff\xc3", "??"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *printed = NULL;
		size_t size;
		FILE *out = open_memstream(&printed, &size);

		assert_non_null(out);
		print_printable(out, rows[i].text);
		assert_int_equal(fclose(out), 0);
		assert_string_equal(printed, rows[i].printed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_no_text_becomes_a_question_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
