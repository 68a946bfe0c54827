/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an errno of the loading calls, of the unload and of the jump means, by the kernel's sources:
 * kernel/kexec.c, kexec_core.c, kexec_file.c, arch/x86/kernel/machine_kexec_64.c and
 * kexec-bzimage64.c, crypto/asymmetric_keys/, fs/kernel_read_file.c, kernel/reboot.c.
 * Newer kernels may know more of them: a jump also calls liveupdate_reboot().
 */
#pragma once

#include <stdbool.h>

struct refusal {
	int code;
	const char *why;  /* a clause that goes on behind "the running kernel refused it" */
	const char *next; /* what to do; NULL: it depends on the machine's state */
	bool other_call;  /* namely to try the other loading call */
};

/*
 * `step` is that of the failure: "kexec_load", "kexec_file_load", "unload" or "reboot". NULL for
 * other steps, and for an errno that is not known of the call.
 */
const struct refusal *refusal_find(const char *step, int code);
