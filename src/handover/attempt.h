/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One attempt at a load: which method, and why.
 */
#pragma once

#include "handover/handover.h"

struct machine;

struct attempt {
	struct method_choice choice;
	unsigned int number; /* from 1 */
	enum plan_form form; /* of the plan that came of it */
	const char *plain;   /* why the kernel is to unpack itself, a clause; NULL: it need not */
};

/* What is tried first, by the request and the machine's facts. */
struct attempt attempt_first(const struct request *request, const struct machine *machine);

/*
 * What is tried after the kernel refused `attempt` with errno `code`. False when nothing is left:
 * -s and -c are absolute, -a falls back on ENOSYS, EINVAL, ENOEXEC and ENOTSUP only, and without a
 * flag kexec_load gives way where the kernel lacks it or a policy forbids only it. Where there was
 * no memory for a kernel that is unpacked, the same call may take it as it is.
 */
bool attempt_next(const struct request *request, const struct machine_kernel *kernel, int code,
		  struct attempt *attempt);
