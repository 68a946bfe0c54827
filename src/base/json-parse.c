/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading JSON (RFC 8259), of the kinds that we write: no fractions. json-c's own parser is not
 * taken: before 0.17 it crashes or cuts text short where memory runs out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"

struct parser {
	const char *at; /* ends with a NUL */
	int depth;      /* levels that are still allowed */
	bool no_memory; /* why it stopped, if not because of the text */
};

/* Passes on what an allocation returned. */
static void *allocated(struct parser *parser, void *pointer)
{
	parser->no_memory |= !pointer;
	return pointer;
}

static void skip_blanks(struct parser *parser)
{
	parser->at += strspn(parser->at, " \t\r\n");
}

/* Whether the next character is this one, which is taken then. */
static bool take(struct parser *parser, char wanted)
{
	skip_blanks(parser);
	if (*parser->at != wanted)
		return false;
	parser->at++;
	return true;
}

static bool take_word(struct parser *parser, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(parser->at, word, length) != 0)
		return false;
	parser->at += length;
	return true;
}

/* Four hexadecimal digits; -1 when they are none. */
static long take_hex4(struct parser *parser)
{
	char digits[5] = "", *end;
	long value;

	if (strspn(parser->at, "0123456789abcdefABCDEF") < 4)
		return -1;
	memcpy(digits, parser->at, 4);
	value = strtol(digits, &end, 16);
	parser->at += 4;
	return value;
}

/* What follows "\u": one code, or two that are a pair of surrogates. */
static bool take_code(struct parser *parser, unsigned long *code)
{
	long high = take_hex4(parser), low;

	if (high < 0 || (high >= 0xdc00 && high < 0xe000))
		return false;
	*code = (unsigned long)high;
	if (high < 0xd800 || high >= 0xe000)
		return true;
	low = take_word(parser, "\\u") ? take_hex4(parser) : -1;
	if (low < 0xdc00 || low >= 0xe000)
		return false;
	*code = 0x10000 + ((unsigned long)(high - 0xd800) << 10) + (unsigned long)(low - 0xdc00);
	return true;
}

static size_t put_utf8(char *to, unsigned long code)
{
	size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char starts[] = {0, 0xc0, 0xe0, 0xf0};

	to[0] = (char)(starts[more] | code >> (6 * more));
	for (size_t i = 1; i <= more; i++)
		to[i] = (char)(0x80 | (code >> (6 * (more - i)) & 0x3f));
	return more + 1;
}

/* Behind a backslash; what it stands for is never longer than it is. */
static bool take_escape(struct parser *parser, char **to)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name = *parser->at ? strchr(names, *parser->at) : NULL;
	unsigned long code;

	if (name) {
		parser->at++;
		*(*to)++ = values[name - names];
		return true;
	}
	if (!take_word(parser, "u") || !take_code(parser, &code))
		return false;
	*to += put_utf8(*to, code);
	return true;
}

/* Up to the quote at its end, into a buffer that is as long as the text in the source. */
static bool take_characters(struct parser *parser, char *to, size_t *length)
{
	char *start = to;

	while (*parser->at != '"') {
		size_t bytes;

		if ((unsigned char)*parser->at < 0x20)
			return false;
		if (take_word(parser, "\\")) {
			if (!take_escape(parser, &to))
				return false;
			continue;
		}
		bytes = utf8_length(parser->at);
		if (!bytes)
			return false;
		memcpy(to, parser->at, bytes);
		to += bytes;
		parser->at += bytes;
	}
	parser->at++;
	*to = '\0';
	*length = (size_t)(to - start);
	return true;
}

/* Behind the first quote. NULL when it is no text, or without memory. */
static char *take_text(struct parser *parser, size_t *length)
{
	const char *end = parser->at;
	cleanup_free char *text = NULL;

	for (; *end && *end != '"'; end++)
		if (*end == '\\' && end[1])
			end++;
	text = allocated(parser, malloc((size_t)(end - parser->at) + 1));
	return text && take_characters(parser, text, length) ? steal_pointer(text) : NULL;
}

