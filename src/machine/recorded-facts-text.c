/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* machine.json. Addresses are strings in hexadecimal: JSON numbers are exact only up to 2^53. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "machine/recorded-facts.h"

enum { JSON_DEPTH = 8, FLAG_MAX = 63, CODE_MAX = 4095 };

static struct json_object *map_to_json(const struct map *map)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < map->count; i++) {
		struct json_object *object = json_object_new_object();

		if (!json_append(array, object) ||
		    !json_put_hex(object, "start", map->regions[i].range.start) ||
		    !json_put_hex(object, "end", map->regions[i].range.end))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *pages_to_json(const struct recorded_facts *facts)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->pages_count; i++) {
		const struct recorded_pages *pages = &facts->pages[i];
		struct json_object *object = json_object_new_object();

		if (!json_append(array, object) || !json_put_number(object, "flag", pages->flag) ||
		    !json_put(object, "asked", map_to_json(&pages->asked)) ||
		    !json_put(object, "found", map_to_json(&pages->found)))
			return NULL;
	}
	return steal_pointer(array);
}

static bool put_bytes(struct json_object *object, const struct recorded_bytes *known)
{
	cleanup_free char *hex = calloc(known->size + 1, 2);

	if (!hex)
		return false;
	for (size_t i = 0; i < known->size; i++)
		snprintf(hex + 2 * i, 3, "%02x", known->bytes[i]);
	return json_put_hex(object, "address", known->address) &&
	       json_put_text(object, "bytes", hex);
}

static struct json_object *bytes_to_json(const struct recorded_facts *facts)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->bytes_count; i++) {
		struct json_object *object = json_object_new_object();

