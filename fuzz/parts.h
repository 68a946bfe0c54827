/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An input of several parts, with the bytes FF FE FF 0A between them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct part_bytes {
	const uint8_t *data;
	size_t size;
};

/* Fills in the parts, at most `most`; what is behind the last one is left out. Their number. */
size_t parts_split(struct part_bytes *parts, size_t most, const uint8_t *data, size_t size);
