/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/grub-arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_SIZE = 32768,
	ALIGNMENT = 16,
};

struct grub_arena_block {
	struct grub_arena_block *next;
	size_t size, used;
	_Alignas(ALIGNMENT) uint8_t bytes[];
};

void grub_arena_init(struct grub_arena *arena, size_t limit)
{
	*arena = (struct grub_arena){.left = limit};
}

void grub_arena_fini(struct grub_arena *arena)
{
	while (arena->blocks) {
		struct grub_arena_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
}

static void *fail(struct grub_arena *arena, int code)
{
	if (!arena->code)
		arena->code = code;
	return NULL;
}

static struct grub_arena_block *add_block(struct grub_arena *arena, size_t size)
{
	size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct grub_arena_block *block = calloc(1, sizeof(*block) + capacity);

	if (!block)
		return NULL;
	block->size = capacity;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *grub_arena_get(struct grub_arena *arena, size_t size)
{
	struct grub_arena_block *block = arena->blocks;
	void *memory;

	if (arena->code)
		return NULL;
	if (size > arena->left || size > SIZE_MAX / 2)
		return fail(arena, -E2BIG);
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	arena->left -= size < arena->left ? size : arena->left;
	if (!block || size > block->size - block->used)
		block = add_block(arena, size);
	if (!block)
		return fail(arena, -ENOMEM);
	memory = block->bytes + block->used;
	block->used += size;
	return memory;
}

char *grub_arena_copy(struct grub_arena *arena, const char *text, size_t length)
{
	char *copy = grub_arena_get(arena, length + 1);

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *grub_arena_text(struct grub_arena *arena, const char *text)
{
	return grub_arena_copy(arena, text, strlen(text));
}

char *grub_arena_format(struct grub_arena *arena, const char *format, ...)
{
	va_list list, again;
	char *text = NULL;
	int length;

	va_start(list, format);
	va_copy(again, list);
	length = vsnprintf(NULL, 0, format, list);
	if (length >= 0)
		text = grub_arena_get(arena, (size_t)length + 1);
	if (text)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(list);
	return text;
}
