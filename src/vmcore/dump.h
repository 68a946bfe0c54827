/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A dump of a crashed kernel's memory, by physical addresses, whatever its format: an ELF core
 * (/proc/vmcore or a copy of it) or what makedumpfile writes (kdump-compressed), both also
 * flattened. Other addresses and what lies in memory are vmcore.h's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "vmcore/dump-file.h"
#include "vmcore/vmcoreinfo.h"

struct blob;
struct dump;
struct elf_core;
struct kdump;

/* A format: a row in dump.c's table. */
struct dump_format {
	const char *name;

	/* Whether the first bytes of a dump are of this format. */
	bool (*recognise)(struct bytes head);

	/* Fills the dump. What is damaged and can be done without goes into dump->damage. 0 or a
	 * negative errno. */
	int (*open)(struct dump *dump, struct error *error);

	/* See dump_read(). */
	uint64_t (*read)(struct dump *dump, uint64_t physical, uint8_t *to, uint64_t size,
			 struct error *error);

	void (*close)(struct dump *dump);
};

struct dump {
	struct dump_file file;
	const struct dump_format *format;
	enum byte_order order;
	unsigned int word; /* bytes of a pointer and of an unsigned long: 4 or 8 */
	uint16_t machine;  /* EM_… (elf.h); EM_NONE: not known */
	uint64_t phys_base;
	bool has_phys_base;   /* what phys_base says was in the dump's header */
	struct pieces ranges; /* of virtual addresses, by the dump's own table: physical ones */
	struct vmcoreinfo info;
	struct error damage; /* what is damaged, and was done without */
	union {
		struct elf_core *elf; /* the format's own, owned */
		struct kdump *kdump;
	};
};

/* Bytes that recognise() wants to see. */
enum { DUMP_HEAD_SIZE = 4096 };

/*
 * Opens a file, or a blob, which is taken over, on failure too. 0 or a negative errno, and then
 * there is nothing to close.
 */
int dump_open(struct dump *dump, const char *path, struct error *error);
int dump_open_blob(struct dump *dump, struct blob *blob, struct error *error);

void dump_close(struct dump *dump);
#define cleanup_dump __attribute__((cleanup(dump_close)))

/*
 * Copies memory from a physical address on. Returns how many bytes could be had without a gap; when
 * that is less than `size`, a failure that tells why has been added.
 */
uint64_t dump_read(struct dump *dump, uint64_t physical, void *to, uint64_t size,
		   struct error *error);
