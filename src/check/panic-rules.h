/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of the rows in panic-rules.c. Each fills in what its rule found. */
#pragma once

#include "check/check.h"
#include "check/facts.h"

/* A sysctl of struct machine_panic that only is told. */
struct check_setting {
	size_t offset; /* of the struct machine_setting */
	const char *name;
	const char *when_set, *when_not_set; /* sentences */
};

typedef void check_look(struct check_finding *finding, const struct check_rule *rule,
			const struct check_facts *facts);

/* panic-memory.c */
check_look look_at_reservation, look_at_low_memory, look_at_size;

/* panic-state.c */
check_look look_at_armed, look_at_permission, look_at_hotplug, look_at_setting, look_at_unknown_nmi,
    look_at_timeout;

/* panic-files.c */
check_look look_at_files, look_at_disk;

/* The room that there is, as far as it is known. */
struct crash_room check_room(const struct machine_crash *crash);