static bool take_string(struct parser *parser, struct json_object **value)
{
	size_t length;
	cleanup_free char *text = take_text(parser, &length);

	if (!text || length > INT32_MAX)
		return false;
	*value = allocated(parser, json_object_new_string_len(text, (int)length));
	return *value != NULL;
}

static bool take_number(struct parser *parser, struct json_object **value)
{
	bool negative = *parser->at == '-';
	const char *digits = parser->at + negative;
	size_t count = strspn(digits, "0123456789");
	const char *end = digits + count;
	unsigned long long high = 0;
	long long low = 0;

	if (count == 0 || (*digits == '0' && count > 1) || (*end && strchr(".eE", *end)))
		return false;
	errno = 0;
	if (negative)
		low = strtoll(parser->at, NULL, 10);
	else
		high = strtoull(parser->at, NULL, 10);
	if (errno)
		return false;
	*value =
	    allocated(parser, negative ? json_object_new_int64(low) : json_object_new_uint64(high));
	parser->at = end;
	return *value != NULL;
}

static bool take_value(struct parser *parser, struct json_object **value);

static bool take_members(struct parser *parser, struct json_object *object)
{
	if (take(parser, '}'))
		return true;
	do {
		struct json_object *value;
		cleanup_free char *key = NULL;
		size_t length;

		if (!take(parser, '"'))
			return false;
		key = take_text(parser, &length);
		if (!key || strlen(key) != length || !take(parser, ':') ||
		    !take_value(parser, &value))
			return false;
		if (json_object_object_add(object, key, value) != 0) {
			parser->no_memory = true;
			json_object_put(value);
			return false;
		}
	} while (take(parser, ','));
	return take(parser, '}');
}

static bool take_elements(struct parser *parser, struct json_object *array)
{
	if (take(parser, ']'))
		return true;
	do {
		struct json_object *value;

		if (!take_value(parser, &value))
			return false;
		if (json_object_array_add(array, value) != 0) {
			parser->no_memory = true;
			json_object_put(value);
			return false;
		}
	} while (take(parser, ','));
	return take(parser, ']');
}

/* Behind the opening bracket. */
static bool take_inner(struct parser *parser, bool is_array, struct json_object **value)
{
	cleanup_json struct json_object *inner = NULL;

	if (parser->depth == 0)
		return false;
	parser->depth--;
	inner = allocated(parser, is_array ? json_object_new_array() : json_object_new_object());
	if (!inner || !(is_array ? take_elements(parser, inner) : take_members(parser, inner)))
		return false;
	parser->depth++;
	*value = steal_pointer(inner);
	return true;
}

/* On failure there is nothing to end; null is NULL. */
static bool take_value(struct parser *parser, struct json_object **value)
{
	*value = NULL;
	if (take(parser, '{'))
		return take_inner(parser, false, value);
	if (take(parser, '['))
		return take_inner(parser, true, value);
	if (take(parser, '"'))
		return take_string(parser, value);
	if (take_word(parser, "null"))
		return true;
	if (take_word(parser, "true"))
		*value = allocated(parser, json_object_new_boolean(true));
	else if (take_word(parser, "false"))
		*value = allocated(parser, json_object_new_boolean(false));
	else
		return take_number(parser, value);
	return *value != NULL;
}

struct json_object *json_parse(const char *text, size_t size, int depth)
{
	struct parser parser = {.at = text, .depth = depth};
	struct json_object *value = NULL;

	if (strlen(text) == size && take_value(&parser, &value)) {
		skip_blanks(&parser);
		if (!*parser.at && value)
			return value;
		json_object_put(value);
	}
	errno = parser.no_memory ? ENOMEM : EBADMSG;
	return NULL;
}
