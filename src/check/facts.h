/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the rules look at, read beforehand: the machine, the files that are or would be loaded, the
 * disk that the dump goes to.
 */
#pragma once

#include "base/error.h"
#include "base/root.h"
#include "check/crash-need.h"
#include "machine/block-drivers.h"
#include "machine/crash.h"
#include "machine/kernel.h"
#include "machine/panic.h"

/* What is asked for. Text is borrowed. */
struct check_wish {
	const char *kernel; /* NULL: what is armed, or else what crash.conf names */
	const char *const *initrds;
	size_t initrd_count;
	const char *dump_folder; /* likewise */
};

/* Where a module of the disk's is, for the crash kernel. */
enum check_module {
	CHECK_MODULE_MISSING,
	CHECK_MODULE_IN_INITRD,
	CHECK_MODULE_BUILT_IN,
};

struct check_files {
	bool known;           /* there is a kernel to look at */
	bool armed;           /* they are of what is armed now */
	struct error failure; /* why not, where one is armed or configured */
	char kernel[256], initrd[256];
	char changed[256]; /* a file of what is armed that has been written over since; "": none */
	char release[80];  /* the kernel's; empty when it does not say */
	struct crash_need need; /* what it and its initrd take */
	bool initrds_whole;     /* all names in them were read */
	bool initrds_hide;      /* one of them holds an image with files of its own */
	enum check_module modules[BLOCK_DRIVERS_MAX]; /* of the disk's, in its order */
};

struct check_facts {
	struct machine_kernel kernel;
	struct machine_panic panic;
	struct machine_crash crash;
	struct machine_disk disk;
	struct check_files files;
	char dump_folder[256]; /* that was asked for, or is configured */
};

/* 0, or a negative errno with a failure added: no memory, or a file that was asked for cannot be
 * read. The rest is told by the facts. The caller ends it with check_facts_fini() always. */
int check_facts_read(struct check_facts *facts, const struct check_wish *wish,
		     const struct root *root, struct error *error);
void check_facts_fini(struct check_facts *facts);
