/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The running kernel: its version and command line, what it has loaded, what it forbids.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

/* Since then nothing but mem_encrypt=on turns SME on (arch/x86/Kconfig until 6.8:
 * AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT). */
enum { SME_ON_REQUEST_MAJOR = 6, SME_ON_REQUEST_MINOR = 9 };

struct error;

struct machine_kernel {
	char release[80];   /* uname -r; empty when unknown */
	char *command_line; /* NULL when unreadable */
	enum fact loaded_fact, crash_loaded_fact;
	bool loaded, crash_loaded; /* what the kernel says is loaded now */
	enum fact load_disabled_fact;
	bool load_disabled; /* sysctl kernel.kexec_load_disabled */
	enum fact lockdown_fact;
	char lockdown[32]; /* "none", "integrity", "confidentiality" */
	enum fact ima_fact;
	bool ima_appraises;     /* an IMA rule appraises kernels that are loaded by kexec */
	bool handover_enabled;  /* kexec hand-over (KHO): kho=on */
	bool confidential;      /* a guest under TDX or SEV-SNP */
	bool encrypts_memory;   /* SME or SEV is active, or may be */
	bool has_sme;           /* the CPU has SME and the firmware allows it: on or off */
	bool five_level_paging; /* CR4.LA57 is on now */
	bool has_five_level;    /* the CPU has LA57: on or off */
	enum fact privilege_fact;
	bool may_load; /* this process has CAP_SYS_BOOT */
};

/* 0, or -ENOMEM with a failure added; all else is told by the facts. */
int machine_kernel_read(struct machine_kernel *kernel, const struct root *root,
			struct error *error);
/* Whether this process has CAP_SYS_BOOT, alone. */
enum fact machine_privilege_read(const struct root *root, bool *may_load);

void machine_kernel_fini(struct machine_kernel *kernel);

/* Whether the release is at least major.minor; false when it is unknown. */
bool machine_kernel_at_least(const struct machine_kernel *kernel, unsigned int major,
			     unsigned int minor);
