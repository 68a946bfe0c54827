/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A folder for temporary files, which a test makes and removes. Any trouble fails the test.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct folder {
	char path[64];
	char **names; /* what folder_path() handed out */
	size_t name_count;
};

void folder_make(struct folder *folder);

/* As setup and teardown of a cmocka test: *state becomes a struct folder. */
int folder_setup(void **state);
int folder_teardown(void **state);
#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

/* With all that lies in it. */
void folder_remove(struct folder *folder);
#define cleanup_folder __attribute__((cleanup(folder_remove)))

/* The path of `name` in it, valid until folder_remove(). */
const char *folder_path(struct folder *folder, const char *name);

/* Writes a file, and the folders that lead to it; its path. */
const char *folder_write(struct folder *folder, const char *name, const void *bytes, size_t size);
const char *folder_text(struct folder *folder, const char *name, const char *text);

/* Removes a file or an empty folder. */
void folder_delete(struct folder *folder, const char *name);

bool folder_has(struct folder *folder, const char *name);

/* The content of a file, NUL-terminated, to be freed by the caller. */
char *folder_read(struct folder *folder, const char *name);
