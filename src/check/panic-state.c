/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about how the running kernel is set. */
#include <inttypes.h>

#include "check/panic-rules.h"

void look_at_armed(struct check_finding *finding, const struct check_rule *rule,
		   const struct check_facts *facts)
{
	(void)rule;
	if (facts->kernel.crash_loaded_fact == FACT_ABSENT)
		check_found(finding, CHECK_PROBLEM, "boot a kernel with CONFIG_CRASH_DUMP",
			    "the running kernel cannot start a crash kernel");
	else if (facts->kernel.crash_loaded_fact == FACT_UNREADABLE)
		check_found(finding, CHECK_UNKNOWN, "look at /sys/kernel/kexec_crash_loaded",
			    "whether one is loaded cannot be read");
	else if (facts->kernel.crash_loaded)
		check_found(finding, CHECK_OK, NULL, "one is loaded");
	else
		check_found(finding, CHECK_PROBLEM,
			    "load one: kexec load --panic KERNEL --initrd=INITRD",
			    "none is loaded, so a panic gives no dump");
}

/* What is armed stays so; it only cannot be armed again. */
void look_at_permission(struct check_finding *finding, const struct check_rule *rule,
			const struct check_facts *facts)
{
	const struct machine_setting *left = &facts->panic.loads_left;

	(void)rule;
	if (facts->kernel.load_disabled_fact == FACT_UNREADABLE)
		check_found(finding, CHECK_UNKNOWN, NULL,
			    "kernel.kexec_load_disabled cannot be read");
	else if (facts->kernel.load_disabled)
		check_found(finding, CHECK_WARNING, "a reboot lifts it (see /etc/sysctl.d)",
			    "kernel.kexec_load_disabled is set: what is loaded cannot be replaced");
	else if (left->fact == FACT_KNOWN && left->value == 0)
		check_found(finding, CHECK_WARNING, "a reboot lifts it (see /etc/sysctl.d)",
			    "kernel.kexec_load_limit_panic is used up: what is loaded cannot be "
			    "replaced");
	else if (left->fact == FACT_KNOWN && left->value > 0)
		check_found(finding, CHECK_INFORMATION, NULL,
			    "kernel.kexec_load_limit_panic allows %" PRId64 " more", left->value);
	else
		check_found(finding, CHECK_OK, NULL, "crash kernels may be loaded");
}

static bool handles(const struct machine_setting *setting)
{
	return setting->fact == FACT_KNOWN && setting->value == 1;
}

void look_at_hotplug(struct check_finding *finding, const struct check_rule *rule,
		     const struct check_facts *facts)
{
	const struct machine_panic *panic = &facts->panic;
	bool cpu = handles(&panic->cpu_hotplug);
	bool memory = handles(&panic->memory_hotplug) || !panic->can_hotplug_memory;

	(void)rule;
	if (cpu && memory)
		check_found(finding, CHECK_OK, NULL, "the kernel itself tells the crash kernel");
	else if (panic->service_enabled)
		check_found(finding, CHECK_OK, NULL, "kexec-crash.service then loads it again");
	else
		check_found(finding, CHECK_WARNING,
			    "load again after each, or enable kexec-crash.service, which does",
			    "a dump would lack %s that %s after the crash kernel was loaded",
			    cpu      ? "memory"
			    : memory ? "CPUs"
				     : "CPUs and memory",
			    cpu ? "comes" : "come");
}

void look_at_setting(struct check_finding *finding, const struct check_rule *rule,
		     const struct check_facts *facts)
{
	const struct machine_setting *setting =
	    (const struct machine_setting *)((const char *)&facts->panic + rule->setting->offset);

	if (setting->fact == FACT_UNREADABLE)
		check_found(finding, CHECK_UNKNOWN, NULL, "%s cannot be read", rule->setting->name);
	else if (setting->fact == FACT_ABSENT)
		check_found(finding, CHECK_INFORMATION, NULL, "the running kernel has no %s",
			    rule->setting->name);
	else
		check_found(finding, CHECK_INFORMATION, NULL, "%s (%s=%" PRId64 ")",
			    setting->value ? rule->setting->when_set : rule->setting->when_not_set,
			    rule->setting->name, setting->value);
}

/* The setting for hardware errors has the same effect (arch/x86/kernel/nmi.c, unknown_nmi_error()).
 */
void look_at_unknown_nmi(struct check_finding *finding, const struct check_rule *rule,
			 const struct check_facts *facts)
{
	const struct machine_setting *own = &facts->panic.on_unknown_nmi;
	const struct machine_setting *other = &facts->panic.on_unrecovered_nmi;

	if (own->fact == FACT_KNOWN && own->value == 0 && other->fact == FACT_KNOWN && other->value)
		check_found(finding, CHECK_INFORMATION, NULL,
			    "%s (kernel.panic_on_unrecovered_nmi=%" PRId64 ")",
			    rule->setting->when_set, other->value);
	else
		look_at_setting(finding, rule, facts);
}

void look_at_timeout(struct check_finding *finding, const struct check_rule *rule,
		     const struct check_facts *facts)
{
	const struct machine_setting *timeout = &facts->panic.timeout;

	(void)rule;
	if (timeout->fact != FACT_KNOWN)
		check_found(finding, CHECK_UNKNOWN, NULL, "kernel.panic cannot be read");
	else if (timeout->value == 0)
		check_found(finding, CHECK_INFORMATION, NULL,
			    "the machine would then stand still (kernel.panic=0)");
	else if (timeout->value < 0)
		check_found(finding, CHECK_INFORMATION, NULL,
			    "the machine would then reset at once (kernel.panic=%" PRId64 ")",
			    timeout->value);
	else
		check_found(finding, CHECK_INFORMATION, NULL,
			    "the machine would then reset after %" PRId64 " s (kernel.panic)",
			    timeout->value);
}
