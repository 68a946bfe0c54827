/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/root.h"
#include "record/compose.h"

#define JSON_DEPTH 8

/* Text that must be there. */
static int take_text(char **to, struct json_object *object, const char *key)
{
	const char *text = json_get_text(object, key);

	if (!text)
		return -EBADMSG;
	*to = strdup(text);
	return *to ? 0 : -ENOMEM;
}

/* The elements of an array that is no longer than it may be; -EBADMSG when it is none. */
static int get_array(struct json_object *object, const char *key, struct json_object **array,
		     size_t *count)
{
	if (!json_object_object_get_ex(object, key, array) ||
	    !json_object_is_type(*array, json_type_array))
		return -EBADMSG;
	*count = json_object_array_length(*array);
	return *count <= RECORD_FILES_MAX ? 0 : -EBADMSG;
}

static bool has_role(struct json_object *object, const char *role)
{
	const char *text = json_get_text(object, "role");

	return text && strcmp(text, role) == 0;
}

static int take_files(struct record *record, struct json_object *object)
{
	struct json_object *array;
	size_t count;
	int r = get_array(object, "files", &array, &count);

	if (r < 0 || count == 0)
		return r < 0 ? r : -EBADMSG;
	record->files = calloc(count, sizeof(*record->files));
	if (!record->files)
		return -ENOMEM;
	while (r == 0 && record->file_count < count) {
		size_t i = record->file_count++;
		struct json_object *element = json_object_array_get_idx(array, i);

		if (!has_role(element, i == 0 ? "kernel" : "initrd"))
			return -EBADMSG;
		r = record_file_read(&record->files[i], element);
	}
	return r;
}

/* Not there when there were none. */
static int take_added_files(struct record *record, struct json_object *object)
{
	struct json_object *array;

	if (!json_object_object_get_ex(object, "added_files", &array))
		return 0;
	return get_array(object, "added_files", &array, &record->added_file_count);
}

/* By "segments" alone; with the other call there are none. */
static int take_segments(struct record *record, struct json_object *object)
{
	struct json_object *array;
	size_t count;
	int r;

	if (!json_object_object_get_ex(object, "segments", &array))
		return 0;
	r = get_array(object, "segments", &array, &count);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct json_object *segment = json_object_array_get_idx(array, i);
		uint64_t start, end;

		if (!json_get_hex(segment, "start", &start) ||
		    !json_get_hex(segment, "end", &end) || end < start ||
		    end - start > UINT64_MAX - record->segments_size)
			return -EBADMSG;
		record->segments_size += end - start;
	}
	return r;
}

static int take_asked_initrds(struct record *record, struct json_object *object)
{
	struct json_object *array;
	size_t count;
	int r = get_array(object, "initrds", &array, &count);

	if (r < 0)
		return r;
	record->asked_initrds = calloc(count ? count : 1, sizeof(*record->asked_initrds));
	if (!record->asked_initrds)
		return -ENOMEM;
	while (record->asked_initrd_count < count) {
		size_t i = record->asked_initrd_count;
		struct json_object *element = json_object_array_get_idx(array, i);

		if (!json_object_is_type(element, json_type_string))
			return -EBADMSG;
		record->asked_initrds[i] = strdup(json_object_get_string(element));
		if (!record->asked_initrds[i])
			return -ENOMEM;
		record->asked_initrd_count++;
	}
	return 0;
}

static bool take_wish(struct record *record, struct json_object *object)
{
	static const enum method_wish wishes[] = {METHOD_ANY, METHOD_SEGMENTS_ONLY,
						  METHOD_FILE_ONLY, METHOD_FILE_THEN_SEGMENTS};
	const char *name = json_get_text(object, "method");

	for (size_t i = 0; name && i < sizeof(wishes) / sizeof(*wishes); i++) {
		if (strcmp(name, method_wish_name(wishes[i])) != 0)
			continue;
		record->asked_method = wishes[i];
		return true;
	}
	return false;
}

/* What only a crash image has. */
static int take_crash_request(struct record *record, struct json_object *request)
{
	uint64_t hotplug;

	if (record->kind != PLAN_CRASH)
		return 0;
	if (!json_get_number(request, "hotplug", &hotplug) || hotplug > UINT8_MAX ||
	    !json_get_boolean(request, "memmap_words", &record->asked_memmap_words) ||
	    !json_get_hex(request, "machine", &record->asked_machine))
		return -EBADMSG;
	record->asked_hotplug = (unsigned int)hotplug;
	return take_text(&record->asked_command_line, request, "command_line");
}

static int take_request(struct record *record, struct json_object *object)
{
	struct json_object *request = NULL;
	int r;

	if (!json_object_object_get_ex(object, "request", &request) ||
	    !json_get_boolean(request, "plain", &record->asked_plain) ||
	    !json_get_boolean(request, "check", &record->asked_check) ||
	    !json_get_hex(request, "mem_min", &record->asked_min) ||
	    !json_get_hex(request, "mem_max", &record->asked_max) || !take_wish(record, request))
		return -EBADMSG;
	r = take_text(&record->asked_kernel, request, "kernel");
	if (r == 0)
		r = take_crash_request(record, request);
	return r < 0 ? r : take_asked_initrds(record, request);
}

static int take_method(struct record *record, struct json_object *object)
{
	const char *name = json_get_text(object, "method");

	if (name && strcmp(name, plan_method_name(PLAN_FILE)) == 0)
		record->method = PLAN_FILE;
	else if (name && strcmp(name, plan_method_name(PLAN_SEGMENTS)) == 0)
		record->method = PLAN_SEGMENTS;
	else
		return -EBADMSG;
	return 0;
}

