/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boot protocols: what a kernel of some kind needs in order to start, expressed as segments.
 *
 * A protocol claims what it needs, and once everything is placed fills in the bytes that hold
 * addresses. It makes no system call and knows nothing of why the kernel is loaded: the target says
 * what the kernel is told of memory and where it may lie.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"
#include "plan/plan.h"

struct error;
struct machine_console;
struct machine_firmware;
struct machine_kernel;
struct payload_job;
struct progress;

enum { BOOT_SEED_SIZE = 32, BOOT_KASLR_SEED_SIZE = 16 };

/* All that a protocol looks at. Everything is borrowed and must outlive plan_free(). */
struct boot_source {
	const struct image *image;
	const struct blob *initrds;  /* NULL when there is none */
	const char *command_line;    /* it may become shorter until the protocol fills */
	size_t added_length;         /* characters of it that nobody asked for */
	uint64_t load_min, load_max; /* the user's limits for all segments; 0 and UINT64_MAX */
	bool check;                  /* purgatory verifies the segments */
	const uint8_t *seed; /* BOOT_SEED_SIZE random bytes, all there is; NULL: none to be had */
	const uint8_t
	    *kaslr_seed;   /* BOOT_KASLR_SEED_SIZE more, for nothing but addresses; or NULL */
	const char *plain; /* why the kernel is to unpack itself, a clause; NULL: it need not */
	uint64_t memory_available;     /* bytes, for a load; 0 when unknown */
	struct payload_job *unpacking; /* what prepare() made, and who wants it done has run it */
	struct progress *progress;     /* NULL: nobody wants to know */
	const struct machine_kernel *running;
	const struct machine_firmware *firmware;
	const struct machine_console *console;
};

struct boot_protocol {
	enum image_kind kind;
	uint16_t elf_machine; /* of ELF files of machines that run it: EM_X86_64, … */

	/* For people: the protocol, and how the image is entered. Static text. */
	const char *(*describe)(const struct image *image);

	/* Checks that the running machine can start the image; length limits by method. */
	int (*check)(const struct boot_source *source, enum plan_method method,
		     struct error *error);
	/* For PLAN_SEGMENTS only. Where claim() will want the kernel unpacked, as far as can be
	 * told before the initrds are opened, prepares the job of it, to be run beside other work.
	 * One that is not run is done by claim(). */
	void (*prepare)(const struct boot_source *source, struct payload_job *job);
	/* Both for PLAN_SEGMENTS only. The plan's maps are set. 0 or a negative errno. */
	int (*claim)(struct plan *plan, const struct boot_source *source, struct error *error);
	int (*fill)(struct plan *plan, const struct boot_source *source, struct error *error);

	/* Whether the kernel must be told on its command line where ACPI's tables are. */
	bool (*wants_acpi_word)(const struct boot_source *source);
};

/* The protocol for a kind of image; NULL when there is none. */
const struct boot_protocol *boot_protocol_find(enum image_kind kind);
