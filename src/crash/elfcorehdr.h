/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * elfcorehdr: the ELF header and program headers by which the crash kernel shows the dead kernel's
 * memory as /proc/vmcore. The headers lie in the reservation; what they describe lies where it was.
 *
 * As the kernel itself makes it (crash_prepare_elf64_headers(), kernel/crash_core.c): a PT_NOTE for
 * each CPU, one for vmcoreinfo, a PT_LOAD for the kernel's image and one for each range of RAM.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/range.h"
#include "machine/crash.h"

struct error;

/* Of program headers: ELF counts them in 16 bits, and the last number means something else
 * (PN_XNUM, elf(5)), which no kernel reads here. */
enum { ELFCOREHDR_HEADERS_MAX = 65534 };

struct elfcorehdr_source {
	uint16_t elf_machine; /* EM_X86_64, … */
	const struct machine_crash *crash;
	const struct map *dumped; /* the ranges of RAM, ascending */
	/* A part of them whose content will lie elsewhere by then; empty: none. */
	struct range backed_up;
	uint64_t backup; /* where its first byte will be */
};

/* Bytes of all headers. 0 or a negative errno with a failure added: there are too many. */
int elfcorehdr_size(const struct elfcorehdr_source *source, uint64_t *size, struct error *error);

/* Writes them: as many bytes as elfcorehdr_size() says, into memory of zeros. */
void elfcorehdr_write(const struct elfcorehdr_source *source, uint8_t *to);
