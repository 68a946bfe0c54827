/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Machines that do not exist, as data: the same on every host.
 */
#pragma once

struct machine;

enum {
	FAKE_MACHINE_BIOS,  /* 2 GiB, half of it above 4 GiB */
	FAKE_MACHINE_EFI,   /* with runtime services, and tables that lie in usable memory */
	FAKE_MACHINE_TORN,  /* its firmware's map is longer than boot_params can hold */
	FAKE_MACHINE_SMALL, /* 48 MiB */
	FAKE_MACHINE_LAST,  /* its memory reaches to the last page of all addresses */
	FAKE_MACHINE_COUNT,
};

/* `which` is taken modulo FAKE_MACHINE_COUNT. It is for reading only, and not to be ended. */
const struct machine *fake_machine(unsigned int which);
