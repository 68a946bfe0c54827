/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/attempt.h"

#include <errno.h>
#include <string.h>

#include "machine/machine.h"

/* A user who may not load sees hidden addresses; for root they would be there. */
static bool machine_is_unknown(const struct machine *machine)
{
	return machine->firmware.boot_params_fact != FACT_KNOWN ||
	       machine->memory.firmware_fact != FACT_KNOWN ||
	       (machine->memory.iomem_fact != FACT_KNOWN && machine->kernel.may_load);
}

/* What elfcorehdr is made of; without it the kernel makes its own. */
static bool crash_is_unknown(const struct machine *machine)
{
	const struct machine_crash *crash = &machine->crash;

	return machine->kernel.may_load &&
	       (crash->ranges_fact != FACT_KNOWN || crash->cpus_fact != FACT_KNOWN ||
		crash->vmcoreinfo_fact != FACT_KNOWN || crash->mapping_fact != FACT_KNOWN);
}

static const char *why_plain(const struct request *request)
{
	if (request->plain)
		return "--plain asks for it";
	return request->kind == PLAN_CRASH ? "after a panic there is no blackout to shorten" : NULL;
}

struct attempt attempt_first(const struct request *request, const struct machine *machine)
{
	const struct machine_kernel *kernel = &machine->kernel;
	struct method_facts facts = {
	    .locked_down =
		kernel->lockdown_fact == FACT_KNOWN && strcmp(kernel->lockdown, "none") != 0,
	    .ima_appraises = kernel->ima_appraises,
	    /* A crash image preserves nothing. */
	    .handover_enabled = kernel->handover_enabled && request->kind == PLAN_NORMAL,
	    .confidential = kernel->confidential,
	    .machine_unknown = machine_is_unknown(machine),
	    .for_panic = request->kind == PLAN_CRASH,
	    .crash_unknown = request->kind == PLAN_CRASH && crash_is_unknown(machine),
	};

	return (struct attempt){
	    .choice = method_choose(request->method, &facts),
	    .number = 1,
	    .plain = why_plain(request),
	};
}

bool attempt_next(const struct request *request, const struct machine_kernel *kernel, int code,
		  struct attempt *attempt)
{
	bool first = attempt->number++ == 1;

	if (code == ENOMEM && (attempt->form == PLAN_DIRECT || attempt->initrds_unpacked)) {
		if (attempt->form == PLAN_DIRECT)
			attempt->plain = "the running kernel has no memory for it unpacked";
		if (attempt->initrds_unpacked)
			attempt->packed = "the running kernel has no memory for them unpacked";
		return true;
	}
	if (!first)
		return false;
	if (request->method == METHOD_FILE_THEN_SEGMENTS && method_file_gives_way(code)) {
		attempt->choice = (struct method_choice){
		    PLAN_SEGMENTS, "-a allows it and the running kernel refused kexec_file_load"};
		return true;
	}
	if (request->method != METHOD_ANY || attempt->choice.method != PLAN_SEGMENTS)
		return false;
	if (code == ENOSYS)
		attempt->choice =
		    (struct method_choice){PLAN_FILE, "the running kernel has no kexec_load"};
	else if (code == EACCES || (code == EPERM && kernel->lockdown_fact != FACT_KNOWN))
		attempt->choice = (struct method_choice){
		    PLAN_FILE, "a policy of the running kernel forbids kexec_load"};
	else
		return false;
	return true;
}