		if (!json_append(array, object) || !put_bytes(object, &facts->bytes[i]))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *refusals_to_json(const struct recorded_facts *facts)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < facts->refusal_count; i++) {
		struct json_object *object = json_object_new_object();

		if (!json_append(array, object) ||
		    !json_put_text(object, "path", facts->refusals[i].path) ||
		    !json_put_number(object, "errno", (uint64_t)facts->refusals[i].code))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *facts_to_json(const struct recorded_facts *facts, const char *release)
{
	cleanup_json struct json_object *object = json_object_new_object();
	time_t now = time(NULL);
	char when[32] = "";
	struct tm utc;

	if (gmtime_r(&now, &utc))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (!json_put_text(object, "schema", RECORDING_SCHEMA) ||
	    !json_put_number(object, "schema_version", RECORDING_SCHEMA_VERSION) ||
	    !json_put_text(object, "recorded_at", when) ||
	    !json_put_text(object, "recorded_by", release) ||
	    !json_put(object, "unreadable", refusals_to_json(facts)) ||
	    !json_put(object, "physical_memory", bytes_to_json(facts)) ||
	    !json_put(object, "page_flags", pages_to_json(facts)))
		return NULL;
	return steal_pointer(object);
}

char *recorded_facts_to_text(const struct recorded_facts *facts, const char *release)
{
	cleanup_json struct json_object *object = facts_to_json(facts, release);
	char *text = NULL;
	size_t size;
	FILE *out = object ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	json_print(out, object);
	if (ferror(out) | fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* A field that is there and of this type; NULL when it is neither. */
static struct json_object *field(struct json_object *object, const char *key, json_type type)
{
	struct json_object *value = NULL;

	return json_object_is_type(object, json_type_object) &&
		       json_object_object_get_ex(object, key, &value) &&
		       json_object_is_type(value, type)
		   ? value
		   : NULL;
}

static bool get_hex(struct json_object *object, const char *key, uint64_t *value)
{
	struct json_object *string = field(object, key, json_type_string);
	const char *text = string ? json_object_get_string(string) : "";
	char *end;

	if (strncmp(text, "0x", 2) != 0 || !isxdigit((unsigned char)text[2]))
		return false;
	errno = 0;
	*value = strtoull(text, &end, 16);
	return !errno && !*end;
}

static bool get_number(struct json_object *object, const char *key, int max, int *value)
{
	struct json_object *number = field(object, key, json_type_int);

	if (!number)
		return false;
	*value = json_object_get_int(number);
	return *value >= 0 && *value <= max;
}

static size_t array_length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

static int digit_value(char digit)
{
	return isdigit((unsigned char)digit)    ? digit - '0'
	       : isxdigit((unsigned char)digit) ? tolower((unsigned char)digit) - 'a' + 10
						: -1;
}

/* All of these: 0, -EINVAL for what the program does not write, or another negative errno. */
static int take_bytes(struct recorded_facts *facts, struct json_object *entry)
{
	struct json_object *string = field(entry, "bytes", json_type_string);
	const char *hex = string ? json_object_get_string(string) : "";
	size_t size = strlen(hex) / 2;
	cleanup_free uint8_t *bytes = malloc(size + 1);
	uint64_t address;

	if (!bytes)
		return -ENOMEM;
	if (!get_hex(entry, "address", &address) || size == 0 || strlen(hex) % 2 ||
	    address > UINT64_MAX - size)
		return -EINVAL;
	for (size_t i = 0; i < size; i++) {
		int high = digit_value(hex[2 * i]), low = digit_value(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return recorded_facts_add_bytes(facts, address, bytes, size);
}

static int take_refusal(struct recorded_facts *facts, struct json_object *entry)
{
	struct json_object *path = field(entry, "path", json_type_string);
	int code;

	if (!path || !get_number(entry, "errno", CODE_MAX, &code) || code == 0)
		return -EINVAL;
	return recorded_facts_add_refusal(facts, json_object_get_string(path), code);
}

static int take_map(struct map *map, struct json_object *array)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < array_length(array); i++) {
		struct json_object *entry = json_object_array_get_idx(array, i);
		struct range range;

		if (!get_hex(entry, "start", &range.start) || !get_hex(entry, "end", &range.end) ||
		    range.start >= range.end)
			return -EINVAL;
		r = map_add(map, range, 0, "");
	}
	map_normalise(map);
	return r;
}

static int take_pages(struct recorded_facts *facts, struct json_object *entry)
{
	cleanup_with(map_fini) struct map asked = {}, found = {};
	int flag, r;

	if (!get_number(entry, "flag", FLAG_MAX, &flag))
		return -EINVAL;
	for (size_t i = 0; i < facts->pages_count; i++)
		if (facts->pages[i].flag == (unsigned int)flag)
			return -EINVAL;
	r = take_map(&asked, field(entry, "asked", json_type_array));
	if (r == 0)
		r = take_map(&found, field(entry, "found", json_type_array));
	return r < 0 ? r : recorded_facts_add_pages(facts, (unsigned int)flag, &asked, &found);
}

static int take_all(struct recorded_facts *facts, struct json_object *object, const char *key,
		    int (*take)(struct recorded_facts *facts, struct json_object *entry))
{
	struct json_object *array = field(object, key, json_type_array);
	int r = 0;

	for (size_t i = 0; r == 0 && i < array_length(array); i++)
		r = take(facts, json_object_array_get_idx(array, i));
	return r;
}

static int no_recording(const char *path, const char *detail, struct error *error)
{
	return error_add(error, ERROR_FILE, 0, "open recorded machine", path, "%s", detail);
}

int recorded_facts_from_text(struct recorded_facts *facts, const char *text, const char *path,
			     struct error *error)
{
	cleanup_json struct json_object *object = json_parse(text, strlen(text), JSON_DEPTH);
	struct json_object *schema;
	int version, r;

	*facts = (struct recorded_facts){};
	if (!object && errno == ENOMEM)
		return error_memory(error, "open recorded machine");
	schema = field(object, "schema", json_type_string);
	if (!schema || strcmp(json_object_get_string(schema), RECORDING_SCHEMA) != 0)
		return no_recording(
		    path, "it does not say that this is a recorded machine (\"schema\")", error);
	if (!get_number(object, "schema_version", INT32_MAX, &version) || version == 0)
		return no_recording(path, "its \"schema_version\" is no version", error);
	if (version > RECORDING_SCHEMA_VERSION)
		return error_add(error, ERROR_FILE, 0, "open recorded machine", path,
				 "it has version %d, made by a newer kexec; this one reads version "
				 "%d",
				 version, RECORDING_SCHEMA_VERSION);
	r = take_all(facts, object, "unreadable", take_refusal);
	if (r == 0)
		r = take_all(facts, object, "physical_memory", take_bytes);
	if (r == 0)
		r = take_all(facts, object, "page_flags", take_pages);
	if (r == -ENOMEM)
		return error_memory(error, "open recorded machine");
	if (r == -E2BIG)
		return no_recording(path, "it has more entries than kexec writes", error);
	return r < 0 ? no_recording(path, "it has an entry that kexec does not write", error) : 0;
}
