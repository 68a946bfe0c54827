/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The x86-64 kernel itself: the ELF file inside a bzImage, made what it is in memory. It is changed
 * in place, where it was unpacked to, so that nothing is copied a second time.
 *
 * Sources: parse_elf() in arch/x86/boot/compressed/misc.c, arch/x86/kernel/vmlinux.lds.S.
 */
#pragma once

#include <stdint.h>

#include "image/relocations.h"

struct blob;
struct error;

enum { VMLINUX_REASON_SIZE = 160 };

struct vmlinux {
	uint8_t *bytes; /* the whole file; changed in place */
	uint64_t size;
	uint64_t offset;       /* where in it the kernel's first byte lies */
	uint64_t content_size; /* bytes from there on that are not all zeros */
	uint64_t memory_size;  /* bytes that it takes in memory, a multiple of the page size */
	uint64_t physical;     /* the address that its first byte is linked to lie at */
	uint64_t virtual;      /* and the one by which it is called */
	uint64_t entry;        /* offset of the entry from the first byte */
	struct relocations relocations;
};

/*
 * Reads the ELF file in `bytes`, and brings its parts in the order and distance that they have in
 * memory. NULL when it has the shape of a kernel that can be entered directly; else why not, a
 * clause. Nothing in it is believed before it is checked, and on failure the bytes may be spoiled.
 */
const char *vmlinux_read(struct vmlinux *vmlinux, uint8_t *bytes, uint64_t size);

/* Moves it by so many bytes of virtual addresses. NULL, or why not; then the bytes are spoiled. */
const char *vmlinux_relocate(struct vmlinux *vmlinux, uint64_t distance);

/* To be called last: content_size becomes what is left without the zeros at its end. */
void vmlinux_trim(struct vmlinux *vmlinux);
