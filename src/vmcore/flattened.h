/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The flattened format of makedumpfile(8), for pipes: records of a random access file, one behind
 * the other. A header of 4096 bytes ("makedumpfile", padded with NULs to 16 bytes, then type and
 * version, 1 each), then records: offset 8, size 8, the bytes; the last one has -1 for both. All
 * numbers are big-endian. What was written twice counts as it was written last (makedumpfile.h,
 * struct makedumpfile_header and makedumpfile_data_header).
 */
#pragma once

#include <stdbool.h>

struct blob;
struct dump_file;
struct error;

bool flattened_recognise(const struct blob *blob);

/* Finds the pieces, size and end of a dump in the file's blob. 0 or a negative errno. */
int flattened_index(struct dump_file *file, struct error *error);
