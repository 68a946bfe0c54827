/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text made of words, as a kernel takes its command line: words are separated by white space,
 * except inside double quotes (lib/cmdline.c, next_arg() in the kernel).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Finds the next word at or behind `*text` and moves `*text` past it. False at the end. */
bool words_next(const char **text, const char **word, size_t *length);

/* Whether the word is `name` itself or `name=…`. */
bool word_is(const char *word, size_t length, const char *name);

/* Joins two texts with one space between; an empty or NULL one adds nothing. NULL without memory.
 */
char *words_join(const char *first, const char *second);
