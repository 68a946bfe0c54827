/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/record.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/root.h"
#include "plan/plan.h"
#include "plan/show.h"

#define RECORD_FILE_NEW RECORD_FOLDER "/loaded.json.new"

static void put_json(struct json_object **object)
{
	json_object_put(*object);
}

/* The plan as it would be shown, and when and by whom it was carried out. */
static struct json_object *record_of(const struct plan *plan)
{
	struct json_object *record = plan_to_json(plan);

	json_object_object_add(record, "schema", json_object_new_string("kexec-record"));
	json_object_object_add(record, "loaded_at", json_object_new_int64(time(NULL)));
	json_object_object_add(record, "loaded_by_uid", json_object_new_int64(getuid()));
	json_object_object_add(record, "loaded_by_pid", json_object_new_int64(getpid()));
	return record;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

static int failed(struct error *error, int r)
{
	return error_add(error, ERROR_FILE, -r, "write record", RECORD_FILE,
			 "what was loaded is not recorded");
}

int record_write(const struct root *root, const struct plan *plan, struct error *error)
{
	cleanup_with(put_json) struct json_object *record = record_of(plan);
	cleanup_close int fd = -1;
	const char *text;
	int r;

	r = root_make_folder(root, RECORD_FOLDER);
	if (r < 0)
		return failed(error, r);
	fd = root_open_file(root, RECORD_FILE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
	if (fd < 0)
		return failed(error, fd);
	text = json_object_to_json_string_ext(record, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_NOSLASHESCAPE);
	r = text ? write_all(fd, text) : -ENOMEM;
	if (r == 0)
		r = write_all(fd, "\n");
	if (r == 0)
		r = root_rename(root, RECORD_FILE_NEW, RECORD_FILE);
	if (r < 0) {
		root_remove(root, RECORD_FILE_NEW);
		return failed(error, r);
	}
	return 0;
}

int record_remove(const struct root *root, struct error *error)
{
	int r = root_remove(root, RECORD_FILE);

	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "remove record", RECORD_FILE,
				 "it describes a kernel that is no longer loaded");
	return 0;
}
