/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The headers of a kdump-compressed dump, of any word size, order and version (makedumpfile's
 * diskdump_mod.h and IMPLEMENTATION: struct disk_dump_header, struct kdump_sub_header).
 *
 *   block 0            disk_dump_header: signature "KDUMP   ", version, utsname, time, sizes
 *   block 1 …          kdump_sub_header (sub_hdr_size blocks), with the notes
 *   then               two bitmaps of bitmap_blocks / 2 blocks each: pages that there were, pages
 *                      that were written; the lowest bit of a byte is the first page
 *   then               a page descriptor of 24 bytes for each page that was written, in order
 *   then               the pages
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct dump_file;
struct error;

/* Versions up to this one are known. */
enum { KDUMP_VERSION_MAX = 6, KDUMP_MACHINE_SIZE = 65 };

struct kdump_header {
	enum byte_order order;
	unsigned int word; /* bytes of an unsigned long in the headers */
	uint32_t version;
	uint32_t status;
	uint64_t block_size; /* a page */
	uint64_t sub_header_blocks;
	uint64_t bitmap_blocks; /* of both bitmaps */
	char machine[KDUMP_MACHINE_SIZE + 1];
	uint64_t phys_base;
	bool split;                                  /* one file of several */
	uint64_t first_page, end_page;               /* of a split one */
	uint64_t vmcoreinfo_offset, vmcoreinfo_size; /* 0: none */
	uint64_t notes_offset, notes_size;           /* 0: none */
};

enum { KDUMP_INCOMPLETE = 8 /* in status: the writer ran out of room */ };

bool kdump_header_recognise(struct bytes head);

/* 0 or a negative errno. */
int kdump_header_read(struct kdump_header *header, const struct dump_file *file,
		      struct error *error);

/* EM_… and the bytes of a word of a machine by its name in utsname; EM_NONE and 0: not known. */
uint16_t kdump_machine(const char *name, unsigned int *word);
