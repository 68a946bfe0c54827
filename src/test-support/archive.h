/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * newc cpio archives, written member by member, and what may stand behind them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct archive {
	uint8_t bytes[16384];
	size_t size;
};

/* A member with a text as content; "TRAILER!!!" ends an archive. */
void archive_add(struct archive *archive, const char *name, const char *content);

/* A member whose header is given as it is: 110 characters, perhaps wrong ones. */
void archive_add_header(struct archive *archive, const char *name, uint32_t name_size,
			uint32_t file_size);

void archive_add_zeros(struct archive *archive, size_t count);

void archive_add_bytes(struct archive *archive, const void *bytes, size_t size);

/* A trailer with a boot configuration, as the kernel's tools/bootconfig writes it. */
void archive_add_bootconfig(struct archive *archive, const void *data, size_t size);
