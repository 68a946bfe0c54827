/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file in a record: how it was when it was loaded, so that it is known whether it still is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	RECORD_TIME_SIZE = 40,   /* "1700000000.000000001" */
	RECORD_DEVICE_SIZE = 24, /* "254:1" */
};

struct blob_file;
struct json_object;

struct record_file {
	char *path; /* owned; absolute, as far as that could be had */
	uint64_t size;
	/* As text: 64 bits are more than a JSON number holds everywhere. */
	char mtime[RECORD_TIME_SIZE], ctime[RECORD_TIME_SIZE]; /* seconds and nanoseconds */
	char device[RECORD_DEVICE_SIZE];
	uint64_t inode;
	uint64_t digest; /* XXH3 of the whole file as it is on disk */
};

enum file_state {
	FILE_UNKNOWN, /* it cannot be examined or read */
	FILE_UNCHANGED,
	FILE_CHANGED,
	FILE_GONE,
};

/* An absolute path of the same file, without following links. NULL without memory. */
char *record_path(const char *path);

/* A file as it was opened; `digest` is that of the whole of it. NULL without memory. */
struct json_object *record_file_to_json(const struct blob_file *file, uint64_t digest);

/* Reads what record_file_to_json() made. 0, -ENOMEM, or -EBADMSG; end it in any case. */
int record_file_read(struct record_file *file, struct json_object *object);
void record_file_fini(struct record_file *file);

/*
 * Whether the file is still what it was. Where size, times, inode and device are as they were it is
 * not read; else the digest decides.
 */
enum file_state record_file_state(const struct record_file *file);

/* "unknown", "unchanged", "changed", "gone". */
const char *file_state_name(enum file_state state);
