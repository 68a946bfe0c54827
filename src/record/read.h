/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record read back. It was written by this program, or by an older or newer one, or by anybody
 * who could: nothing in it is believed before it is checked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/method.h"
#include "record/file.h"
#include "record/record.h"

struct error;
struct record_request;
struct root;

enum {
	RECORD_SIZE_MAX = 4 << 20, /* bytes */
	RECORD_FILES_MAX = 16384,
};

/* All text is owned, and empty where it is not known. */
struct record {
	/* What was loaded. */
	struct record_file *files; /* the kernel, then the initrds in the order of joining */
	size_t file_count;         /* at least 1 */
	char *kernel_version, *command_line, *protocol;
	enum plan_kind kind;
	enum plan_method method;
	char *method_reason;
	enum plan_form form;
	char *form_reason;
	uint64_t segments_size;  /* bytes that its segments take; 0: the kernel placed them */
	size_t added_file_count; /* files that are secret, of which it has paths and no digest */
	/* What was asked for. */
	char *asked_kernel, **asked_initrds;
	size_t asked_initrd_count;
	enum method_wish asked_method;
	bool asked_plain, asked_check;
	uint64_t asked_min, asked_max;
	char *asked_command_line; /* of a crash image, as record_request; else NULL */
	unsigned int asked_hotplug;
	bool asked_memmap_words;
	uint64_t asked_machine;
	/* When, by whom, in which boot. */
	uint64_t loaded_at; /* seconds since 1970 */
	uint64_t uid, pid, login_uid;
	bool login_uid_known;
	char *program_version;
	char boot_id[RECORD_BOOT_ID_SIZE];
	char *running_version; /* of the kernel that was running */
};

/*
 * Reads the record at `path`. 0, or a negative errno with a failure added: -ENOENT, -EBADMSG for
 * what is no record, or another one. End it with record_fini() always.
 */
int record_read(struct record *record, const struct root *root, const char *path,
		struct error *error);
void record_fini(struct record *record);

/* Whether it is of the boot that is now; false when that cannot be known. */
bool record_is_of_this_boot(const struct record *record, const struct root *root);

/*
 * Whether the same was asked for; what the files hold is not looked at. False without memory, and
 * when one was loaded with files that are secret: a request that has any is not compared.
 */
bool record_is_of_request(const struct record *record, const struct record_request *request);
