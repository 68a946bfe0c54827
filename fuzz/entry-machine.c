/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry-machine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/root.h"
#include "entry/choose.h"
#include "entry/entry-json.h"
#include "target.h"

static const char PART_END[4] = "\xff\xfe\xff\n";

enum { FILES_MAX = 24 };

struct file {
	const char *path;
	const uint8_t *data; /* NULL: it is absent */
	size_t size;
};

struct files {
	struct file files[FILES_MAX];
	size_t count;
};

/* Folders, with names in them that lead to nothing. */
static char folders[64];

static void remove_folders(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folders);
	if (system(command) != 0)
		fprintf(stderr, "%s is left behind\n", folders);
}

static void make_name(const char *path)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", folders, path);
	for (char *slash = strchr(whole + strlen(folders) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0700);
		*slash = '/';
	}
	close(open(whole, O_WRONLY | O_CREAT, 0600));
}

static void make_folders(const struct entry_part *parts, size_t count)
{
	if (*folders)
		return;
	snprintf(folders, sizeof(folders), "/tmp/fuzz-entries-XXXXXX");
	require(mkdtemp(folders));
	atexit(remove_folders);
	for (size_t i = 0; i < count; i++)
		make_name(parts[i].path);
}

static const struct file *find(const struct files *files, const char *path)
{
	while (path[0] == '/' && path[1] == '/')
		path++;
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->files[i].path, path) == 0)
			return files->files[i].data ? &files->files[i] : NULL;
	return NULL;
}

static int read_file(void *context, const char *path, size_t limit, char **content, size_t *size)
{
	const struct file *file = find(context, path);

	if (!file)
		return -ENOENT;
	if (file->size > limit)
		return -EFBIG;
	*content = malloc(file->size + 1);
	require(*content);
	memcpy(*content, file->data, file->size);
	(*content)[file->size] = '\0';
	*size = file->size;
	return 0;
}

static int open_file(void *context, const char *path, int flags)
{
	const struct file *file = find(context, path);
	char whole[5000];
	struct stat status;
	int fd;

	if (file) {
		if (flags & O_DIRECTORY)
			return -ENOTDIR;
		fd = memfd_create("file", MFD_CLOEXEC);
		require(fd >= 0);
		require(write(fd, file->data, file->size) == (ssize_t)file->size);
		return fd;
	}
	snprintf(whole, sizeof(whole), "%s%s", folders, path);
	fd = open(whole, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	require(fstat(fd, &status) == 0);
	if (S_ISDIR(status.st_mode))
		return fd;
	close(fd); /* a name alone: it is absent */
	return -ENOENT;
}

static const struct root_reader reader = {.read = read_file, .open_file = open_file};

static void set_files(struct files *files, const struct entry_part *parts, size_t count,
		      const uint8_t *data, size_t size)
{
	require(count <= FILES_MAX);
	files->count = count;
	for (size_t i = 0; i < count; i++) {
		struct file *file = &files->files[i];
		const uint8_t *end;

		*file = (struct file){.path = parts[i].path};
		if (parts[i].fixed) {
			file->data = (const uint8_t *)parts[i].fixed;
			file->size = strlen(parts[i].fixed);
			continue;
		}
		end = size ? memmem(data, size, PART_END, sizeof(PART_END)) : NULL;
		file->size = end ? (size_t)(end - data) : size;
		file->data = file->size ? data : NULL;
		data += file->size;
		size -= file->size;
		if (end) {
			data += sizeof(PART_END);
			size -= sizeof(PART_END);
		}
	}
}

/* A path leads nowhere but down. */
static void check_path(const char *path)
{
	size_t length = strlen(path);

	require(*path == '/' && length < 4096);
	require(!strstr(path, "/../") && !strstr(path, "//") && path[length - 1] != '/');
	require(length < 3 || strcmp(path + length - 3, "/..") != 0);
}

/* What is a part of a file lies in it. */
static void check_file(const struct entry_file *file, const struct files *files)
{
	const struct file *found;

	check_path(file->path);
	if (file->size == 0)
		return;
	found = find(files, file->path);
	require(found && file->offset <= found->size && file->size <= found->size - file->offset);
}

static void check_entry(const struct entry *entry, const struct files *files)
{
	require(entry->id && entry->title && entry->source && entry->options);
	require(strlen(entry->options) <= ENTRY_TEXT_MAX);
	require(entry->initrds.count <= ENTRY_FILES_MAX);
	require(!entry->hidden || entry->problem != ENTRY_USABLE);
	require((entry->problem == ENTRY_USABLE) == !entry->problem_subject);
	require((entry->problem == ENTRY_USABLE) == !entry->problem_detail);
	require(entry->problem != ENTRY_USABLE || entry->kernel.path);
	if (entry->kernel.path)
		check_file(&entry->kernel, files);
	for (size_t i = 0; i < entry->initrds.count; i++)
		check_file(&entry->initrds.files[i], files);
	if (entry->devicetree)
		check_path(entry->devicetree);
}

static void check_choice(const struct entry_list *list, enum entry_wish wish, const char *id)
{
	struct entry_choice choice;
	struct error error = {};
	int r = entry_choose(&choice, list, wish, id, &error);

	require((r == 0) == (error.count == 0));
	if (r == 0) {
		require(choice.entry && choice.entry->problem == ENTRY_USABLE);
		require(*choice.reason && strlen(choice.reason) < CHOICE_REASON_SIZE);
	}
}

static void check_list(const struct entry_list *list, const struct files *files)
{
	struct json_object *json = entry_list_to_json(list);
	const struct entry *chosen = list->defaults[list->loader].entry;
	size_t defaults = 0, newest = 0, running = 0;

	require(json && list->loader_reason && list->count <= ENTRY_LIST_MAX);
	json_object_put(json);
	require(!chosen || !chosen->hidden);
	for (size_t i = 0; i < list->count; i++) {
		check_entry(list->entries[i], files);
		defaults += list->entries[i]->is_default;
		newest += list->entries[i]->is_newest;
		running += list->entries[i]->is_running;
		check_choice(list, WISH_ID, list->entries[i]->id);
	}
	require(defaults == (chosen ? 1 : 0) && newest <= 1 && running <= 1);
	check_choice(list, WISH_DEFAULT, NULL);
	check_choice(list, WISH_NEWEST, NULL);
	check_choice(list, WISH_RUNNING, NULL);
}

void check_boot_entries(const struct entry_part *parts, size_t count, const uint8_t *data,
			size_t size)
{
	struct files files;
	struct root root = {.fd = -1, .reader = &reader, .context = &files};
	struct entry_list list;
	struct error error = {};

	make_folders(parts, count);
	set_files(&files, parts, count, data, size);
	require(entry_list_read(&list, &root, &error) == 0);
	check_list(&list, &files);
	entry_list_fini(&list);
}
