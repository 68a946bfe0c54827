/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Linux/x86 boot protocol, with the kernel's own decompressor ("plain"): entered in 64-bit
 * mode, or in 32-bit protected mode when the image has no 64-bit entry.
 *
 * Segments: the kernel's protected-mode part, the initrds, boot_params with the command line behind
 * it, a chain of setup_data nodes, purgatory.
 */
#pragma once

#include "boot/boot.h"

extern const struct boot_protocol boot_linux_x86;

/* Indexes of the segments of a plan under this protocol; initrd comes last and may be missing. */
enum linux_x86_segment {
	LINUX_X86_KERNEL,
	LINUX_X86_BOOT_PARAMS,
	LINUX_X86_SETUP_DATA,
	LINUX_X86_PURGATORY,
	LINUX_X86_INITRD,
};
