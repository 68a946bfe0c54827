/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses and digests are strings in hexadecimal: JSON numbers are exact only up to 2^53. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "plan/plan.h"
#include "plan/show.h"

/* A JSON string is UTF-8; a path or a command line need not be: each wrong byte becomes '?'. */
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

static void put_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text_to_json(text));
}

static void put_size(struct json_object *object, const char *key, uint64_t size)
{
	json_object_object_add(object, key, json_object_new_uint64(size));
}

static void put_hex(struct json_object *object, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	put_text(object, key, text);
}

static struct json_object *files_to_json(const struct blob *blob)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; blob && i < blob->file_count; i++) {
		struct json_object *file = json_object_new_object();

		put_text(file, "path", blob->files[i].path);
		put_size(file, "size", blob->files[i].size);
		json_object_array_add(array, file);
	}
	return array;
}

static struct json_object *segments_to_json(const struct plan *plan)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];
		struct json_object *object = json_object_new_object();

		put_text(object, "name", segment->name);
		put_hex(object, "start", segment->destination.start);
		put_hex(object, "end", segment->destination.end);
		put_size(object, "content_size", segment->content_size);
		put_size(object, "checked_size", plan->check ? segment->checked_size : 0);
		if (plan->check && segment->checked_size)
			put_hex(object, "xxh3", segment->digest);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *map_to_json(const struct map *map)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < map->count; i++) {
		struct json_object *object = json_object_new_object();

		put_hex(object, "start", map->regions[i].range.start);
		put_hex(object, "end", map->regions[i].range.end);
		put_text(object, "type", map->regions[i].name);
		json_object_array_add(array, object);
	}
	return array;
}

struct json_object *plan_to_json(const struct plan *plan)
{
	struct json_object *object = json_object_new_object();
	struct json_object *notes = json_object_new_array();

	put_text(object, "schema", "kexec-plan");
	json_object_object_add(object, "schema_version", json_object_new_int(PLAN_SCHEMA_VERSION));
	put_text(object, "method", plan_method_name(plan->method));
	put_text(object, "method_reason", plan->method_reason);
	put_text(object, "protocol", plan->protocol);
	put_text(object, "kernel", plan->kernel_path);
	put_text(object, "kernel_version", plan->kernel_version);
	json_object_object_add(object, "initrds", files_to_json(plan->initrds));
	put_text(object, "command_line", plan->command_line);
	for (size_t i = 0; i < plan->note_count; i++)
		json_object_array_add(notes, text_to_json(plan->notes[i].text));
	json_object_object_add(object, "notes", notes);
	if (plan->method == PLAN_SEGMENTS) {
		put_hex(object, "entry", plan->entry);
		json_object_object_add(object, "checked", json_object_new_boolean(plan->check));
		json_object_object_add(object, "segments", segments_to_json(plan));
		json_object_object_add(object, "told_memory", map_to_json(&plan->told));
		json_object_object_add(object, "usable_memory", map_to_json(&plan->usable));
	}
	return object;
}
