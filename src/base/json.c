/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

/* A JSON string is UTF-8; a path or a command line need not be. */
static struct json_object *text_to_json(const char *text)
{
	cleanup_free char *valid = strdup(text);

	for (char *at = valid; at && *at;) {
		size_t length = utf8_length(at);

		if (!length)
			*at = '?';
		at += length ? length : 1;
	}
	return valid ? json_object_new_string(valid) : NULL;
}

bool json_put(struct json_object *object, const char *key, struct json_object *value)
{
	if (object && value && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

bool json_put_text(struct json_object *object, const char *key, const char *text)
{
	return json_put(object, key, text_to_json(text));
}

bool json_put_number(struct json_object *object, const char *key, uint64_t number)
{
	return json_put(object, key, json_object_new_uint64(number));
}

bool json_put_hex(struct json_object *object, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, number);
	return json_put_text(object, key, text);
}

bool json_append(struct json_object *array, struct json_object *value)
{
	if (array && value && json_object_array_add(array, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

bool json_append_text(struct json_object *array, const char *text)
{
	return json_append(array, text_to_json(text));
}

bool json_put_null(struct json_object *object, const char *key)
{
	return object && json_object_object_add(object, key, NULL) == 0;
}

static struct json_object *get(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, type)
		   ? value
		   : NULL;
}

const char *json_get_text(struct json_object *object, const char *key)
{
	struct json_object *value = get(object, key, json_type_string);
	const char *text = value ? json_object_get_string(value) : NULL;

	return text && strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

bool json_get_number(struct json_object *object, const char *key, uint64_t *number)
{
	struct json_object *value = get(object, key, json_type_int);

	if (!value || json_object_get_int64(value) < 0)
		return false;
	*number = json_object_get_uint64(value);
	return true;
}

bool json_get_hex(struct json_object *object, const char *key, uint64_t *number)
{
	const char *text = json_get_text(object, key);
	size_t digits =
	    text && strncmp(text, "0x", 2) == 0 ? strspn(text + 2, "0123456789abcdefABCDEF") : 0;

	if (digits == 0 || digits > 16 || text[2 + digits])
		return false;
	*number = strtoull(text, NULL, 16);
	return true;
}

bool json_get_boolean(struct json_object *object, const char *key, bool *result)
{
	struct json_object *value = get(object, key, json_type_boolean);

	if (value)
		*result = json_object_get_boolean(value);
	return value != NULL;
}

/* RFC 8259, section 7. */
static void print_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			fprintf(out, "\\u%04x", (unsigned int)*text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void start_line(FILE *out, bool first, int depth)
{
	fprintf(out, "%s\n%*s", first ? "" : ",", 2 * depth, "");
}

static void print_value(FILE *out, struct json_object *value, int depth);

static void print_object(FILE *out, struct json_object *object, int depth)
{
	bool first = true;

	fputc('{', out);
	json_object_object_foreach(object, key, member)
	{
		start_line(out, first, depth + 1);
		first = false;
		print_text(out, key);
		fputs(": ", out);
		print_value(out, member, depth + 1);
	}
	if (!first)
		start_line(out, true, depth);
	fputc('}', out);
}

static void print_array(FILE *out, struct json_object *array, int depth)
{
	size_t count = json_object_array_length(array);

	fputc('[', out);
	for (size_t i = 0; i < count; i++) {
		start_line(out, i == 0, depth + 1);
		print_value(out, json_object_array_get_idx(array, i), depth + 1);
	}
	if (count)
		start_line(out, true, depth);
	fputc(']', out);
}

static void print_value(FILE *out, struct json_object *value, int depth)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		print_object(out, value, depth);
		break;
	case json_type_array:
		print_array(out, value, depth);
		break;
	case json_type_string:
		print_text(out, json_object_get_string(value));
		break;
	case json_type_int:
		fprintf(out, "%" PRIu64, json_object_get_uint64(value));
		break;
	case json_type_boolean:
		fputs(json_object_get_boolean(value) ? "true" : "false", out);
		break;
	case json_type_null:
	case json_type_double:
		fputs("null", out);
		break;
	}
}

void json_print(FILE *out, struct json_object *value)
{
	print_value(out, value, 0);
	fputc('\n', out);
}
