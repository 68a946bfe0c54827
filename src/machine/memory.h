/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's memory: what the firmware says of it, and what of it may be written to.
 *
 * These are two maps, not one. What the next kernel is told is the firmware's map
 * (/sys/firmware/memmap). What may be a destination is only what the running kernel itself uses as
 * ordinary RAM (/proc/iomem): ranges that the command line took away (memmap=, pmem), that EFI or a
 * driver reserved, or that a hypervisor may take back, still look like RAM in the first.
 */
#pragma once

#include <stdint.h>

#include "base/range.h"
#include "base/root.h"

struct error;

/* Types of address ranges, by their numbers in ACPI 6.5 section 15 and in the kernel's e820. */
enum memory_type {
	MEMORY_RAM = 1,
	MEMORY_RESERVED = 2,
	MEMORY_ACPI_TABLES = 3,
	MEMORY_ACPI_NVS = 4,
	MEMORY_UNUSABLE = 5,
	MEMORY_PERSISTENT = 7,
	MEMORY_PERSISTENT_LEGACY = 12,
	MEMORY_SOFT_RESERVED = 0xefffffff,
};

struct machine_memory {
	enum fact firmware_fact; /* of firmware */
	enum fact iomem_fact;    /* of usable; unreadable when the kernel hides the addresses */
	enum fact poison_fact;   /* unreadable: some pages of usable are broken, none knows which */
	struct map firmware;     /* in the firmware's own order */
	struct map usable;       /* normalised; all destinations of a normal load lie here */
	uint64_t total;          /* bytes, as the kernel counts them; 0 when unknown */
	/* Bytes, likewise, and no more than this process's control groups leave it, although what
	 * the kernel takes for its own copy does not count there (machine/memory-limit.h). */
	uint64_t available;
};

/* Reads all parts below `root`. Only a lack of memory is an error; the rest is told by the facts.
 */
int machine_memory_read(struct machine_memory *memory, const struct root *root,
			struct error *error);
void machine_memory_fini(struct machine_memory *memory);

/* Parsers of the two texts, for the above and for tests. 0 or -ENOMEM. */
int iomem_parse_usable(struct map *usable, const char *text, enum fact *fact);
enum memory_type memory_type_from_name(const char *name);
