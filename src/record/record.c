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

#define RECORD_FILE_NEW RECORD_PENDING ".new"

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
	cleanup_close int pending = root_open_file(root, RECORD_PENDING, O_PATH | O_NOFOLLOW);

	if (pending >= 0)
		return RECORD_UNCONFIRMED;
	if (pending != -ENOENT && pending != -ENOTDIR)
		return RECORD_UNREADABLE;
	return exists(root, RECORD_FILE) ? RECORD_CONFIRMED : RECORD_NONE;
}

static int write_new(const struct root *root, struct json_object *record)
{
	cleanup_close int fd = -1;
	FILE *file;
	int r;

	r = root_make_folder(root, RECORD_FOLDER);
	if (r < 0)
		return r;
	fd = root_open_file(root, RECORD_FILE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
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
static int write_pending(const struct root *root, struct json_object *record)
{
	int r;

	/* Left over: the old record or the one there, nobody knows. Neither may be believed. */
	r = exists(root, RECORD_PENDING) ? remove_if_there(root, RECORD_FILE) : 0;
	if (r == 0)
		r = write_new(root, record);
	if (r == 0)
		r = root_rename(root, RECORD_FILE_NEW, RECORD_PENDING);
	if (r < 0)
		root_remove(root, RECORD_FILE_NEW);
	return r;
}

int record_write_failed(struct error *error, int r)
{
	return error_add(error, ERROR_FILE, -r, "write record", RECORD_FILE,
			 "what was loaded is not recorded");
}

static bool suspend(const struct root *root)
{
	return !exists(root, RECORD_PENDING) && exists(root, RECORD_FILE) &&
	       root_rename(root, RECORD_FILE, RECORD_PENDING) == 0;
}

int record_begin(struct record_change *change, const struct root *root, struct json_object *record,
		 struct error *error)
{
	int r = record ? write_pending(root, record) : 0;

	*change = (struct record_change){.written = record && r == 0};
	if (!change->written)
		change->suspended = suspend(root);
	return r < 0 ? record_write_failed(error, r) : 0;
}

int record_cancel(const struct record_change *change, const struct root *root, struct error *error)
{
	int r = 0;

	if (change->written)
		r = root_remove(root, RECORD_PENDING);
	else if (change->suspended)
		r = root_rename(root, RECORD_PENDING, RECORD_FILE);
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "restore record", RECORD_PENDING,
				 "the record of what is loaded stays unconfirmed");
	return 0;
}

int record_confirm(const struct record_change *change, const struct root *root, struct error *error)
{
	int r;

	if (!change->written)
		return record_remove(root, error);
	r = root_rename(root, RECORD_PENDING, RECORD_FILE);
	if (r < 0)
		record_remove(root, NULL);
	return r < 0 ? record_write_failed(error, r) : 0;
}

/* The pending one last: until it is gone, the other is not believed. */
int record_remove(const struct root *root, struct error *error)
{
	int r = remove_if_there(root, RECORD_FILE);

	if (r == 0)
		r = remove_if_there(root, RECORD_PENDING);
	if (r == 0)
		r = remove_if_there(root, RECORD_FILE_NEW);
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "remove record", RECORD_FILE,
				 "it describes a kernel that is no longer loaded");
	return 0;
}
