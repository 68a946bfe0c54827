/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What no plain file of a recorded machine tells: bytes of physical memory, what could not be read
 * when it was recorded, and which pages had a flag. It is kept in one file, machine.json, at the
 * top of the recording.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/range.h"

struct error;

/* Version of the file; it grows when a field changes its meaning or goes away. */
#define RECORDING_SCHEMA         "kexec-machine"
#define RECORDING_SCHEMA_VERSION 1

enum { RECORDED_REFUSALS_MAX = 4096, RECORDED_ENTRIES_MAX = 65536 /* of each other kind */ };

struct recorded_bytes {
	uint64_t address;
	uint8_t *bytes; /* owned */
	size_t size;
};

struct recorded_refusal {
	char *path; /* owned */
	int code;   /* errno, positive */
};

struct recorded_pages {
	unsigned int flag; /* bit of /proc/kpageflags */
	/* Normalised, of one type and name: where it was looked for, and the pages that have it. */
	struct map asked, found;
};

struct recorded_facts {
	struct recorded_bytes *bytes;
	size_t bytes_count;
	struct recorded_refusal *refusals;
	size_t refusal_count;
	struct recorded_pages *pages; /* one for each flag */
	size_t pages_count;
};

/* All return 0, -ENOMEM, or -E2BIG when there are too many of the kind. What is known already is
 * not added again: the first answer stays. */
int recorded_facts_add_bytes(struct recorded_facts *facts, uint64_t address, const void *bytes,
			     size_t size);
int recorded_facts_add_refusal(struct recorded_facts *facts, const char *path, int code);
int recorded_facts_add_pages(struct recorded_facts *facts, unsigned int flag,
			     const struct map *asked, const struct map *found);

/* As root_read_physical() and root_find_pages(); and 0, or with which negative errno `path` could
 * not be read. */
int recorded_facts_read_physical(const struct recorded_facts *facts, uint64_t address, void *to,
				 size_t size);
int recorded_facts_find_pages(const struct recorded_facts *facts, struct range bytes,
			      unsigned int flag, struct map *found);
int recorded_facts_refusal(const struct recorded_facts *facts, const char *path);

/* The file's text, to be freed by the caller; NULL without memory. `release` is this program's. */
char *recorded_facts_to_text(const struct recorded_facts *facts, const char *release);

/*
 * Reads the file's text, which may come from anywhere; fields that are not there tell nothing. 0 or
 * a negative errno with a failure added that names `path`. End it with recorded_facts_fini()
 * always. Where memory runs out inside json-c's parser, that may crash.
 */
int recorded_facts_from_text(struct recorded_facts *facts, const char *text, const char *path,
			     struct error *error);

void recorded_facts_fini(struct recorded_facts *facts);
