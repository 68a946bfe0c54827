/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The direct form: the kernel is unpacked, placed and relocated when it is loaded, and entered
 * without its own decompressor, which would do all that during the blackout.
 */
#pragma once

#include "boot/boot.h"

enum { DIRECT_UNSUITABLE = 1 };

/* As `prepare` of a protocol. */
void direct_prepare(const struct boot_source *source, struct payload_job *job);

/*
 * Claims the kernel's segment inside `where`, and sets plan->form, plan->kernel_entry and
 * plan->randomised. When something stands against the direct form, that is plan->form_reason,
 * plan->form is plain, nothing was claimed, and the result is DIRECT_UNSUITABLE. 0 when it is
 * claimed, or a negative errno; a kernel whose compressed part is damaged is an error, because it
 * would never start.
 */
int direct_claim(struct plan *plan, const struct boot_source *source, struct range where,
		 struct error *error);