/* A record of a version that knew no other kind has none. */
static int take_kind(struct record *record, struct json_object *object)
{
	const char *name = json_get_text(object, "kind");

	if (name && strcmp(name, plan_kind_name(PLAN_CRASH)) == 0)
		record->kind = PLAN_CRASH;
	else if (name && strcmp(name, plan_kind_name(PLAN_NORMAL)) != 0)
		return -EBADMSG;
	return 0;
}

static int take_form(struct record *record, struct json_object *object)
{
	const char *name = json_get_text(object, "form");

	if (name && strcmp(name, plan_form_name(PLAN_DIRECT)) == 0)
		record->form = PLAN_DIRECT;
	else if (name && strcmp(name, plan_form_name(PLAN_PLAIN)) == 0)
		record->form = PLAN_PLAIN;
	else
		return -EBADMSG;
	return take_text(&record->form_reason, object, "form_reason");
}

static int take_boot(struct record *record, struct json_object *object)
{
	const char *boot_id = json_get_text(object, "boot_id");

	if (!boot_id || strlen(boot_id) >= sizeof(record->boot_id))
		return -EBADMSG;
	strcpy(record->boot_id, boot_id);
	return take_text(&record->running_version, object, "running_version");
}

static int take_process(struct record *record, struct json_object *object)
{
	record->login_uid_known =
	    json_get_number(object, "loaded_by_login_uid", &record->login_uid);
	if (!json_get_number(object, "loaded_at", &record->loaded_at) ||
	    !json_get_number(object, "loaded_by_uid", &record->uid) ||
	    !json_get_number(object, "loaded_by_pid", &record->pid))
		return -EBADMSG;
	return take_text(&record->program_version, object, "loaded_by_version");
}

static int take_all(struct record *record, struct json_object *object)
{
	const char *schema = json_get_text(object, "schema");
	uint64_t version;
	int r;

	if (!schema || strcmp(schema, "kexec-record") != 0 ||
	    !json_get_number(object, "schema_version", &version) ||
	    version != RECORD_SCHEMA_VERSION)
		return -EBADMSG;
	r = take_kind(record, object);
	if (r == 0)
		r = take_method(record, object);
	if (r == 0)
		r = take_text(&record->kernel_version, object, "kernel_version");
	if (r == 0)
		r = take_text(&record->command_line, object, "command_line");
	if (r == 0)
		r = take_text(&record->protocol, object, "protocol");
	if (r == 0)
		r = take_text(&record->method_reason, object, "method_reason");
	if (r == 0)
		r = take_form(record, object);
	if (r == 0)
		r = take_boot(record, object);
	if (r == 0)
		r = take_process(record, object);
	if (r == 0)
		r = take_request(record, object);
	if (r == 0)
		r = take_added_files(record, object);
	if (r == 0)
		r = take_segments(record, object);
	return r == 0 ? take_files(record, object) : r;
}

int record_read(struct record *record, const struct root *root, const char *path,
		struct error *error)
{
	cleanup_json struct json_object *object = NULL;
	cleanup_free char *text = NULL;
	size_t size;
	int r;

	*record = (struct record){};
	r = root_read(root, path, RECORD_SIZE_MAX, &text, &size);
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "read record", path, "it cannot be read");
	object = json_parse(text, size, JSON_DEPTH);
	r = object ? take_all(record, object) : -errno;
	if (r == -ENOMEM)
		return error_memory(error, "read record");
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "read record", path,
				 "it is no record of this version of kexec");
	return 0;
}

void record_fini(struct record *record)
{
	for (size_t i = 0; i < record->file_count; i++)
		record_file_fini(&record->files[i]);
	for (size_t i = 0; i < record->asked_initrd_count; i++)
		free(record->asked_initrds[i]);
	free(record->files);
	free(record->kernel_version);
	free(record->command_line);
	free(record->protocol);
	free(record->method_reason);
	free(record->form_reason);
	free(record->asked_kernel);
	free(record->asked_initrds);
	free(record->asked_command_line);
	free(record->program_version);
	free(record->running_version);
	*record = (struct record){};
}

bool record_is_of_this_boot(const struct record *record, const struct root *root)
{
	char boot_id[RECORD_BOOT_ID_SIZE];

	return *record->boot_id &&
	       root_read_line(root, RECORD_BOOT_ID, boot_id, sizeof(boot_id)) == FACT_KNOWN &&
	       strcmp(boot_id, record->boot_id) == 0;
}

static bool same_path(const char *recorded, const char *asked)
{
	cleanup_free char *path = record_path(asked);

	return path && strcmp(path, recorded) == 0;
}

bool record_is_of_request(const struct record *record, const struct record_request *request)
{
	if (record->asked_method != request->method || record->asked_plain != request->plain ||
	    record->asked_check != request->check || record->asked_min != request->load_min ||
	    record->asked_max != request->load_max ||
	    record->asked_initrd_count != request->initrd_count || record->added_file_count ||
	    !same_path(record->asked_kernel, request->kernel))
		return false;
	if (request->command_line &&
	    (!record->asked_command_line ||
	     strcmp(record->asked_command_line, request->command_line) != 0 ||
	     record->asked_hotplug != request->hotplug ||
	     record->asked_memmap_words != request->memmap_words ||
	     record->asked_machine != request->machine))
		return false;
	for (size_t i = 0; i < request->initrd_count; i++)
		if (!same_path(record->asked_initrds[i], request->initrds[i]))
			return false;
	return true;
}
