/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Choosing by which system call a kernel is loaded. Decided from facts, before any call is made: a
 * call to the kernel is never an experiment.
 */
#pragma once

#include <stdbool.h>

#include "plan/plan.h"

/* What the user asked for. */
enum method_wish {
	METHOD_ANY,           /* no flag: the plan with the shortest blackout that is right here */
	METHOD_SEGMENTS_ONLY, /* -c */
	METHOD_FILE_ONLY,     /* -s */
	METHOD_FILE_THEN_SEGMENTS, /* -a */
};

/* "any", "segments", "file", "file-then-segments", as it stands in the record. */
const char *method_wish_name(enum method_wish wish);

/* What the running system demands; each true fact makes `file` the only right one. */
struct method_facts {
	bool locked_down;      /* lockdown=integrity or stricter: kexec_load is forbidden */
	bool ima_appraises;    /* IMA appraises kernels: it needs the file */
	bool handover_enabled; /* KHO: kexec_load would silently drop all preserved state */
	bool confidential;     /* TDX or SEV-SNP guest */
	bool
	    machine_unknown; /* its memory map or boot_params cannot be read: nothing to place by */
	bool for_panic;      /* it is a crash image */
	bool crash_unknown;  /* of it: what elfcorehdr is made of cannot be read */
	const char *refused; /* why an earlier attempt by kexec_load failed; NULL: none did */
};

struct method_choice {
	enum plan_method method;
	const char *reason; /* static or facts->refused: a clause */
};

/*
 * Whether an errno of kexec_file_load says that this call cannot do it and kexec_load perhaps can:
 * ENOSYS, EINVAL, ENOEXEC and ENOTSUP, as in kexec-tools. Every other one is final.
 */
bool method_file_gives_way(int code);

struct method_choice method_choose(enum method_wish wish, const struct method_facts *facts);
