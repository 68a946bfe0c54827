/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system calls: the only room that changes the kernel's state. Exactly one loading call a plan.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

struct blob;
struct error;
struct root;
struct kexec_segment;

/*
 * The calls themselves, so that tests can answer in the kernel's place. Each returns 0 or a
 * positive value, or -1 with errno set, as the system call does.
 */
struct load_calls {
	long (*kexec_load)(unsigned long entry, unsigned long count, struct kexec_segment *segments,
			   unsigned long flags);
	long (*kexec_file_load)(int kernel_fd, int initrd_fd, unsigned long command_line_size,
				const char *command_line, unsigned long flags);
	int (*reboot_kexec)(void);
};

extern const struct load_calls load_calls_live;

struct load_options {
	bool debug; /* ask the kernel to log what it does, where it can */
};

struct load_result {
	bool replaced; /* the kernel took the plan, and dropped what it had before */
	bool emptied;  /* and the plan was unloaded again, so that nothing is loaded now */
};

/*
 * Carries out a sealed plan. The source files are checked before and after; one that has changed is
 * an error of kind ERROR_CHANGED, and what was loaded from it is unloaded again. Returns 0, a
 * positive errno when the kernel itself refused the call (the lines that it logged meanwhile are
 * part of the failure; another method may be tried), or a negative errno for anything else. `root`
 * is for /dev/kmsg.
 */
int load_plan(const struct plan *plan, const struct load_options *options,
	      const struct load_calls *calls, const struct root *root, struct load_result *result,
	      struct error *error);

/*
 * Unloads the image of that kind; that there is none is no error. Under lockdown only
 * kexec_file_load may do it, older kernels have only kexec_load: of the calls that the caller
 * allows, the first is tried first, the second where the first does not exist. 0 or a negative
 * errno.
 */
int load_unload(const struct load_calls *calls, enum plan_kind kind, bool by_file, bool by_segments,
		struct error *error);

/* Jumps. Returns only on failure: a negative errno. */
int load_execute(const struct load_calls *calls, struct error *error);
