/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/added-files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "image/newc.h"

#define FOLDER_MODE 0755

/* Folders with another mode than that, and those that may be symbolic links, without a slash. */
static const struct {
	const char *path;
	uint32_t mode;
} odd_folders[] = {
    {"root", 0700},
    {"tmp", 01777},
    {"var/tmp", 01777}, /* systemd-stub's: */
    {".extra", 0555},
    {".extra/credentials", 0500},
    {".extra/global_credentials", 0500},
};

static const char *const often_links[] = {
    "bin",    "sbin",     "lib",       "lib32",   "lib64",
    "libx32", "usr/sbin", "usr/lib64", "var/run", "var/lock",
};

static const char *const mounted_over[] = {"dev", "proc", "run", "sys"};

/* The end marker of an archive. */
#define TRAILER "TRAILER!!!"

const char *added_path_problem(const char *path)
{
	if (*path != '/')
		return "it is not absolute";
	if (strlen(path + 1) > NEWC_PATH_MAX - 1)
		return "it is too long";
	if (strcmp(path + 1, TRAILER) == 0)
		return "an archive ends with this name";
	for (const char *name = path; name; name = strchr(name, '/')) {
		size_t length = strcspn(++name, "/");

		if (length == 0)
			return "a part of it is empty";
		if (length > NAME_MAX)
			return "a part of it is too long";
		if (strncmp(name, "..", length) == 0)
			return "it has a part \".\" or \"..\"";
	}
	return NULL;
}

bool added_paths_collide(const char *path, const char *other)
{
	size_t length = strlen(path);

	return strncmp(path, other, length) == 0 && (other[length] == '\0' || other[length] == '/');
}

static bool is_text(const char *text, size_t length, const char *other)
{
	return strncmp(text, other, length) == 0 && other[length] == '\0';
}

const char *added_path_hidden_below(const char *path)
{
	for (size_t i = 0; i < sizeof(mounted_over) / sizeof(*mounted_over); i++)
		if (is_text(path + 1, strcspn(path + 1, "/"), mounted_over[i]))
			return mounted_over[i];
	return NULL;
}

static uint32_t folder_mode(const char *path)
{
	for (size_t i = 0; i < sizeof(odd_folders) / sizeof(*odd_folders); i++)
		if (strcmp(path, odd_folders[i].path) == 0)
			return odd_folders[i].mode;
	return FOLDER_MODE;
}

static bool is_often_a_link(const char *path)
{
	for (size_t i = 0; i < sizeof(often_links) / sizeof(*often_links); i++)
		if (strcmp(path, often_links[i]) == 0)
			return true;
	return false;
}

/* The members of an archive in the making. */
struct members {
	struct newc_member *list;
	size_t count;
	char **folders; /* owned: the paths of those that are folders */
	size_t folder_count;
};

static void members_fini(struct members *members)
{
	for (size_t i = 0; i < members->folder_count; i++)
		free(members->folders[i]);
	free(members->folders);
	free(members->list);
}

static size_t count_slashes(const char *path)
{
	size_t count = 0;

	while ((path = strchr(path, '/'))) {
		path++;
		count++;
	}
	return count;
}

static bool has_folder(const struct members *members, const char *path, size_t length)
{
	for (size_t i = 0; i < members->folder_count; i++)
		if (is_text(path, length, members->folders[i]))
			return true;
	return false;
}

static int add_folder(struct members *members, const char *path, size_t length, bool alone)
{
	char *folder;

	if (has_folder(members, path, length))
		return 0;
	folder = strndup(path, length);
	if (!folder)
		return -ENOMEM;
	members->folders[members->folder_count++] = folder;
	if (alone || !is_often_a_link(folder))
		members->list[members->count++] =
		    (struct newc_member){.path = folder, .mode = S_IFDIR | folder_mode(folder)};
	return 0;
}

/* A file behind the folders that lead to it. */
static int add_file(struct members *members, const struct added_file *file, bool alone)
{
	const char *path = file->path + 1;

	for (const char *end = strchr(path, '/'); end; end = strchr(end + 1, '/'))
		if (add_folder(members, path, (size_t)(end - path), alone) < 0)
			return -ENOMEM;
	members->list[members->count++] = (struct newc_member){
	    .path = path,
	    .mode = S_IFREG | file->mode,
	    .content = file->content,
	    .size = (uint32_t)file->size,
	};
	return 0;
}

static int add_files(struct members *members, const struct added_file *files, size_t count,
		     bool alone)
{
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		most += count_slashes(files[i].path); /* of folders, and the file itself */
	members->list = calloc(most, sizeof(*members->list));
	members->folders = calloc(most, sizeof(*members->folders));
	if (!members->list || !members->folders)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (add_file(members, &files[i], alone) < 0)
			return -ENOMEM;
	return 0;
}

int added_files_pack(struct blob **archive, const struct added_file *files, size_t count,
		     bool alone, struct error *error)
{
	cleanup_with(members_fini) struct members members = {};
	size_t size;

	for (size_t i = 0; i < count; i++)
		if (files[i].size > UINT32_MAX)
			return error_add(error, ERROR_TOO_LONG, 0, "pack files", files[i].path,
					 "it is too large for an archive");
	if (add_files(&members, files, count, alone) < 0)
		return error_memory(error, "pack files");
	size = newc_size(members.list, members.count);
	if (size == 0)
		return error_add(error, ERROR_TOO_LONG, 0, "pack files", NULL,
				 "all files together are too large for an archive");
	*archive = blob_new_secret(size);
	if (!*archive)
		return secret_failed(error, errno, "pack files", NULL);
	newc_write((*archive)->memory, members.list, members.count);
	return 0;
}
