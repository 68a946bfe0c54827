/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A crashed kernel's memory by its own virtual addresses: a dump, and how the kernel's addresses
 * translate to physical ones.
 *
 * The dump's own table (PT_LOAD's p_vaddr) is asked first; then the windows that the architecture
 * maps linearly, whose places VMCOREINFO tells (windows.c); on x86-64 at last the kernel's page
 * tables (page-table-x86.c).
 */
#pragma once

#include "vmcore/dump.h"

/* Virtual addresses that are mapped linearly. */
struct window {
	uint64_t virtual, size;
	uint64_t physical;
};

enum { WINDOWS_MAX = 4 };

struct vmcore {
	struct dump dump;
	struct window windows[WINDOWS_MAX];
	size_t window_count;
	bool has_page_table;   /* x86-64 */
	uint64_t page_table;   /* its physical address */
	unsigned int levels;   /* 4 or 5 */
	uint64_t address_mask; /* of an entry: the bits that are an address */
};

/* As dump_open() and dump_open_blob(). */
int vmcore_open(struct vmcore *vmcore, const char *path, struct error *error);
int vmcore_open_blob(struct vmcore *vmcore, struct blob *blob, struct error *error);

void vmcore_close(struct vmcore *vmcore);
#define cleanup_vmcore __attribute__((cleanup(vmcore_close)))

/*
 * The physical address of a virtual one, and how many bytes from there on lie one behind the other
 * in both (at least 1). False when it is not known; when a page table could not be read, a failure
 * that tells why has been added.
 */
bool vmcore_translate(struct vmcore *vmcore, uint64_t address, uint64_t *physical, uint64_t *size,
		      struct error *error);

/* As dump_read(), of a virtual address. */
uint64_t vmcore_read(struct vmcore *vmcore, uint64_t address, void *to, uint64_t size,
		     struct error *error);

/* A number of `width` bytes, 1 to 8, and a pointer or unsigned long, in the kernel's order. 0 or a
 * negative errno. */
int vmcore_read_number(struct vmcore *vmcore, uint64_t address, unsigned int width, uint64_t *value,
		       struct error *error);
int vmcore_read_pointer(struct vmcore *vmcore, uint64_t address, uint64_t *value,
			struct error *error);
