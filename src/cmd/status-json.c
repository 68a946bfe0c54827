/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/status-json.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "handover/status.h"
#include "plan/plan.h"

/* A key whose value may be unknown. */
static bool put_fact(struct json_object *object, const char *key, enum fact fact, bool value)
{
	return fact == FACT_KNOWN ? json_put(object, key, json_object_new_boolean(value))
				  : json_put_null(object, key);
}

static bool put_name(struct json_object *object, const char *key, const char *name)
{
	return name ? json_put_text(object, key, name) : json_put_null(object, key);
}

static bool put_count(struct json_object *object, const char *key, bool known, uint64_t number)
{
	return known ? json_put_number(object, key, number) : json_put_null(object, key);
}

/* `states` is NULL for files of which that is not asked. */
static struct json_object *files_to_json(const struct record *record, const enum file_state *states)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < record->file_count; i++) {
		const struct record_file *file = &record->files[i];
		struct json_object *object = json_object_new_object();

		if (!json_append(array, object) ||
		    !json_put_text(object, "role", i == 0 ? "kernel" : "initrd") ||
		    !json_put_text(object, "path", file->path) ||
		    !json_put_number(object, "size", file->size) ||
		    !json_put_hex(object, "xxh3", file->digest) ||
		    (states && !json_put_text(object, "state", file_state_name(states[i]))))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *record_to_json(const struct record *record,
					  const enum file_state *states)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put(object, "files", files_to_json(record, states)) ||
	    !json_put_text(object, "kernel_version", record->kernel_version) ||
	    !json_put_text(object, "command_line", record->command_line) ||
	    !json_put_text(object, "method", plan_method_name(record->method)) ||
	    !json_put_text(object, "method_reason", record->method_reason) ||
	    !json_put_text(object, "form", plan_form_name(record->form)) ||
	    !json_put_text(object, "form_reason", record->form_reason) ||
	    !json_put_text(object, "protocol", record->protocol) ||
	    !json_put_number(object, "loaded_at", record->loaded_at) ||
	    !json_put_number(object, "loaded_by_uid", record->uid) ||
	    !json_put_number(object, "loaded_by_pid", record->pid) ||
	    !put_count(object, "loaded_by_login_uid", record->login_uid_known, record->login_uid) ||
	    !json_put_text(object, "loaded_by_version", record->program_version) ||
	    !json_put_text(object, "boot_id", record->boot_id) ||
	    !json_put_text(object, "running_version", record->running_version))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *normal_to_json(const struct status *status)
{
	cleanup_json struct json_object *object = json_object_new_object();
	bool confirmed = status->record_state == STATUS_RECORD_CONFIRMED;

	if (!put_fact(object, "loaded", status->loaded_fact, status->loaded) ||
	    !json_put_text(object, "record", status_record_name(status->record_state)) ||
	    !(confirmed
		  ? json_put(object, "image", record_to_json(&status->record, status->file_states))
		  : json_put_null(object, "image")))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *crash_to_json(const struct status *status)
{
	cleanup_json struct json_object *object = json_object_new_object();
	const struct status_crash *crash = &status->crash;
	bool confirmed = crash->record_state == STATUS_RECORD_CONFIRMED;
	bool reserved = crash->reserved_fact != FACT_UNREADABLE;
	uint64_t used = status_crash_used(status);
	bool used_known =
	    reserved && (used || (status->crash_fact == FACT_KNOWN && !status->crash_loaded));

	if (!put_fact(object, "loaded", status->crash_fact, status->crash_loaded) ||
	    !json_put_text(object, "record", status_record_name(crash->record_state)) ||
	    !(confirmed
		  ? json_put(object, "image", record_to_json(&crash->record, crash->file_states))
		  : json_put_null(object, "image")) ||
	    !put_count(object, "reserved", reserved, crash->reserved) ||
	    !put_count(object, "reserved_low", crash->low_fact == FACT_KNOWN,
		       crash->reserved_low) ||
	    !put_count(object, "used", used_known, used) ||
	    !put_count(object, "free", used_known, crash->reserved - used))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *stamp_to_json(const struct purgatory_stamp *stamp)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_hex(object, "entered_tsc", stamp->entered) ||
	    !json_put_hex(object, "left_tsc", stamp->left) ||
	    !json_put_number(object, "checked_segments", stamp->checked) ||
	    !json_put_number(object, "register_bits", stamp->width))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *start_to_json(const struct status *status)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!put_name(object, "by", status_start_name(status->start)) ||
	    !put_count(object, "bootloader_type", status->loader_fact == FACT_KNOWN,
		       status->loader_type) ||
	    !(status->stamp_fact == FACT_KNOWN
		  ? json_put(object, "stamp", stamp_to_json(&status->stamp))
		  : json_put_null(object, "stamp")) ||
	    !(status->previous_known
		  ? json_put(object, "image", record_to_json(&status->previous, NULL))
		  : json_put_null(object, "image")))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *reboot_to_json(const struct status *status)
{
	cleanup_json struct json_object *object = json_object_new_object();
	const struct init_system *init = &status->init;

	if (!put_name(object, "effect", status_reboot_name(status->reboot)) ||
	    !put_fact(object, "systemd", init->systemd_fact, init->systemd) ||
	    !put_count(object, "systemd_version", init->version_fact == FACT_KNOWN, init->version))
		return NULL;
	return steal_pointer(object);
}

struct json_object *status_to_json(const struct status *status)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put(object, "normal", normal_to_json(status)) ||
	    !json_put(object, "crash", crash_to_json(status)) ||
	    !json_put(object, "start", start_to_json(status)) ||
	    !json_put(object, "reboot", reboot_to_json(status)))
		return NULL;
	return steal_pointer(object);
}
