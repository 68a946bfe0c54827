/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/words.h"

#include <stdlib.h>
#include <string.h>

#include "test-support/test.h"

static void test_words_end_at_white_space_outside_quotes(void **state)
{
	static const struct {
		const char *text;
		const char *words[5];
	} rows[] = {
	    {"", {NULL}},
	    {" \t\n\r\f\v", {NULL}},
	    {"quiet", {"quiet"}},
	    {"  a \t b\n", {"a", "b"}},
	    {"a=\"b c\" d", {"a=\"b c\"", "d"}},
	    {"\"a=b c\" d", {"\"a=b c\"", "d"}},
	    {"a\"b \"c\" d\" e", {"a\"b \"c\" d\"", "e"}},
	    {"a=\"never closed b", {"a=\"never closed b"}},
	    {"\"\" x", {"\"\"", "x"}},
	    {"root=/dev/a -- init=1", {"root=/dev/a", "--", "init=1"}},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *rest = rows[i].text, *word;
		size_t length, j = 0;

		while (words_next(&rest, &word, &length)) {
			assert_row(rows[i].text, rows[i].words[j]);
			assert_row(rows[i].text, length == strlen(rows[i].words[j]));
			assert_row(rows[i].text, memcmp(word, rows[i].words[j], length) == 0);
			j++;
		}
		assert_row(rows[i].text, !rows[i].words[j]);
		assert_row(rows[i].text, *rest == '\0');
	}
}

static void test_a_word_is_its_name_alone_or_with_a_value(void **state)
{
	static const struct {
		const char *word;
		bool is_initrd;
	} rows[] = {
	    {"initrd", true},
	    {"initrd=", true},
	    {"initrd=/boot/x", true},
	    {"initrd_x", false},
	    {"initrd-x=1", false},
	    {"noinitrd", false},
	    {"init", false},
	    {"\"initrd=a b\"", true},
	    {"\"initrd\"", true},
	    {"", false},
	    {"\"", false},
	    {"INITRD=x", false},
	    {"x=initrd", false},
	    {"\"noinitrd=a b\"", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_row(rows[i].word, word_is(rows[i].word, strlen(rows[i].word), "initrd") ==
					     rows[i].is_initrd);
}

static void test_what_stands_behind_the_word_does_not_count(void **state)
{
	(void)state;
	assert_true(word_is("initrd foo", 6, "initrd"));
	assert_false(word_is("initrd", 4, "initrd"));
	assert_false(word_is("\"initrd", 4, "initrd"));
}

static void test_joining_puts_one_space_between_texts_that_are_there(void **state)
{
	static const struct {
		const char *first, *second, *joined;
	} rows[] = {
	    {"a", "b", "a b"}, {"a", "", "a"},   {"", "b", "b"},
	    {NULL, "b", "b"},  {"a", NULL, "a"}, {NULL, NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char *joined = words_join(rows[i].first, rows[i].second);

		assert_string_equal(joined, rows[i].joined);
		free(joined);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words_end_at_white_space_outside_quotes),
	    cmocka_unit_test(test_a_word_is_its_name_alone_or_with_a_value),
	    cmocka_unit_test(test_what_stands_behind_the_word_does_not_count),
	    cmocka_unit_test(test_joining_puts_one_space_between_texts_that_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
