/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A record of what was loaded, read back. Input: the file. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/root.h"
#include "record/read.h"
#include "target.h"

struct input {
	const uint8_t *data;
	size_t size;
};

static int fake_read(void *context, const char *path, size_t limit, char **content, size_t *size)
{
	const struct input *input = context;

	if (strcmp(path, RECORD_FILE) != 0)
		return -ENOENT;
	if (input->size > limit)
		return -EFBIG;
	*content = malloc(input->size + 1);
	require(*content);
	memcpy(*content, input->data, input->size);
	(*content)[input->size] = '\0';
	*size = input->size;
	return 0;
}

static const struct root_reader fake_reader = {.read = fake_read};

static void check_record(const struct record *record)
{
	require(record->file_count > 0 && record->file_count <= RECORD_FILES_MAX);
	for (size_t i = 0; i < record->file_count; i++) {
		const struct record_file *file = &record->files[i];

		require(file->path && *file->path);
		require(memchr(file->mtime, '\0', sizeof(file->mtime)));
		require(memchr(file->ctime, '\0', sizeof(file->ctime)));
		require(memchr(file->device, '\0', sizeof(file->device)));
	}
	for (size_t i = 0; i < record->asked_initrd_count; i++)
		require(record->asked_initrds[i]);
	require(record->kernel_version && record->command_line && record->protocol);
	require(record->method_reason && record->asked_kernel && record->program_version);
	require(record->running_version);
	require(memchr(record->boot_id, '\0', sizeof(record->boot_id)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(record_fini) struct record record = {};
	struct input input = {data, size};
	const struct root root = {.fd = -1, .reader = &fake_reader, .context = &input};
	struct error error = {};
	int r = record_read(&record, &root, RECORD_FILE, &error);

	require((r < 0) == (error.count > 0));
	if (r == 0)
		check_record(&record);
	require(!record_is_of_this_boot(&record, &root));
	return 0;
}
