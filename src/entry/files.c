/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "image/bzimage.h"
#include "image/pe.h"

enum { RELEASE_MAX = 256 };

/* Without opening it: to open a device or a pipe can block, or do more than that. */
static int check_regular(const struct root *root, const char *path, uint64_t *size)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);
	struct stat status;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return -errno;
	*size = (uint64_t)status.st_size;
	return S_ISREG(status.st_mode) ? 0 : -ENXIO;
}

int entry_open_file(const struct root *root, const char *path, uint64_t *size)
{
	int r = check_regular(root, path, size);

	return r < 0 ? r : root_open_file(root, path, O_RDONLY);
}

const char *entry_error_text(int code)
{
	return code == -ENXIO ? "it is no regular file" : strerror(-code);
}

/* As much of it as there is. */
static ssize_t read_at(int fd, uint64_t offset, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (char *)to + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int entry_read_part(char **text, int fd, uint64_t offset, uint64_t size, uint64_t limit)
{
	cleanup_free char *content = NULL;
	ssize_t n;

	if (size > limit)
		return -E2BIG;
	content = calloc(1, size + 1);
	if (!content)
		return -ENOMEM;
	n = read_at(fd, offset, content, size);
	if (n < 0)
		return (int)n;
	*text = steal_pointer(content);
	return 0;
}

int entry_read_config(const struct root *root, const char *path, char **text, size_t *size)
{
	uint64_t file_size;
	int r = check_regular(root, path, &file_size);

	return r < 0 ? r : root_read(root, path, ENTRY_CONFIG_MAX, text, size);
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), end_length = strlen(end);

	return length >= end_length && strcasecmp(name + length - end_length, end) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void entry_free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int add_name(char ***names, size_t *count, const char *name)
{
	char **larger = reallocarray(*names, *count + 1, sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	*names = larger;
	larger[*count] = strdup(name);
	if (!larger[*count])
		return -ENOMEM;
	(*count)++;
	return 0;
}

int entry_list_names(char ***names, size_t *count, bool *more, const struct root *root,
		     const char *path, const char *end)
{
	cleanup_close int fd = root_open_file(root, path, O_RDONLY | O_DIRECTORY);
	cleanup_closedir DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	*names = NULL;
	*count = 0;
	*more = false;
	if (fd < 0)
		return fd;
	if (!folder)
		return -ENOMEM;
	steal_fd(&fd);
	while (r == 0 && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.' || !ends_with(entry->d_name, end))
			continue;
		*more = *count == ENTRY_LIST_MAX;
		if (*more)
			break;
		r = add_name(names, count, entry->d_name);
	}
	if (r < 0) {
		entry_free_names(*names, *count);
		*names = NULL;
		*count = 0;
	} else if (*count > 0) {
		qsort(*names, *count, sizeof(**names), by_name);
	}
	return r;
}

static int check_file(struct entry *entry, const struct root *root, const char *path,
		      bool may_be_empty)
{
	uint64_t size;
	int r = check_regular(root, path, &size);

	if (r == -ENOENT || r == -ENOTDIR)
		return entry_add_problem(entry, ENTRY_FILE_MISSING, path, "it is not there");
	if (r < 0)
		return entry_add_problem(entry, ENTRY_FILE_UNREADABLE, path, "%s",
					 entry_error_text(r));
	if (size == 0 && !may_be_empty)
		return entry_add_problem(entry, ENTRY_FILE_UNREADABLE, path, "it is empty");
	return 0;
}

static int check_list(struct entry *entry, const struct root *root, const struct entry_files *list)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->count; i++)
		r = check_file(entry, root, list->files[i].path, true);
	return r;
}

/* A bzImage's version text begins with its release. Of other kernels it is inside what is packed.
 */
static int read_release(struct entry *entry, const struct root *root)
{
	uint8_t head[BZIMAGE_HEAD_SIZE];
	char text[RELEASE_MAX];
	uint64_t size, offset;
	cleanup_close int fd = entry_open_file(root, entry->kernel.path, &size);
	ssize_t n = fd < 0 ? 0 : read_at(fd, entry->kernel.offset, head, sizeof(head));
	struct bytes bytes = {head, n > 0 ? (uint64_t)n : 0};

	offset = bzimage_recognise(bytes) ? bzimage_version_offset(bytes) : 0;
	if (offset == 0)
		return 0;
	n = read_at(fd, entry->kernel.offset + offset, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, " \n")] = '\0';
	return *text ? entry_set_text(&entry->release, text) : 0;
}

/* "vmlinuz-RELEASE" and its like, for kernels that do not say it where it can be read. */
static int guess_release(struct entry *entry)
{
	static const char *const begins[] = {"vmlinuz-", "vmlinux-", "Image-", "kernel-"};
	const char *slash = strrchr(entry->kernel.path, '/');
	const char *name = slash ? slash + 1 : entry->kernel.path;

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		size_t length = strlen(begins[i]);

		if (strncmp(name, begins[i], length) == 0 && name[length] >= '0' &&
		    name[length] <= '9')
			return entry_set_text(&entry->release, name + length);
	}
	return 0;
}

int entry_check_files(struct entry *entry, const struct root *root)
{
	int r = 0;

	if (entry->kernel.path)
		r = check_file(entry, root, entry->kernel.path, false);
	if (r == 0)
		r = check_list(entry, root, &entry->initrds);
	if (r == 0 && entry->devicetree)
		r = check_file(entry, root, entry->devicetree, false);
	if (r == 0)
		r = check_list(entry, root, &entry->overlays);
	if (r == 0 && entry->kernel.path && !entry->release)
		r = read_release(entry, root);
	if (r == 0 && entry->kernel.path && !entry->release)
		r = guess_release(entry);
	return r;
}

bool entry_is_kernel(int fd)
{
	uint8_t head[BZIMAGE_HEAD_SIZE];
	ssize_t n = read_at(fd, 0, head, sizeof(head));
	struct bytes bytes = {head, n > 0 ? (uint64_t)n : 0};

	/* Documentation/arch/arm64/booting.rst; drivers/firmware/efi/libstub/zboot-header.S. */
	return bzimage_recognise(bytes) || bytes_match(bytes, 56, "ARM\x64", 4) ||
	       bytes_match(bytes, 4, "zimg", 4);
}

int entry_open_pe(struct pe *pe, int *fd, uint64_t *size, const char **why, const struct root *root,
		  const char *path)
{
	cleanup_free uint8_t *head = malloc(PE_HEAD_SIZE);
	cleanup_close int file = -1;
	ssize_t n;

	if (!head)
		return -ENOMEM;
	file = entry_open_file(root, path, size);
	if (file < 0)
		return file;
	n = read_at(file, 0, head, PE_HEAD_SIZE);
	if (n < 0)
		return (int)n;
	*why = pe_read(pe, (struct bytes){head, (uint64_t)n}, *size);
	if (*why)
		return -EBADMSG;
	*fd = steal_fd(&file);
	return 0;
}
