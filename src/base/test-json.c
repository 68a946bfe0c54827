/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "test-support/test.h"

static char *printed(struct json_object *value)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	json_print(out, value);
	assert_int_equal(fclose(out), 0);
	return text;
}

static struct json_object *sample(void)
{
	struct json_object *object = json_object_new_object(), *array = json_object_new_array();

	assert_true(json_put_text(object, "text", "a \"b\" \\ \n\t\x01\x7f /ä"));
	assert_true(json_put_number(object, "largest", UINT64_MAX));
	assert_true(json_put_number(object, "zero", 0));
	assert_true(json_put_hex(object, "hex", UINT64_MAX));
	assert_true(json_put(object, "yes", json_object_new_boolean(true)));
	assert_true(json_put(object, "no", json_object_new_boolean(false)));
	assert_true(json_put(object, "key \"with\" quotes", json_object_new_array()));
	assert_true(json_put(object, "none", json_object_new_object()));
	assert_true(json_put(object, "list", array));
	assert_true(json_append_text(array, "first"));
	assert_true(json_append(array, json_object_new_object()));
	assert_true(json_put_text(json_object_array_get_idx(array, 1), "inner", ""));
	return object;
}

static void test_what_is_printed_reads_back_as_the_same(void **state)
{
	cleanup_json struct json_object *object = sample(), *again = NULL;
	cleanup_free char *text = printed(object);

	(void)state;
	again = json_tokener_parse(text);
	assert_non_null(again);
	assert_true(json_object_equal(object, again));
}

static void test_a_line_holds_one_member(void **state)
{
	cleanup_json struct json_object *object = json_object_new_object();
	cleanup_free char *text = NULL, *empty = NULL;

	(void)state;
	empty = printed(object);
	assert_string_equal(empty, "{}\n");
	assert_true(json_put_number(object, "a", 1));
	assert_true(json_put(object, "b", json_object_new_array()));
	assert_true(json_append_text(json_object_object_get(object, "b"), "c"));
	text = printed(object);
	assert_string_equal(text, "{\n  \"a\": 1,\n  \"b\": [\n    \"c\"\n  ]\n}\n");
}

static void test_a_missing_object_or_value_is_a_failure(void **state)
{
	cleanup_json struct json_object *object = json_object_new_object(),
					*array = json_object_new_array();

	(void)state;
	assert_false(json_put(object, "key", NULL));
	assert_false(json_put_text(NULL, "key", "text"));
	assert_false(json_append(array, NULL));
	assert_false(json_append_text(NULL, "text"));
	assert_int_equal(json_object_object_length(object), 0);
	assert_int_equal(json_object_array_length(array), 0);
}

static struct json_object *parsed(const char *text)
{
	return json_parse(text, strlen(text), 4);
}

static void test_what_is_read_is_of_the_kind_that_is_wanted(void **state)
{
	cleanup_json struct json_object *object =
	    parsed("{\"t\":\"text\",\"n\":18446744073709551615,\"m\":-1,\"h\":\"0x1F\","
		   "\"b\":true,\"z\":\"a\\u0000b\",\"0\":null}");
	uint64_t number = 0;
	bool value = false;

	(void)state;
	assert_non_null(object);
	assert_string_equal(json_get_text(object, "t"), "text");
	assert_null(json_get_text(object, "n"));
	assert_null(json_get_text(object, "z"));
	assert_null(json_get_text(object, "0"));
	assert_null(json_get_text(object, "missing"));
	assert_null(json_get_text(NULL, "t"));
	assert_true(json_get_number(object, "n", &number));
	assert_true(number == UINT64_MAX);
	assert_false(json_get_number(object, "m", &number));
	assert_false(json_get_number(object, "h", &number));
	assert_true(json_get_hex(object, "h", &number));
	assert_int_equal(number, 31);
	assert_false(json_get_hex(object, "t", &number));
	assert_false(json_get_hex(object, "n", &number));
	assert_true(json_get_boolean(object, "b", &value));
	assert_true(value);
	assert_false(json_get_boolean(object, "n", &value));
}

static void test_what_is_no_whole_value_is_not_parsed(void **state)
{
	static const char *const texts[] = {
	    "",
	    "{",
	    "{} {}",
	    "[[[[[1]]]]]",
	    "'x'",
	    "\"\xff\"",
	    "[1,]",
	    "[1 2]",
	    "{\"a\"}",
	    "{\"a\":}",
	    "{\"a\":1,}",
	    "{a:1}",
	    "{\"a\\u0000\":1}",
	    "\"\\x\"",
	    "\"\\u12g4\"",
	    "\"\\ud800\"",
	    "\"\\udc00\"",
	    "\"\\ud800\\u0041\"",
	    "\"\t\"",
	    "\"",
	    "\"\\",
	    "01",
	    "-",
	    "1.5",
	    "1e3",
	    "tru",
	    "nullx",
	    "18446744073709551616",
	    "-9223372036854775809",
	    "]",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		errno = 0;
		assert_row(texts[i], !parsed(texts[i]) && errno == EBADMSG);
	}
	assert_null(json_parse("1\0001", 3, 4));
}

static void test_text_is_read_as_it_was_meant(void **state)
{
	static const char *const rows[][2] = {
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
	    {"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
	    {" \"\xc3\xa9\" ", "\xc3\xa9"},
	    {"\"\"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_json struct json_object *value = parsed(rows[i][0]);

		assert_row(rows[i][0], value != NULL);
		assert_string_equal(json_object_get_string(value), rows[i][1]);
	}
}

static void test_what_is_not_known_is_null(void **state)
{
	cleanup_json struct json_object *object = json_object_new_object();
	cleanup_free char *text = NULL;

	(void)state;
	assert_true(json_put_null(object, "a"));
	assert_false(json_put_null(NULL, "a"));
	text = printed(object);
	assert_string_equal(text, "{\n  \"a\": null\n}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_printed_reads_back_as_the_same),
	    cmocka_unit_test(test_a_line_holds_one_member),
	    cmocka_unit_test(test_a_missing_object_or_value_is_a_failure),
	    cmocka_unit_test(test_what_is_read_is_of_the_kind_that_is_wanted),
	    cmocka_unit_test(test_what_is_no_whole_value_is_not_parsed),
	    cmocka_unit_test(test_text_is_read_as_it_was_meant),
	    cmocka_unit_test(test_what_is_not_known_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
