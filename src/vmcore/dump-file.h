/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bytes of a dump's file, at any offset. A flattened file (makedumpfile -F, a stream of records
 * that each tell where they belong) reads as the file that it stands for; what no record has is
 * zeros, as in a file with holes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmcore/pieces.h"

struct blob;
struct error;

struct dump_file {
	struct blob *blob; /* owned */
	uint64_t size;     /* of the dump */
	bool flattened;
	bool cut;             /* a flattened file ends before its end mark */
	struct pieces pieces; /* of a flattened file's dump; where they lie in the blob */
};

/* Takes the blob over, on failure too. 0 or a negative errno. */
int dump_file_open(struct dump_file *file, struct blob *blob, struct error *error);

void dump_file_close(struct dump_file *file);

/* How many bytes there are from `offset` on without a gap, at most `size`. */
uint64_t dump_file_has(const struct dump_file *file, uint64_t offset, uint64_t size);

/* How many bytes from `offset` on are zeros because no record of a flattened file has them. */
uint64_t dump_file_hole(const struct dump_file *file, uint64_t offset);

/*
 * Copies [offset, offset + size). 0, or a negative errno with a failure added when they are not all
 * there or cannot be read.
 */
int dump_file_read(const struct dump_file *file, uint64_t offset, void *to, uint64_t size,
		   struct error *error);

/* The path, for messages. */
const char *dump_file_name(const struct dump_file *file);
