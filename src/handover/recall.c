/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/recall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/root.h"
#include "record/record.h"

enum { RECORD_SIZE_MAX = 1 << 20 };

static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static void check_file(struct recall *recall, const char *path, int64_t size)
{
	struct stat status;
	bool missing = stat(path, &status) < 0;

	if (!missing && (size < 0 || status.st_size == size))
		return;
	if (recall->differing++ > 0)
		return;
	snprintf(recall->first, sizeof(recall->first), "%s", path);
	recall->first_missing = missing;
}

static void check_initrds(struct recall *recall, struct json_object *record)
{
	struct json_object *initrds, *size;

	if (!json_object_object_get_ex(record, "initrds", &initrds) ||
	    !json_object_is_type(initrds, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(initrds); i++) {
		struct json_object *file = json_object_array_get_idx(initrds, i);
		const char *path = text_of(file, "path");

		if (path && json_object_object_get_ex(file, "size", &size))
			check_file(recall, path, json_object_get_int64(size));
	}
}

int recall_loaded(struct recall *recall, const struct root *root)
{
	cleanup_json struct json_object *record = NULL;
	cleanup_free char *content = NULL;
	const char *kernel, *version;
	size_t size;
	int r;

	*recall = (struct recall){};
	if (record_state(root) != RECORD_CONFIRMED)
		return 0;
	r = root_read(root, RECORD_FILE, RECORD_SIZE_MAX, &content, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	record = json_tokener_parse(content);
	kernel = text_of(record, "kernel");
	version = text_of(record, "kernel_version");
	if (!kernel)
		return 0;
	recall->known = true;
	if (version)
		snprintf(recall->release, sizeof(recall->release), "%.*s",
			 (int)strcspn(version, " "), version);
	check_file(recall, kernel, -1);
	check_initrds(recall, record);
	return 0;
}
