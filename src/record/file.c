/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "plan/digest.h"

char *record_path(const char *path)
{
	cleanup_free char *folder = *path == '/' ? NULL : getcwd(NULL, 0);
	char *whole;

	/* A folder out of reach has a name that does not start with a slash. */
	if (!folder || *folder != '/')
		return strdup(path);
	return asprintf(&whole, "%s/%s", strcmp(folder, "/") ? folder : "", path) < 0 ? NULL
										      : whole;
}

static void time_text(char *text, struct timespec time)
{
	snprintf(text, RECORD_TIME_SIZE, "%lld.%09ld", (long long)time.tv_sec, time.tv_nsec);
}

/* What tells a file from another one, but for its path and digest. */
static void take_status(struct record_file *file, const struct stat *status)
{
	file->size = (uint64_t)status->st_size;
	file->inode = status->st_ino;
	time_text(file->mtime, status->st_mtim);
	time_text(file->ctime, status->st_ctim);
	snprintf(file->device, sizeof(file->device), "%u:%u", major(status->st_dev),
		 minor(status->st_dev));
}

struct json_object *record_file_to_json(const struct blob_file *file, uint64_t digest)
{
	cleanup_json struct json_object *object = json_object_new_object();
	cleanup_free char *path = record_path(file->path);
	struct record_file taken = {};

	take_status(&taken, &file->status);
	if (!path || !json_put_text(object, "path", path) ||
	    !json_put_number(object, "size", taken.size) ||
	    !json_put_text(object, "mtime", taken.mtime) ||
	    !json_put_text(object, "ctime", taken.ctime) ||
	    !json_put_text(object, "device", taken.device) ||
	    !json_put_hex(object, "inode", taken.inode) || !json_put_hex(object, "xxh3", digest))
		return NULL;
	return steal_pointer(object);
}

static bool copy_text(char *to, size_t capacity, struct json_object *object, const char *key)
{
	const char *text = json_get_text(object, key);

	if (!text || strlen(text) >= capacity)
		return false;
	strcpy(to, text);
	return true;
}

int record_file_read(struct record_file *file, struct json_object *object)
{
	const char *path = json_get_text(object, "path");

	*file = (struct record_file){};
	if (!path || !*path || !json_get_number(object, "size", &file->size) ||
	    !copy_text(file->mtime, sizeof(file->mtime), object, "mtime") ||
	    !copy_text(file->ctime, sizeof(file->ctime), object, "ctime") ||
	    !copy_text(file->device, sizeof(file->device), object, "device") ||
	    !json_get_hex(object, "inode", &file->inode) ||
	    !json_get_hex(object, "xxh3", &file->digest))
		return -EBADMSG;
	file->path = strdup(path);
	return file->path ? 0 : -ENOMEM;
}

void record_file_fini(struct record_file *file)
{
	free(file->path);
	*file = (struct record_file){};
}

static bool same_status(const struct record_file *a, const struct record_file *b)
{
	return a->size == b->size && a->inode == b->inode && strcmp(a->mtime, b->mtime) == 0 &&
	       strcmp(a->ctime, b->ctime) == 0 && strcmp(a->device, b->device) == 0;
}

static enum file_state compare_digest(const struct record_file *file)
{
	cleanup_blob struct blob *now = NULL;
	uint64_t digest;

	if (blob_open(&now, file->path, NULL) < 0 || digest_file(&now->files[0], &digest, NULL) < 0)
		return FILE_UNKNOWN;
	return now->files[0].size == file->size && digest == file->digest ? FILE_UNCHANGED
									  : FILE_CHANGED;
}

/* A byte that is not UTF-8 stands in JSON as '?': then the file may have another name. */
static enum file_state missing_state(const struct record_file *file, int code)
{
	bool gone = code == ENOENT || code == ENOTDIR;

	return gone && !strchr(file->path, '?') ? FILE_GONE : FILE_UNKNOWN;
}

enum file_state record_file_state(const struct record_file *file)
{
	struct record_file now = {};
	struct stat status;

	if (stat(file->path, &status) < 0)
		return missing_state(file, errno);
	take_status(&now, &status);
	if (same_status(file, &now))
		return FILE_UNCHANGED;
	if (!S_ISREG(status.st_mode) || now.size != file->size)
		return FILE_CHANGED;
	return compare_digest(file);
}

const char *file_state_name(enum file_state state)
{
	switch (state) {
	case FILE_UNCHANGED:
		return "unchanged";
	case FILE_CHANGED:
		return "changed";
	case FILE_GONE:
		return "gone";
	case FILE_UNKNOWN:
		break;
	}
	return "unknown";
}
