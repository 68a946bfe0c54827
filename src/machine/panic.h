/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a panic does on this machine: what leads to one, what happens if no crash kernel is there to
 * start, and what keeps an armed one up to date (Documentation/admin-guide/sysctl/kernel.rst and
 * Documentation/ABI/testing/sysfs-devices-system-cpu in the kernel).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

/* A sysctl; absent where the running kernel has none of that name. */
struct machine_setting {
	enum fact fact;
	int64_t value;
};

struct machine_panic {
	/* What is then a panic, if not 0. */
	struct machine_setting on_oops, on_warning, on_hung_task, on_soft_lockup, on_hard_lockup,
	    on_out_of_memory, on_unknown_nmi, on_unrecovered_nmi, on_io_nmi;
	struct machine_setting timeout; /* seconds until a reset: 0 never, negative at once */
	/* Crash images that may still be loaded; negative: any number. */
	struct machine_setting loads_left;
	/* 1: the kernel itself tells an armed crash kernel of CPUs or memory that come and go. */
	struct machine_setting cpu_hotplug, memory_hotplug;
	bool can_hotplug_memory; /* there are blocks of memory that can go on and off line */
	bool service_enabled;    /* kexec-crash.service, which arms again */
};

/* Reads all of it; nothing can fail but in its facts. */
void machine_panic_read(struct machine_panic *panic, const struct root *root);
