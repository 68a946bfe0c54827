/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/file-options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cmd/options.h"
#include "image/added-files.h"

enum {
	FILE_MODE = 0600,
	CREDENTIAL_MODE = 0400, /* as systemd-stub gives them */
};

#define CREDENTIAL_SUFFIX ".cred"

static int usage(struct error *error, const char *option, const char *value, const char *why)
{
	return error_add(error, ERROR_USAGE, 0, "options", option, "\"%s\": %s", value, why);
}

/* The command owns both texts in any case; NULL stands for a copy that failed. */
static int add_file(struct command *command, char *source, char *path, uint32_t mode,
		    struct error *error)
{
	struct request *request = &command->request;
	struct request_file *files =
	    reallocarray(command->files, request->file_count + 1, sizeof(*files));

	if (!files || !source || !path) {
		free(source);
		free(path);
		if (files)
			request->files = command->files = files;
		return error_memory(error, "options");
	}
	files[request->file_count++] = (struct request_file){source, path, mode};
	request->files = command->files = files;
	return 0;
}

int add_initrd_file(struct command *command, const char *value, struct error *error)
{
	const char *colon = strrchr(value, ':');
	const char *problem;

	if (!colon || colon == value)
		return usage(error, "--initrd-file", value,
			     "write it as FILE:PATH, with the file's path here and there");
	problem = added_path_problem(colon + 1);
	if (problem)
		return error_add(error, ERROR_USAGE, 0, "options", "--initrd-file",
				 "\"%s\": there the file cannot be: %s", colon + 1, problem);
	return add_file(command, strndup(value, (size_t)(colon - value)), strdup(colon + 1),
			FILE_MODE, error);
}

/*
 * As systemd takes it (credential_name_valid(), src/shared/creds-util.c), which also passes over
 * all that begins with a dot when it looks for credentials (import_credentials_boot(),
 * src/core/import-creds.c).
 */
static const char *name_problem(const char *name, size_t length)
{
	if (length > NAME_MAX - strlen(CREDENTIAL_SUFFIX))
		return "the name is too long";
	if (memchr(name, '/', length))
		return "the name has a slash";
	for (size_t i = 0; i < length; i++)
		if (name[i] < ' ' || name[i] > '~')
			return "the name has a character that is not printable ASCII";
	if (*name == '.')
		return "the name begins with a dot, and systemd would pass over it";
	return NULL;
}

int add_credential(struct command *command, const char *value, struct error *error)
{
	const char *colon = strchr(value, ':'), *problem;
	size_t length;
	char *path;

	/* The value may be the secret itself, and is not repeated. */
	if (!colon || colon == value || !colon[1])
		return error_add(error, ERROR_USAGE, 0, "options", "--credential",
				 "write it as NAME:FILE, with the file that holds the credential");
	length = (size_t)(colon - value);
	problem = name_problem(value, length);
	if (problem)
		return usage(error, "--credential", value, problem);
	if (asprintf(&path, CREDENTIALS_FOLDER "/%.*s" CREDENTIAL_SUFFIX, (int)length, value) < 0)
		path = NULL;
	return add_file(command, strdup(colon + 1), path, CREDENTIAL_MODE, error);
}

int judge_files(const struct command *command, struct error *error)
{
	const struct request *request = &command->request;

	for (size_t i = 0; i < request->file_count; i++)
		for (size_t j = 0; j < request->file_count; j++) {
			const char *path = request->files[i].path, *other = request->files[j].path;

			if (i == j || !added_paths_collide(path, other))
				continue;
			return error_add(error, ERROR_USAGE, 0, "options", NULL,
					 strcmp(path, other) == 0
					     ? "two files are to become %s"
					     : "a file is to become %s, which is a folder of "
					       "another one",
					 path);
		}
	if (request->allow_swap && !request->file_count)
		return error_add(error, ERROR_USAGE, 0, "options", "--allow-swap",
				 "it goes with --initrd-file or --credential");
	return 0;
}

void free_files(struct command *command)
{
	for (size_t i = 0; i < command->request.file_count; i++) {
		free((char *)(uintptr_t)command->files[i].source);
		free((char *)(uintptr_t)command->files[i].path);
	}
	free(command->files);
}
