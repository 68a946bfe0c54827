/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The running system as data. Each part has a file of its own; a function that needs one part takes
 * that part. Reading changes nothing.
 */
#pragma once

#include "machine/console.h"
#include "machine/crash.h"
#include "machine/firmware.h"
#include "machine/kernel.h"
#include "machine/memory.h"

struct machine {
	struct machine_memory memory;
	struct machine_kernel kernel;
	struct machine_firmware firmware;
	struct machine_console console;
	struct machine_crash crash; /* read on its own, where it is wanted */
};

/* Reads all parts below `root`, but for `crash`. 0 or a negative errno; the caller ends it with
 * machine_fini(). */
int machine_read(struct machine *machine, const struct root *root, struct error *error);
void machine_fini(struct machine *machine);
