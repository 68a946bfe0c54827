/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-support/test.h"

void folder_make(struct folder *folder)
{
	const char *base = getenv("TMPDIR");

	*folder = (struct folder){};
	if (!base || strlen(base) > 32)
		base = "/tmp";
	snprintf(folder->path, sizeof(folder->path), "%s/kexec-test-XXXXXX", base);
	assert_non_null(mkdtemp(folder->path));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

void folder_remove(struct folder *folder)
{
	nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < folder->name_count; i++)
		free(folder->names[i]);
	free(folder->names);
	*folder = (struct folder){};
}

const char *folder_path(struct folder *folder, const char *name)
{
	char *path;

	folder->names = reallocarray(folder->names, folder->name_count + 1, sizeof(*folder->names));
	assert_non_null(folder->names);
	assert_true(asprintf(&path, "%s/%s", folder->path, name) > 0);
	folder->names[folder->name_count++] = path;
	return path;
}

static void make_parents(struct folder *folder, const char *path)
{
	char *copy = strdup(path);

	assert_non_null(copy);
	for (char *slash = strchr(copy + strlen(folder->path) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	free(copy);
}

const char *folder_write(struct folder *folder, const char *name, const void *bytes, size_t size)
{
	const char *path = folder_path(folder, name);
	FILE *file;

	make_parents(folder, path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	return path;
}

const char *folder_text(struct folder *folder, const char *name, const char *text)
{
	return folder_write(folder, name, text, strlen(text));
}

void folder_delete(struct folder *folder, const char *name)
{
	assert_int_equal(remove(folder_path(folder, name)), 0);
}

bool folder_has(struct folder *folder, const char *name)
{
	return access(folder_path(folder, name), F_OK) == 0;
}

char *folder_read(struct folder *folder, const char *name)
{
	FILE *file = fopen(folder_path(folder, name), "r");
	char *content = NULL;
	size_t capacity = 0;

	assert_non_null(file);
	if (getdelim(&content, &capacity, '\0', file) < 0) {
		free(content);
		content = strdup("");
	}
	fclose(file);
	assert_non_null(content);
	return content;
}

int folder_setup(void **state)
{
	static struct folder folder;

	folder_make(&folder);
	*state = &folder;
	return 0;
}

int folder_teardown(void **state)
{
	folder_remove(*state);
	return 0;
}
