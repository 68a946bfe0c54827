/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A made-up kernel that has crashed: some memory, VMCOREINFO, and dumps of them in all formats, of
 * either word size and order. Any trouble fails the test. Its log is crashed-log.h's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct blob;

enum {
	CRASHED_PAGE = 4096,
	CRASHED_MEMORY = 64 * CRASHED_PAGE,
	CRASHED_PHYSICAL = 0x1000000,
	CRASHED_INFO_SIZE = 8192,
};

struct crashed_kernel {
	unsigned int word;
	enum byte_order order;
	uint16_t machine;
	uint64_t virtual; /* of the first byte of memory */
	uint64_t used;    /* bytes that were handed out */
	uint64_t pages;   /* that dumps have; all of memory */
	uint8_t memory[CRASHED_MEMORY];
	char info[CRASHED_INFO_SIZE];
};

void crashed_init(struct crashed_kernel *kernel, unsigned int word, enum byte_order order);

/* Adds a line to VMCOREINFO. */
void crashed_info(struct crashed_kernel *kernel, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The virtual address of new, zeroed memory. */
uint64_t crashed_room(struct crashed_kernel *kernel, uint64_t size);

/* Bytes of memory by their virtual address. */
uint8_t *crashed_at(struct crashed_kernel *kernel, uint64_t address, uint64_t size);
void crashed_put(struct crashed_kernel *kernel, uint64_t address, unsigned int width,
		 uint64_t value);
uint64_t crashed_get(struct crashed_kernel *kernel, uint64_t address, unsigned int width);

/* How a dump is made. */
struct crashed_dump {
	/* ELF. */
	bool elf_class_64;           /* whatever the word */
	bool many_headers;           /* their number stands in a section header */
	bool notes_last;             /* the note's program header is behind those of memory */
	bool without_virtual;        /* p_vaddr is 0 */
	uint64_t lost_from, lost_to; /* pages [from, to) of memory that are not in the dump */
	/* kdump-compressed. */
	unsigned int version;
	bool other_alignment; /* of a 32-bit kernel that is none of i386 */
	/* Pages that are packed already; all others are packed by snappy or raw, by turns. */
	struct crashed_page {
		uint64_t index;
		uint32_t flags;
		const uint8_t *bytes;
		uint32_t size;
	} packed[4];
	size_t packed_count;
};

/* Dumps, to be freed by the caller. */
struct blob *crashed_elf(const struct crashed_kernel *kernel, const struct crashed_dump *dump);
struct blob *crashed_kdump(const struct crashed_kernel *kernel, const struct crashed_dump *dump);

/* The same bytes flattened: in records of `step` bytes, the last ones first, and the first record
 * twice, at first with other content. Zeros in between are left out. */
struct blob *crashed_flatten(const struct blob *blob, uint64_t step);

/* A copy of the first bytes. */
struct blob *crashed_cut(const struct blob *blob, uint64_t size);
