/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Never to disarm a machine by accident.
 *
 * The kernel frees the crash image that it has before it looks at the new one (kernel/kexec.c,
 * kexec_file.c). So before it is asked, all is made ready to load the old one again, from the
 * record of it: its files are compared with what they were, and its plan is made and sealed. Where
 * that cannot be there is no way back, and the new one is refused, unless the user allows it.
 */
#pragma once

#include <stdbool.h>

#include "handover/handover.h"
#include "record/read.h"

struct machine;

struct way_back {
	bool armed;           /* a crash image is loaded, or may be */
	struct record record; /* of it */
	struct plan *plan;    /* by which it can be loaded again; NULL: it cannot */
};

/*
 * Looks what is armed, and prepares. With the lock held. 0, or a negative errno with a failure of
 * kind ERROR_RISKY added that says why there is no way back; where `allowed`, that is no failure.
 * End it with way_back_fini() always.
 */
int way_back_prepare(struct way_back *back, const struct machine *machine, const struct root *root,
		     bool allowed, struct error *error);

/*
 * Whether one more load would leave enough of kernel.kexec_load_limit_panic for the way back, asked
 * now. 0 or as above.
 */
int way_back_check_limit(const struct way_back *back, const struct root *root, bool allowed,
			 struct error *error);

/*
 * Behind a load that failed: loads the old image again if the kernel has dropped it. *disarmed
 * tells whether what was armed is lost, *restored whether that was averted. Failures are added.
 */
void way_back_take(const struct way_back *back, const struct load_calls *calls,
		   const struct root *root, bool *disarmed, bool *restored, struct error *error);

void way_back_fini(struct way_back *back);
