/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a crash kernel needs beside what every kernel needs. It is added to a plan around the boot
 * protocol's own steps, in this order:
 *
 *   crash_check()     whether the machine tells enough, and has a reservation
 *   crash_begin()     the plan's maps, and the longest command line that may come of it
 *   (the protocol claims)
 *   crash_claim()     elfcorehdr, and room for a backup of low memory
 *   (placing)
 *   crash_settle()    what holds addresses: elfcorehdr's bytes, the map, the command line
 *   (the protocol fills in the rest)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crash/memory.h"
#include "plan/plan.h"

struct error;
struct machine_crash;
struct machine_kernel;
struct machine_memory;

enum crash_hotplug {
	CRASH_HOTPLUG_NO,
	CRASH_HOTPLUG_IF_POSSIBLE,
	CRASH_HOTPLUG_WANTED, /* likewise, and it is told when it is not possible */
};

/* All that is looked at. Borrowed. */
struct crash_source {
	const struct machine_crash *crash;
	const struct machine_memory *memory;
	const struct machine_kernel *running;
	const char *command_line; /* as it was asked for */
	uint16_t elf_machine;     /* of the running kernel: EM_X86_64, … */
	uint64_t acpi_rsdp;       /* what must be told on the command line; 0: nothing */
	uint64_t load_min, load_max;
	bool check; /* purgatory verifies the segments */
	bool memmap_words;
	enum crash_hotplug hotplug;
};

/* What is kept from one step to the next. */
struct crash_steps {
	struct crash_low_memory low;
	struct map dumped;
	uint64_t headers_size; /* of elfcorehdr, bytes */
	size_t elfcorehdr;     /* index of the segment */
	size_t backup;         /* likewise, where low.backed_up is not empty */
	struct range backed_up;
};

void crash_steps_fini(struct crash_steps *steps);
#define cleanup_crash_steps cleanup_with(crash_steps_fini)

/* Each returns 0, or a negative errno with a failure added. */
int crash_check(const struct crash_source *source, enum plan_method method, struct error *error);
int crash_begin(struct plan *plan, const struct crash_source *source, struct crash_steps *steps,
		struct error *error);
int crash_claim(struct plan *plan, const struct crash_source *source, struct crash_steps *steps,
		struct error *error);
int crash_settle(struct plan *plan, const struct crash_source *source,
		 const struct crash_steps *steps, struct error *error);

/*
 * A number that changes when what a dump must have changes: memory or CPUs have come or gone. 0 or
 * -ENOMEM.
 */
int crash_fingerprint(const struct machine_crash *crash, uint64_t *fingerprint);

/*
 * Whether segments as these, claimed and not placed, have room where kexec_file_load puts them
 * (bzImage64_load(), arch/x86/kernel/kexec-bzimage64.c): elfcorehdr as low as it can lie, all else
 * as high as it can, first the small ones, then the kernel, then the initrd. The plan's own order
 * is lost. 0 or a negative errno with a failure added.
 */
int crash_fits_by_file(struct plan *plan, const struct crash_source *source, struct error *error);
