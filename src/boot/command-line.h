/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's command line: composing it from what the user gave.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * The words of a running kernel's command line that still mean something to the next one. Left out
 * are what a boot loader or an earlier hand-over put there: BOOT_IMAGE=, initrd=, elfcorehdr=,
 * acpi_rsdp=, kexec_jump_back_entry=. What follows "--" belongs to init and is kept as it is.
 * NULL without memory; to be freed by the caller.
 */
char *command_line_clean(const char *running);

/* Whether it has the word `name`, or NAME=…, before "--". */
bool command_line_has(const char *command_line, const char *name);

/*
 * Whether it has exactly this word, also behind "--": so the x86 decompressor looks for what
 * concerns it (cmdline_find_option_bool(), arch/x86/boot/cmdline.c).
 */
bool command_line_has_flag(const char *command_line, const char *word);

/*
 * Whether a word takes memory away from the kernel that gets this command line, or may: mem= and
 * memmap= (Documentation/admin-guide/kernel-parameters.txt).
 */
bool command_line_limits_memory(const char *command_line);

/*
 * A command line with words taken out and put in. `remove` and `add` are NULL or hold words, as
 * many as counted. A word to remove is a name, which takes out the bare word and every NAME=…, or
 * NAME=VALUE, which takes out exactly that. Added words come last, but before "--": what follows
 * that is init's and is never changed. NULL without memory; to be freed by the caller.
 */
char *command_line_change(const char *command_line, const char *const *remove, size_t remove_count,
			  const char *const *add, size_t add_count);
