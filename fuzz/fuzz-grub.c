/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GRUB's configuration, its environment block and a boot entry that it reads.
 *
 * Input: the files, in this order, each ended by a byte 0xff: boot/grub/grub.cfg,
 * boot/grub/grubenv, boot/loader/entries/a-1.conf, custom.cfg. What is missing is not there.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/root.h"
#include "entry/grub.h"
#include "machine/mounts.h"
#include "machine/partitions.h"
#include "target.h"

enum { FILES = 4 };

struct files {
	const uint8_t *bytes[FILES];
	size_t sizes[FILES];
};

static const char *const names[FILES] = {"/boot/grub/grub.cfg", "/boot/grub/grubenv",
					 "/boot/loader/entries/a-1.conf", "/custom.cfg"};

static int read_file(void *context, const char *path, size_t limit, char **content, size_t *size)
{
	const struct files *files = context;

	for (size_t i = 0; i < FILES; i++) {
		if (strcmp(path, names[i]) != 0 || !files->bytes[i])
			continue;
		if (files->sizes[i] > limit)
			return -EFBIG;
		*content = malloc(files->sizes[i] + 1);
		require(*content);
		memcpy(*content, files->bytes[i], files->sizes[i]);
		(*content)[files->sizes[i]] = '\0';
		*size = files->sizes[i];
		return 0;
	}
	return -ENOENT;
}

/* A real folder with the entry's name in it, which is all that is read of it. */
static int open_entries(int flags)
{
	static char folder[] = "/tmp/fuzz-grub-XXXXXX";
	static int fd = -1;
	int file;

	if (fd < 0) {
		require(mkdtemp(folder));
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		require(fd >= 0);
		file = openat(fd, "a-1.conf", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		require(file >= 0);
		close(file);
	}
	return openat(fd, ".", flags | O_CLOEXEC);
}

/* That a file or folder is there: the input's, and one for all kernels. */
static int open_file(void *context, const char *path, int flags)
{
	const struct files *files = context;
	int fd = -ENOENT;

	if (strcmp(path, "/boot/loader/entries") == 0)
		return open_entries(flags);
	for (size_t i = 0; i < FILES; i++)
		if (strcmp(path, names[i]) == 0 && files->bytes[i])
			fd = open("/proc/self/exe", flags | O_CLOEXEC);
	if (strcmp(path, "/k") == 0)
		fd = open("/proc/self/exe", flags | O_CLOEXEC);
	return fd;
}

/* Each entry is in order, or says why it is not; the default is one of them, or says likewise. */
static void check_list(const struct entry_list *list)
{
	const struct entry_default *choice = &list->defaults[LOADER_GRUB];
	bool listed = !choice->entry;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = list->entries[i];

		require(entry->id && entry->title && entry->source && entry->options);
		require(entry->problem != ENTRY_USABLE || entry->kernel.path);
		require(entry->problem == ENTRY_USABLE ||
			(entry->problem_subject && *entry->problem_detail));
		listed |= choice->entry == entry;
	}
	require(listed);
	require(choice->entry || !choice->found || choice->detail);
	require((choice->reason == REASON_UNKNOWN) == !choice->entry || !choice->found);
	for (size_t i = 0; i < choice->write_count; i++)
		require(choice->writes[i].path[0] == '/' && choice->writes[i].name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct root_reader reader = {.read = read_file, .open_file = open_file};
	struct files files = {};
	struct root root = {.fd = -1, .reader = &reader, .context = &files};
	struct machine_mounts mounts = {};
	struct machine_partitions partitions = {};
	struct entry_machine machine = {.root = &root,
					.mounts = &mounts,
					.partitions = &partitions,
					.architecture = "x64",
					.release = "",
					.command_line = ""};
	struct entry_list list = {};

	for (size_t i = 0; i < FILES && size > 0; i++) {
		const uint8_t *end = memchr(data, 0xff, size);

		files.bytes[i] = data;
		files.sizes[i] = end ? (size_t)(end - data) : size;
		size -= files.sizes[i] + (end ? 1 : 0);
		data += files.sizes[i] + (end ? 1 : 0);
	}
	require(entry_read_grub(&list, &machine) == 0);
	check_list(&list);
	entry_list_fini(&list);
	return 0;
}
