/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine whose boot partitions are made of a fuzzer's input: files in memory, and folders whose
 * names are fixed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct entry_part {
	const char *path;
	const char *fixed; /* its content; NULL: it is the next part of the input */
};

/*
 * Reads the machine's boot entries and checks what is promised of them. The input's parts, with
 * PART_END between them, are the files without fixed content, in their order; an empty part is a
 * file that is absent. `parts` must be the same in each call.
 */
void check_boot_entries(const struct entry_part *parts, size_t count, const uint8_t *data,
			size_t size);
