/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/root.h"

static const char *pending_file(enum plan_kind kind)
{
	return kind == PLAN_CRASH ? RECORD_CRASH_PENDING : RECORD_PENDING;
}

static const char *new_file(enum plan_kind kind)
{
	return kind == PLAN_CRASH ? RECORD_CRASH_PENDING ".new" : RECORD_PENDING ".new";
}

const char *record_file(enum plan_kind kind)
{
	return kind == PLAN_CRASH ? RECORD_CRASH_FILE : RECORD_FILE;
}

static bool exists(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH | O_NOFOLLOW);

	return fd >= 0;
}

/* On a read-only file system unlink(2) fails for a file that is not there, too. */
static int remove_if_there(const struct root *root, const char *path)
{
	return exists(root, path) ? root_remove(root, path) : 0;
}

enum record_state record_state(const struct root *root)
{
	return record_state_of(PLAN_NORMAL, root);
}

enum record_state record_state_of(enum plan_kind kind, const struct root *root)
{
	cleanup_close int pending = root_open_file(root, pending_file(kind), O_PATH | O_NOFOLLOW);

	if (pending >= 0)
		return RECORD_UNCONFIRMED;
	if (pending != -ENOENT && pending != -ENOTDIR)
		return RECORD_UNREADABLE;
	return exists(root, record_file(kind)) ? RECORD_CONFIRMED : RECORD_NONE;
}

static int write_new(enum plan_kind kind, const struct root *root, struct json_object *record)
{
	cleanup_close int fd = -1;
	FILE *file;
	int r;

	r = root_make_folder(root, RECORD_FOLDER);
	if (r < 0)
		return r;
	fd = root_open_file(root, new_file(kind), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	file = fdopen(fd, "w");
	if (!file)
		return -ENOMEM;
	steal_fd(&fd);
	errno = 0;
	json_print(file, record);
	r = fflush(file) != 0 || ferror(file) ? -(errno ? errno : EIO) : 0;
	return fclose(file) != 0 && r == 0 ? -errno : r;
}

/* Under its own name only once it is complete. */
static int write_pending(enum plan_kind kind, const struct root *root, struct json_object *record)
{
	int r;

	/* Left over: the old record or the one there, nobody knows. Neither may be believed. */
	r = exists(root, pending_file(kind)) ? remove_if_there(root, record_file(kind)) : 0;
	if (r == 0)
		r = write_new(kind, root, record);
	if (r == 0)
		r = root_rename(root, new_file(kind), pending_file(kind));
	if (r < 0)
		root_remove(root, new_file(kind));
	return r;
}

int record_write_failed(struct error *error, int r)
{
	return error_add(error, ERROR_FILE, -r, "write record", RECORD_FILE,
			 "what was loaded is not recorded");
}

static bool suspend(enum plan_kind kind, const struct root *root)
{
	return !exists(root, pending_file(kind)) && exists(root, record_file(kind)) &&
	       root_rename(root, record_file(kind), pending_file(kind)) == 0;
}

int record_begin(struct record_change *change, enum plan_kind kind, const struct root *root,
		 struct json_object *record, struct error *error)
{
	int r = record ? write_pending(kind, root, record) : 0;

	*change = (struct record_change){.kind = kind, .written = record && r == 0};
	if (!change->written)
		change->suspended = suspend(kind, root);
	return r < 0 ? record_write_failed(error, r) : 0;
}

int record_cancel(const struct record_change *change, const struct root *root, struct error *error)
{
	int r = 0;

	if (change->written)
		r = root_remove(root, pending_file(change->kind));
	else if (change->suspended)
		r = root_rename(root, pending_file(change->kind), record_file(change->kind));
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "restore record",
				 pending_file(change->kind),
				 "the record of what is loaded stays unconfirmed");
	return 0;
}

int record_confirm(const struct record_change *change, const struct root *root, struct error *error)
{
	int r;

	if (!change->written)
		return record_remove(change->kind, root, error);
	r = root_rename(root, pending_file(change->kind), record_file(change->kind));
	if (r < 0)
		record_remove(change->kind, root, NULL);
	return r < 0 ? record_write_failed(error, r) : 0;
}

/* The pending one last: until it is gone, the other is not believed. */
int record_remove(enum plan_kind kind, const struct root *root, struct error *error)
{
	int r = remove_if_there(root, record_file(kind));

	if (r == 0)
		r = remove_if_there(root, pending_file(kind));
	if (r == 0)
		r = remove_if_there(root, new_file(kind));
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "remove record", record_file(kind),
				 "it describes a kernel that is no longer loaded");
	return 0;
}
