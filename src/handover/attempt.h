/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One attempt at a load: which method, and why.
 */
#pragma once

#include "handover/handover.h"

struct machine;

struct attempt {
	struct method_choice choice;
	unsigned int number;   /* from 1 */
	enum plan_form form;   /* of the plan that came of it */
	bool initrds_unpacked; /* likewise: some of them were */
	const char *plain;     /* why the kernel is to unpack itself, a clause; NULL: it need not */
	bool recorded;         /* the files' digests will be wanted */
	const char *packed;    /* why initrds are not unpacked though they could be; likewise */
};

/* What is tried first, by the request and the machine's facts. */
struct attempt attempt_first(const struct request *request, const struct machine *machine);

/*
 * What is tried after the kernel refused `attempt` with errno `code`. False when nothing is left:
 * -s and -c are absolute, -a falls back on ENOSYS, EINVAL, ENOEXEC and ENOTSUP only, and without a
 * flag kexec_load gives way where the kernel lacks it or a policy forbids only it: once. Where
 * there was no memory for what was unpacked, the same call may take all as it is: once, too.
 */
bool attempt_next(const struct request *request, const struct machine_kernel *kernel, int code,
		  struct attempt *attempt);
