/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the next kernel's command line says about where a kernel may lie in memory. The kernel's own
 * decompressor honours these words (handle_mem_options(), arch/x86/boot/compressed/kaslr.c), so
 * whoever chooses a place instead of it must, too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/range.h"

struct kaslr_options {
	bool off;             /* nokaslr */
	uint64_t memory_end;  /* of mem= and memmap=SIZE; UINT64_MAX: none */
	struct map taken;     /* by memmap=SIZE$START, #, ! and % */
	uint64_t huge_pages;  /* of 1 GiB, that the kernel will want to find free */
	const char *obstacle; /* why nobody but the kernel can choose, a clause; NULL: none */
};

/* 0 or -ENOMEM. End it with kaslr_options_fini() always. */
int kaslr_options_read(struct kaslr_options *options, const char *command_line);
void kaslr_options_fini(struct kaslr_options *options);
