/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses and digests are strings in hexadecimal: JSON numbers are exact only up to 2^53. */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "plan/plan.h"
#include "plan/show.h"

static struct json_object *files_to_json(const struct blob *blob)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; blob && i < blob->file_count; i++) {
		struct json_object *file = json_object_new_object();

		if (!json_append(array, file) ||
		    !json_put_text(file, "path", blob->files[i].path) ||
		    !json_put_number(file, "size", blob->files[i].size))
			return NULL;
	}
	return steal_pointer(array);
}

/* Never their content, nor a digest. */
static struct json_object *added_files_to_json(const struct plan *plan)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < plan->added_file_count; i++) {
		const struct plan_file *added = &plan->added_files[i];
		struct json_object *file = json_object_new_object();
		char mode[16];

		snprintf(mode, sizeof(mode), "%04" PRIo32, added->mode);
		if (!json_append(array, file) || !json_put_text(file, "path", added->path) ||
		    !json_put_text(file, "mode", mode) ||
		    !json_put_number(file, "size", added->size))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *segments_to_json(const struct plan *plan)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];
		struct json_object *object = json_object_new_object();
		uint64_t checked = plan->check ? segment->checked_size : 0;

		if (!json_append(array, object) || !json_put_text(object, "name", segment->name) ||
		    !json_put_hex(object, "start", segment->destination.start) ||
		    !json_put_hex(object, "end", segment->destination.end) ||
		    !json_put_number(object, "content_size", segment->content_size) ||
		    !json_put_number(object, "checked_size", checked) ||
		    (plan_tells_digest(plan, segment) &&
		     !json_put_hex(object, "xxh3", segment->digest)))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *map_to_json(const struct map *map)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < map->count; i++) {
		const struct region *region = &map->regions[i];
		struct json_object *object = json_object_new_object();

		if (!json_append(array, object) ||
		    !json_put_hex(object, "start", region->range.start) ||
		    !json_put_hex(object, "end", region->range.end) ||
		    !json_put_text(object, "type", region->name))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *notes_to_json(const struct plan *plan)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < plan->note_count; i++)
		if (!json_append_text(array, plan->notes[i].text))
			return NULL;
	return steal_pointer(array);
}

static bool put_reservation(struct json_object *object, const struct plan *plan)
{
	cleanup_json struct json_object *range = json_object_new_object();

	return json_put_hex(range, "start", plan->reservation.start) &&
	       json_put_hex(range, "end", plan->reservation.end) &&
	       json_put(object, "reservation", steal_pointer(range)) &&
	       json_put(object, "hotplug", json_object_new_boolean(plan->hotplug));
}

static bool put_placement(struct json_object *object, const struct plan *plan)
{
	return json_put_hex(object, "entry", plan->entry) &&
	       json_put(object, "checked", json_object_new_boolean(plan->check)) &&
	       json_put(object, "segments", segments_to_json(plan)) &&
	       json_put(object, "told_memory", map_to_json(&plan->told)) &&
	       json_put(object, "usable_memory", map_to_json(&plan->usable));
}

struct json_object *plan_to_json(const struct plan *plan)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "schema", "kexec-plan") ||
	    !json_put_number(object, "schema_version", PLAN_SCHEMA_VERSION) ||
	    !json_put_text(object, "kind", plan_kind_name(plan->kind)) ||
	    !json_put_text(object, "method", plan_method_name(plan->method)) ||
	    !json_put_text(object, "method_reason", plan->method_reason) ||
	    !json_put_text(object, "form", plan_form_name(plan->form)) ||
	    !json_put_text(object, "form_reason", plan->form_reason) ||
	    !json_put_text(object, "protocol", plan->protocol) ||
	    !json_put_text(object, "kernel", plan->kernel_path) ||
	    !json_put_text(object, "kernel_version", plan->kernel_version) ||
	    !json_put(object, "initrds", files_to_json(plan->initrds)) ||
	    (plan->added_file_count &&
	     !json_put(object, "added_files", added_files_to_json(plan))) ||
	    !json_put_text(object, "command_line", plan->command_line) ||
	    !json_put(object, "notes", notes_to_json(plan)) ||
	    (plan->kind == PLAN_CRASH && !put_reservation(object, plan)) ||
	    (plan->method == PLAN_SEGMENTS && !put_placement(object, plan)))
		return NULL;
	return steal_pointer(object);
}
