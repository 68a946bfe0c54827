/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the EFI firmware itself would start next: BootNext, or the first of BootOrder that is active
 * (UEFI 2.10, sections 3.1.1 and 3.1.3).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

struct machine_boot_option {
	bool found;
	bool once;       /* it is BootNext */
	uint16_t number; /* of its variable, Boot%04X */
	char *description;
	char *path;              /* of the program on its partition: "\EFI\debian\shimx64.efi" */
	char *options;           /* what the program is given, where that is text; else "" */
	char partition_uuid[40]; /* in small letters; empty where it names none */
};

/* One that is broken, or no program in a file, is found and has no path. 0, or -ENOMEM. */
int machine_boot_option_read(struct machine_boot_option *option, const struct root *root);
void machine_boot_option_fini(struct machine_boot_option *option);
