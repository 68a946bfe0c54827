/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the running kernel tells of its own crash: the memory that it keeps free for a crash kernel,
 * where its notes are, which memory a dump must have, and how it is mapped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/range.h"
#include "base/root.h"

struct error;

/* Where a CPU leaves its registers when the kernel panics. Numbers may have gaps. */
struct crash_cpu {
	uint64_t number;
	struct range notes; /* physical */
};

/* How the kernel maps itself and RAM, as /proc/kcore shows it. */
struct kernel_mapping {
	uint64_t linear;       /* virtual address of physical address 0 in the map of all RAM */
	struct range text;     /* of the kernel's image, physical; empty: not shown */
	uint64_t text_virtual; /* and the virtual address of its start */
};

struct machine_crash {
	enum fact ranges_fact; /* of reserved, upper, ram: unreadable where addresses are hidden */
	struct map reserved;   /* all parts of the reservation, ascending */
	struct range upper;    /* the part that segments go to; empty: nothing is reserved */
	struct map ram;        /* all RAM in use, also of virtio-mem and dax/kmem, and `reserved` */
	enum fact size_fact;
	uint64_t size; /* bytes of the upper part, as everybody may read it; 0: none */
	/*
	 * What crashkernel=N,cma set aside; the crash kernel may use it. Kernels 6.17 and 6.18 have
	 * it and do not tell where: absent, with `cma_asked`.
	 */
	enum fact cma_fact;
	struct map cma;
	bool cma_asked; /* on the running kernel's command line */
	enum fact vmcoreinfo_fact;
	struct range vmcoreinfo; /* physical: the note */
	enum fact cpus_fact;     /* absent: no CPU has a place for notes */
	struct crash_cpu *cpus;  /* owned, by ascending number; those that have one */
	size_t cpu_count;
	enum fact mapping_fact;
	struct kernel_mapping mapping;
	/* Bytes that elfcorehdr needs where the kernel is to keep it up to date; absent: it does
	 * not (before 6.6, or without CONFIG_CRASH_HOTPLUG). */
	enum fact elfcorehdr_size_fact;
	uint64_t elfcorehdr_size;
	/* The text of crash-words.conf, and which file it is of; absent: there is none. */
	enum fact words_fact;
	char *words; /* owned */
	const char *words_path;
	enum fact load_limit_fact;
	bool load_limited;   /* kernel.kexec_load_limit_panic is a number */
	uint64_t load_limit; /* of loads that are still allowed */
};

/* What people want on a crash kernel's command line (crash/words.h): the first that is there. */
#define CRASH_WORDS_LOCAL   "/etc/kexec/crash-words.conf"
#define CRASH_WORDS_BUILT   "/usr/local/lib/kexec/crash-words.conf"
#define CRASH_WORDS_SHIPPED "/usr/lib/kexec/crash-words.conf"

/* 0, or -ENOMEM with a failure added; all else is told by the facts. */
int machine_crash_read(struct machine_crash *crash, const struct root *root, struct error *error);
void machine_crash_fini(struct machine_crash *crash);

/* Whether the kernel says that a crash kernel is loaded, asked now. */
enum fact machine_crash_is_loaded(const struct root *root, bool *loaded);

/* The reservation alone, for who wants nothing else: its upper part's size in bytes, 0 for none. */
enum fact machine_crash_reserved_size(const struct root *root, uint64_t *size);

/*
 * Reads the program headers of /proc/kcore. `ram` is normalised; `kernel_start` is the physical
 * address of "Kernel code". -ENOMEM or 0, with the fact.
 */
int kernel_mapping_read(struct kernel_mapping *mapping, enum fact *fact, const struct root *root,
			const struct map *ram, uint64_t kernel_start);
