/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Work that the firmware would do on an ordinary reboot and that a hand-over passes over: the next
 * boot's choice, a visit to the setup screen, updates in capsules (UEFI 2.10, sections 3.1 and
 * 8.5.4).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

struct machine_pending {
	enum fact
	    fact; /* absent: no EFI variables; unreadable: efivarfs is not mounted or readable */
	bool boot_next;           /* BootNext is set */
	uint16_t boot_next_entry; /* Boot####, when it is */
	bool setup_screen;        /* OsIndications asks for the firmware's user interface */
	bool capsules;            /* and for capsules from a file or a configuration update */
};

/* Reads /sys/firmware/efi/efivars. */
void machine_pending_read(struct machine_pending *pending, const struct root *root);

/* Whether there is any such work. */
bool machine_pending_any(const struct machine_pending *pending);
