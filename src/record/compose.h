/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a record says: the plan as it would be shown, the files that it was made of, what was asked
 * for, and when, by whom and in which boot it was carried out. record/read.h reads it back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/method.h"

struct error;
struct json_object;
struct plan;
struct root;

/* Version of the record's form; it grows when a field changes its meaning or goes away. */
#define RECORD_SCHEMA_VERSION 1

/* What was asked for, and by which program; it is compared with what is asked for later. Borrowed.
 */
struct record_request {
	const char *kernel; /* as the user named them */
	const char *const *initrds;
	size_t initrd_count;
	enum method_wish method;
	bool plain;                  /* the kernel is to unpack itself */
	bool check;                  /* purgatory is to verify */
	uint64_t load_min, load_max; /* limits for all segments */
	/* Of a crash image, which may have to be loaded again: */
	const char *command_line; /* without what it is told of places; NULL: of a normal one */
	unsigned int hotplug;     /* enum crash_hotplug */
	bool memmap_words;
	uint64_t machine;            /* what fingerprint the machine's memory and CPUs have */
	const char *program_version; /* NULL: unknown */
};

/*
 * The record of a sealed plan, to be handed to record_begin(). Files are digested, each once, and
 * not again where the plan has the digest of the whole. `root` tells of the process and the boot.
 * NULL with a failure added; the caller ends it with json_object_put().
 */
struct json_object *record_compose(const struct plan *plan, const struct record_request *request,
				   const struct root *root, struct error *error);
