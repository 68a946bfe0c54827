/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page tables of a 64-bit x86 kernel (Intel SDM volume 3, 4.5 "4-level paging and 5-level
 * paging"): for dumps whose own table has no virtual addresses.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct vmcore;

/* Finds the top table, if VMCOREINFO tells of it. */
void page_table_x86_find(struct vmcore *vmcore);

/* As vmcore_translate(). */
bool page_table_x86_walk(struct vmcore *vmcore, uint64_t address, uint64_t *physical,
			 uint64_t *size, struct error *error);
