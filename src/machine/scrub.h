/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a recorded machine must not tell: files are scrubbed before a copy of them is written.
 *
 * Of the command line every word's name stays and its value becomes "scrubbed", but for words that
 * say how the machine is laid out; of /proc/self/status only the effective capabilities stay, of
 * the IMA policy only its rules about appraising, and of boot_params all but where the boot loader
 * put the command line and the random seed. None of it changes a plan, except for a command line
 * that is reused.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * The scrubbed content of the file `path` (as on the live machine), with a NUL behind its `*size`
 * bytes, to be freed by the caller. NULL without memory.
 */
char *scrub_file(const char *path, const char *content, size_t *size);

/* Whether a word of the command line with this name keeps its value. */
bool scrub_keeps_word(const char *name, size_t length);
