/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON by json-c, with every failed allocation noticed.
 *
 * json-c tells of one by returning NULL or a negative value, and while it prints not at all. What
 * is put into an object is therefore checked here: each function takes the value over, also when it
 * fails, and a NULL object or value is a failure, so that calls can be joined by &&.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

static inline void json_put_pointer(struct json_object **object)
{
	json_object_put(*object);
}
#define cleanup_json __attribute__((cleanup(json_put_pointer)))

/* Puts a value under a key, in place of what was there. False without memory. */
bool json_put(struct json_object *object, const char *key, struct json_object *value);

/* The same for text (each byte that is not UTF-8 becomes '?'), a number, and one in hexadecimal. */
bool json_put_text(struct json_object *object, const char *key, const char *text);
bool json_put_number(struct json_object *object, const char *key, uint64_t number);
bool json_put_hex(struct json_object *object, const char *key, uint64_t number);

/* Appends to an array: the value, or text. False without memory. */
bool json_append(struct json_object *array, struct json_object *value);
bool json_append_text(struct json_object *array, const char *text);

/* A key without a value: it is not known. */
bool json_put_null(struct json_object *object, const char *key);

/*
 * A value from text that somebody else wrote, `size` bytes and a NUL behind them, with objects and
 * arrays in each other at most `depth` levels deep. Numbers are whole. NULL when it is none or
 * is "null" (errno is EBADMSG then), or without memory (ENOMEM).
 */
struct json_object *json_parse(const char *text, size_t size, int depth);

/*
 * What stands under a key: text (the object's own), a number that is whole and not negative, one in
 * hexadecimal ("0x1f"), a truth value. NULL or false when it is missing, or something else.
 */
const char *json_get_text(struct json_object *object, const char *key);
bool json_get_number(struct json_object *object, const char *key, uint64_t *number);
bool json_get_hex(struct json_object *object, const char *key, uint64_t *number);
bool json_get_boolean(struct json_object *object, const char *key, bool *value);

/*
 * Prints a value and a newline, without allocating anything: json-c's own printer leaves a gap
 * where its buffer cannot grow. Objects, arrays, text, whole numbers, booleans; there are no others
 * here.
 */
void json_print(FILE *out, struct json_object *value);
