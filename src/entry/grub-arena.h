/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for reading one GRUB configuration, which is all given back at once.
 *
 * There is a limit, so that a hostile configuration (set x=$x$x) ends.
 */
#pragma once

#include <stddef.h>

struct grub_arena_block;

struct grub_arena {
	struct grub_arena_block *blocks;
	size_t left; /* bytes that may still be asked for */
	int code;    /* of the first failure: -ENOMEM, or -E2BIG over the limit */
};

void grub_arena_init(struct grub_arena *arena, size_t limit);
void grub_arena_fini(struct grub_arena *arena);

/* Zeroed. NULL when there is none, and then `code` is set. */
void *grub_arena_get(struct grub_arena *arena, size_t size);
char *grub_arena_copy(struct grub_arena *arena, const char *text, size_t length);
char *grub_arena_text(struct grub_arena *arena, const char *text);
char *grub_arena_format(struct grub_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
