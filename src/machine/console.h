/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The console that code without an operating system can write to: an 8250-like UART behind port
 * I/O.
 */
#pragma once

#include <stdint.h>

#include "base/root.h"

struct machine_console {
	enum fact serial_fact;
	char serial_name[16]; /* "ttyS0" */
	uint16_t serial_port; /* first I/O port of the UART */
};

/* Looks at the kernel's active consoles and takes the last one that is such a UART. */
void machine_console_read(struct machine_console *console, const struct root *root);
