/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a panic will give a dump: the table. A new rule is a row here and a function in one of
 * the files below.
 */
#include "check/panic-rules.h"

#define SETTING(its_id, its_subject, field, name, when_set, when_not_set)                          \
	SETTING_BY(look_at_setting, its_id, its_subject, field, name, when_set, when_not_set)

#define SETTING_BY(its_look, its_id, its_subject, field, name, when_set, when_not_set)             \
	{                                                                                          \
		.id = its_id, .subject = its_subject, .severity = CHECK_INFORMATION,               \
		.kind = ERROR_NONE, .look = its_look,                                              \
		.setting = &(const struct check_setting){offsetof(struct machine_panic, field),    \
							 name, when_set, when_not_set},            \
	}

const struct check_rule check_panic_rules[] = {
    {"reservation", "memory for a crash kernel", CHECK_PROBLEM, ERROR_NO_ROOM, look_at_reservation},
    {"low-memory", "memory below 4 GiB", CHECK_WARNING, ERROR_NONE, look_at_low_memory},
    {"files", "kernel and initrd", CHECK_PROBLEM, ERROR_FILE, look_at_files},
    {"size", "size of that memory", CHECK_PROBLEM, ERROR_NO_ROOM, look_at_size},
    {"armed", "crash kernel", CHECK_PROBLEM, ERROR_NOT_LOADED, look_at_armed},
    {"may-load", "permission to load one", CHECK_WARNING, ERROR_FORBIDDEN, look_at_permission},
    {"hotplug", "CPUs and memory that come and go", CHECK_WARNING, ERROR_NONE, look_at_hotplug},
    {"disk-driver", "drivers for the disk of the dump", CHECK_WARNING, ERROR_NONE, look_at_disk},
    SETTING("panic-on-oops", "kernel oops", on_oops, "kernel.panic_on_oops",
	    "an oops panics, and gives a dump",
	    "an oops kills a task and gives no dump, but for one in an interrupt or in init"),
    SETTING_BY(look_at_unknown_nmi, "unknown-nmi", "NMI of unknown cause", on_unknown_nmi,
	       "kernel.unknown_nmi_panic",
	       "an NMI that nothing explains, as of a management board's button, panics",
	       "an NMI that nothing explains, as of a management board's button, gives no dump"),
    SETTING("unrecovered-nmi", "NMI of a hardware error", on_unrecovered_nmi,
	    "kernel.panic_on_unrecovered_nmi",
	    "an NMI for memory or bus errors, or that nothing explains, panics",
	    "an NMI for memory or bus errors is only told in the log"),
    SETTING("io-nmi", "NMI of an I/O error", on_io_nmi, "kernel.panic_on_io_nmi",
	    "an NMI for I/O errors panics", "an NMI for I/O errors is only told in the log"),
    SETTING("hung-task", "hung task", on_hung_task, "kernel.hung_task_panic",
	    "a task that hangs too long panics", "a task that hangs is only told in the log"),
    SETTING("soft-lockup", "soft lockup", on_soft_lockup, "kernel.softlockup_panic",
	    "a CPU that does not schedule panics",
	    "a CPU that does not schedule is only told in the log"),
    SETTING("hard-lockup", "hard lockup", on_hard_lockup, "kernel.hardlockup_panic",
	    "a CPU that takes no interrupts panics",
	    "a CPU that takes no interrupts is only told in the log"),
    SETTING("out-of-memory", "out of memory", on_out_of_memory, "vm.panic_on_oom",
	    "memory that runs out panics", "memory that runs out kills a process"),
    SETTING("warning", "kernel warning", on_warning, "kernel.panic_on_warn",
	    "every warning of the kernel panics",
	    "warnings of the kernel are only told in the log"),
    {"timeout", "panic without a crash kernel", CHECK_INFORMATION, ERROR_NONE, look_at_timeout},
};

const size_t check_panic_rule_count = sizeof(check_panic_rules) / sizeof(*check_panic_rules);

_Static_assert(sizeof(check_panic_rules) / sizeof(*check_panic_rules) <= CHECK_RULES_MAX,
	       "each has room for what it finds");
