/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/entry-json.h"

#include "base/json.h"
#include "entry/list.h"

static bool put_if(struct json_object *object, const char *key, const char *text)
{
	return !text || json_put_text(object, key, text);
}

static bool put_true(struct json_object *object, const char *key, bool value)
{
	return !value || json_put(object, key, json_object_new_boolean(true));
}

static bool put_number_if(struct json_object *object, const char *key, uint64_t number)
{
	return number == 0 || json_put_number(object, key, number);
}

/* A whole file is its path alone. */
static struct json_object *file_to_json(const struct entry_file *file)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (file->size == 0 && !file->packed_as) {
		json_object_put(object);
		object = NULL;
		return json_object_new_string(file->path);
	}
	if (!json_put_text(object, "path", file->path) ||
	    !put_number_if(object, "offset", file->offset) ||
	    !put_number_if(object, "size", file->size) ||
	    !put_if(object, "packed_as", file->packed_as))
		return NULL;
	return json_object_get(object);
}

static bool put_files(struct json_object *object, const char *key, const struct entry_files *files)
{
	struct json_object *array;

	if (files->count == 0)
		return true;
	array = json_object_new_array();
	if (!json_put(object, key, array))
		return false;
	for (size_t i = 0; i < files->count; i++)
		if (!json_append(array, file_to_json(&files->files[i])))
			return false;
	return true;
}

static bool put_problem(struct json_object *object, const struct entry *entry)
{
	struct json_object *problem;

	if (entry->problem == ENTRY_USABLE)
		return true;
	problem = json_object_new_object();
	return json_put(object, "problem", problem) &&
	       json_put_text(problem, "kind", entry_problem_name(entry->problem)) &&
	       put_if(problem, "subject", entry->problem_subject) &&
	       put_if(problem, "detail", entry->problem_detail) &&
	       put_true(problem, "left_out", entry->hidden);
}

static bool put_counter(struct json_object *object, const struct entry *entry)
{
	return !entry->counted || (json_put_number(object, "tries_left", entry->tries_left) &&
				   json_put_number(object, "tries_done", entry->tries_done));
}

static struct json_object *entry_to_json(const struct entry *entry)
{
	cleanup_json struct json_object *object = json_object_new_object();
	bool whole =
	    json_put_text(object, "id", entry->id) &&
	    json_put_text(object, "kind", entry_kind_name(entry->kind)) &&
	    json_put_text(object, "source", entry->source) &&
	    put_number_if(object, "line", entry->line) &&
	    json_put_text(object, "title", entry->title) &&
	    put_if(object, "version", entry->version) &&
	    put_if(object, "machine_id", entry->machine_id) &&
	    put_if(object, "sort_key", entry->sort_key) &&
	    put_if(object, "architecture", entry->architecture) &&
	    put_if(object, "release", entry->release) &&
	    (!entry->kernel.path || json_put(object, "kernel", file_to_json(&entry->kernel))) &&
	    put_files(object, "initrds", &entry->initrds) &&
	    (!entry->has_options || json_put_text(object, "options", entry->options)) &&
	    put_if(object, "devicetree", entry->devicetree) &&
	    put_files(object, "overlays", &entry->overlays) &&
	    put_number_if(object, "profile", entry->profile) && put_counter(object, entry) &&
	    put_problem(object, entry) && put_true(object, "default", entry->is_default) &&
	    put_true(object, "newest", entry->is_newest) &&
	    put_true(object, "running", entry->is_running);

	return whole ? json_object_get(object) : NULL;
}

static struct json_object *write_to_json(const struct entry_write *write)
{
	cleanup_json struct json_object *object = json_object_new_object();
	bool whole = json_put_text(object, "file", write->path) &&
		     json_put_text(object, "name", write->name) &&
		     (write->value ? json_put_text(object, "value", write->value)
				   : json_put_null(object, "value"));

	return whole ? json_object_get(object) : NULL;
}

static bool put_writes(struct json_object *object, const struct entry_default *choice)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < choice->write_count; i++)
		if (!json_append(array, write_to_json(&choice->writes[i])))
			return false;
	return choice->write_count == 0 || json_put(object, "writes", json_object_get(array));
}

static struct json_object *default_to_json(const struct entry_default *choice)
{
	cleanup_json struct json_object *object = json_object_new_object();
	bool whole = (!choice->entry || json_put_text(object, "id", choice->entry->id)) &&
		     json_put_text(object, "reason", entry_reason_name(choice->reason)) &&
		     put_if(object, "value", choice->value) &&
		     put_if(object, "source", choice->source) &&
		     put_number_if(object, "line", choice->line) &&
		     put_if(object, "detail", choice->detail) && put_writes(object, choice);

	return whole ? json_object_get(object) : NULL;
}

static struct json_object *remark_to_json(const struct entry_remark *remark)
{
	cleanup_json struct json_object *object = json_object_new_object();
	bool whole = json_put_text(object, "kind", entry_remark_kind_name(remark->kind)) &&
		     json_put_text(object, "subject", remark->subject) &&
		     put_number_if(object, "line", remark->line) &&
		     json_put_text(object, "detail", remark->detail);

	return whole ? json_object_get(object) : NULL;
}

struct json_object *entry_list_to_json(const struct entry_list *list)
{
	cleanup_json struct json_object *object = json_object_new_object();
	struct json_object *entries = json_object_new_array(), *remarks = json_object_new_array();
	bool whole = json_put_text(object, "loader", entry_loader_name(list->loader)) &&
		     put_if(object, "loader_reason", list->loader_reason) &&
		     json_put(object, "default", default_to_json(&list->defaults[list->loader]));

	whole = json_put(object, "entries", entries) && whole;
	whole = json_put(object, "remarks", remarks) && whole;
	for (size_t i = 0; whole && i < list->count; i++)
		whole = json_append(entries, entry_to_json(list->entries[i]));
	for (size_t i = 0; whole && i < list->remark_count; i++)
		whole = json_append(remarks, remark_to_json(&list->remarks[i]));
	return whole ? json_object_get(object) : NULL;
}
