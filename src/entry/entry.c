/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/entry.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/words.h"

struct entry *entry_new(enum entry_kind kind, const char *id, const char *source, unsigned int line)
{
	cleanup_entry struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->kind = kind;
	entry->line = line;
	entry->id = strdup(id);
	entry->title = strdup(id);
	entry->source = strdup(source);
	entry->options = strdup("");
	return entry->id && entry->title && entry->source && entry->options ? steal_pointer(entry)
									    : NULL;
}

void entry_files_fini(struct entry_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->files[i].path);
		free(files->files[i].packed_as);
	}
	free(files->files);
	*files = (struct entry_files){};
}

void entry_free(struct entry *entry)
{
	if (!entry)
		return;
	free(entry->id);
	free(entry->source);
	free(entry->title);
	free(entry->version);
	free(entry->machine_id);
	free(entry->sort_key);
	free(entry->architecture);
	free(entry->kernel.path);
	free(entry->kernel.packed_as);
	entry_files_fini(&entry->initrds);
	free(entry->options);
	free(entry->devicetree);
	entry_files_fini(&entry->overlays);
	free(entry->release);
	free(entry->problem_subject);
	free(entry->problem_detail);
	free(entry);
}

int entry_set_text(char **field, const char *text)
{
	char *copy;

	if (strnlen(text, ENTRY_TEXT_MAX + 1) > ENTRY_TEXT_MAX)
		return -E2BIG;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int entry_append_text(char **field, const char *text)
{
	char *joined;

	if ((*field ? strlen(*field) : 0) + strnlen(text, ENTRY_TEXT_MAX) >= ENTRY_TEXT_MAX)
		return -E2BIG;
	joined = words_join(*field, text);
	if (!joined)
		return -ENOMEM;
	free(*field);
	*field = joined;
	return 0;
}

int entry_add_file(struct entry_files *files, const char *path)
{
	struct entry_file *larger;
	char *copy;

	if (files->count == ENTRY_FILES_MAX)
		return -E2BIG;
	copy = strdup(path);
	larger = copy ? reallocarray(files->files, files->count + 1, sizeof(*larger)) : NULL;
	if (!larger) {
		free(copy);
		return -ENOMEM;
	}
	files->files = larger;
	larger[files->count++] = (struct entry_file){.path = copy};
	return 0;
}

int entry_add_problem(struct entry *entry, enum entry_problem problem, const char *subject,
		      const char *format, ...)
{
	cleanup_free char *detail = NULL, *copy = NULL;
	va_list arguments;
	int length;

	if (entry->problem != ENTRY_USABLE)
		return 0;
	va_start(arguments, format);
	length = vasprintf(&detail, format, arguments);
	va_end(arguments);
	if (length < 0) {
		detail = NULL;
		return -ENOMEM;
	}
	copy = strdup(subject);
	if (!copy)
		return -ENOMEM;
	entry->problem = problem;
	entry->problem_subject = steal_pointer(copy);
	entry->problem_detail = steal_pointer(detail);
	return 0;
}

/* Appends one name of a path, or takes the last one away for "..". False when that leads out. */
static bool append_name(char *to, size_t top, const char *name, size_t length)
{
	size_t end = strlen(to);

	if (length == 0 || (length == 1 && name[0] == '.'))
		return true;
	if (length == 2 && name[0] == '.' && name[1] == '.') {
		char *slash = strrchr(to + top, '/');

		if (!slash)
			return false;
		*slash = '\0';
		return true;
	}
	to[end] = '/';
	memcpy(to + end + 1, name, length);
	to[end + 1 + length] = '\0';
	return true;
}

static bool append_path(char *to, size_t top, const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/\\");

		if (!append_name(to, top, path, length))
			return false;
		path += length;
		path += *path != '\0';
	}
	return true;
}

int entry_resolve_path(char **result, const char *top, const char *folder, const char *path)
{
	size_t top_length = strlen(top), size = top_length + strlen(folder) + strlen(path) + 4;
	cleanup_free char *joined = NULL;

	if (!*path)
		return -EINVAL;
	if (size > PATH_MAX)
		return -E2BIG;
	joined = calloc(1, size);
	if (!joined)
		return -ENOMEM;
	while (top_length > 0 && top[top_length - 1] == '/')
		top_length--;
	memcpy(joined, top, top_length);
	if ((*path != '/' && *path != '\\' && !append_path(joined, top_length, folder)) ||
	    !append_path(joined, top_length, path))
		return -EINVAL;
	if (strlen(joined) == top_length) /* the top itself, which is no file */
		return -EINVAL;
	*result = steal_pointer(joined);
	return 0;
}

/* Whether a name of the path is "..". */
static bool leads_up(const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/\\");

		if (length == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += length;
		path += *path != '\0';
	}
	return false;
}

int entry_join_path(char **result, const char *folder, const char *path)
{
	return leads_up(path) ? -EINVAL : entry_resolve_path(result, folder, "", path);
}

const char *entry_kind_name(enum entry_kind kind)
{
	switch (kind) {
	case ENTRY_BLS:
		return "bls";
	case ENTRY_UKI:
		return "uki";
	case ENTRY_AUTO:
		return "auto";
	case ENTRY_FIRMWARE:
		return "firmware";
	case ENTRY_GRUB:
		return "grub";
	case ENTRY_EXTLINUX:
		return "extlinux";
	case ENTRY_INSTALLED:
		return "installed";
	}
	return "unknown";
}

const char *entry_problem_name(enum entry_problem problem)
{
	switch (problem) {
	case ENTRY_USABLE:
		return "usable";
	case ENTRY_NOT_LINUX:
		return "not-linux";
	case ENTRY_NO_KERNEL:
		return "no-kernel";
	case ENTRY_FILE_MISSING:
		return "file-missing";
	case ENTRY_FILE_UNREADABLE:
		return "file-unreadable";
	case ENTRY_NOT_MOUNTED:
		return "not-mounted";
	case ENTRY_OTHER_ARCHITECTURE:
		return "other-architecture";
	case ENTRY_MALFORMED:
		return "malformed";
	case ENTRY_NOT_UNDERSTOOD:
		return "not-understood";
	}
	return "unknown";
}
