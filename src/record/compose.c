/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/compose.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/root.h"
#include "plan/digest.h"
#include "plan/plan.h"
#include "plan/show.h"
#include "record/file.h"
#include "record/record.h"

/* Of a process that nobody logged in for (Documentation/ABI/stable/procfs-audit_loginuid). */
#define NO_LOGIN_UID UINT64_C(0xffffffff)

/* Whether sealing has read the whole file already. */
static bool digest_is_known(const struct plan *plan, const struct blob *blob, uint64_t *digest)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];

		if (segment->content != blob || !segment->whole_digested)
			continue;
		*digest = segment->whole_digest;
		return true;
	}
	return false;
}

static int append_files(struct json_object *array, const char *role, const struct plan *plan,
			const struct blob *blob)
{
	for (size_t i = 0; blob && i < blob->file_count; i++) {
		const struct blob_file *file = &blob->files[i];
		struct json_object *object;
		uint64_t digest;

		if (!digest_is_known(plan, blob, &digest)) {
			int r = digest_file(file, &digest, NULL);

			if (r < 0)
				return r;
		}
		object = record_file_to_json(file, digest);
		if (!json_append(array, object) || !json_put_text(object, "role", role))
			return -ENOMEM;
	}
	return 0;
}

/* The kernel as it is on disk, then the initrds in the order in which they are joined. */
static int put_files(struct json_object *record, const struct plan *plan)
{
	cleanup_json struct json_object *array = json_object_new_array();
	int r;

	r = append_files(array, "kernel", plan, plan->wrapped ? plan->wrapped : plan->kernel);
	if (r == 0)
		r = append_files(array, "initrd", plan, plan->initrds);
	if (r == 0 && !json_put(record, "files", steal_pointer(array)))
		r = -ENOMEM;
	return r;
}

static bool put_path(struct json_object *object, const char *key, const char *path)
{
	cleanup_free char *whole = record_path(path);

	return whole && json_put_text(object, key, whole);
}

static struct json_object *initrds_to_json(const struct record_request *request)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < request->initrd_count; i++) {
		cleanup_free char *path = record_path(request->initrds[i]);

		if (!path || !json_append_text(array, path))
			return NULL;
	}
	return steal_pointer(array);
}

static bool put_crash_request(struct json_object *object, const struct record_request *request)
{
	return json_put_text(object, "command_line", request->command_line) &&
	       json_put_number(object, "hotplug", request->hotplug) &&
	       json_put(object, "memmap_words", json_object_new_boolean(request->memmap_words)) &&
	       json_put_hex(object, "machine", request->machine);
}

static struct json_object *request_to_json(const struct record_request *request)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!put_path(object, "kernel", request->kernel) ||
	    !json_put(object, "initrds", initrds_to_json(request)) ||
	    !json_put_text(object, "method", method_wish_name(request->method)) ||
	    !json_put(object, "plain", json_object_new_boolean(request->plain)) ||
	    !json_put(object, "check", json_object_new_boolean(request->check)) ||
	    !json_put_hex(object, "mem_min", request->load_min) ||
	    !json_put_hex(object, "mem_max", request->load_max) ||
	    (request->command_line && !put_crash_request(object, request)))
		return NULL;
	return steal_pointer(object);
}

static bool put_time(struct json_object *record)
{
	time_t now = time(NULL);
	struct tm parts;
	char text[32] = "";

	if (gmtime_r(&now, &parts))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return json_put_number(record, "loaded_at", (uint64_t)now) &&
	       json_put_text(record, "loaded_at_utc", text);
}

static bool put_process(struct json_object *record, const struct record_request *request,
			const struct root *root)
{
	const char *version = request->program_version;
	uint64_t login_uid;

	if (root_read_number(root, "/proc/self/loginuid", 10, &login_uid) == FACT_KNOWN &&
	    login_uid < NO_LOGIN_UID && !json_put_number(record, "loaded_by_login_uid", login_uid))
		return false;
	return json_put_number(record, "loaded_by_uid", getuid()) &&
	       json_put_number(record, "loaded_by_pid", (uint64_t)getpid()) &&
	       json_put_text(record, "loaded_by_version", version ? version : "");
}

/* What cannot be read is empty: then the record is not known to be of this boot. */
static bool put_boot(struct json_object *record, const struct root *root)
{
	char boot_id[RECORD_BOOT_ID_SIZE] = "", release[80] = "";

	if (root_read_line(root, RECORD_BOOT_ID, boot_id, sizeof(boot_id)) != FACT_KNOWN)
		*boot_id = '\0';
	if (root_read_line(root, "/proc/sys/kernel/osrelease", release, sizeof(release)) !=
	    FACT_KNOWN)
		*release = '\0';
	return json_put_text(record, "boot_id", boot_id) &&
	       json_put_text(record, "running_version", release);
}

static int compose(struct json_object *record, const struct plan *plan,
		   const struct record_request *request, const struct root *root)
{
	if (!json_put_text(record, "schema", "kexec-record") ||
	    !json_put_number(record, "schema_version", RECORD_SCHEMA_VERSION) ||
	    !put_time(record) || !put_process(record, request, root) || !put_boot(record, root) ||
	    !json_put(record, "request", request_to_json(request)))
		return -ENOMEM;
	return put_files(record, plan);
}

struct json_object *record_compose(const struct plan *plan, const struct record_request *request,
				   const struct root *root, struct error *error)
{
	cleanup_json struct json_object *record = plan_to_json(plan);
	int r = compose(record, plan, request, root);

	if (r == 0)
		return steal_pointer(record);
	record_write_failed(error, r);
	return NULL;
}
