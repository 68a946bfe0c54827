/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a plan tells purgatory, and what purgatory leaves for the next kernel.
 *
 * Purgatory is one position-independent blob. It occupies a window of fixed size: code and
 * constants, then from a known offset this parameter block, then its stack. Compiled freestanding
 * too: nothing but fixed-width types here.
 */
#pragma once

#include <stdint.h>

#include "plan/check.h"

#define PURGATORY_WINDOW_SIZE       0x10000
#define PURGATORY_PARAMETERS_OFFSET 0x8000
#define PURGATORY_MAGIC             UINT64_C(0x31304f5441475250) /* "PRGATO01" in memory */

/* How the next kernel is entered. */
#define PURGATORY_ENTER_LONG_MODE      0 /* x86: 64-bit, argument in RSI, paging on */
#define PURGATORY_ENTER_PROTECTED_MODE 1 /* x86: 32-bit, argument in ESI, paging off */

struct purgatory_parameters {
	uint64_t magic;       /* PURGATORY_MAGIC, also in the blob as it was built */
	uint64_t entry;       /* physical address of the next kernel's entry */
	uint64_t mode;        /* PURGATORY_ENTER_…; for 32-bit all addresses are below 4 GiB */
	uint64_t argument;    /* what that expects: on x86 boot_params, in RSI */
	uint64_t stamp;       /* physical address of a struct purgatory_stamp, or 0 */
	uint64_t serial_port; /* x86: first I/O port of a UART to report to, or 0 */
	/* Memory to be copied before the jump, because the next kernel will write there: so many
	 * bytes, or 0, from one physical address to another. */
	uint64_t backup_source, backup_size, backup;
	struct check_table checks;
};

/*
 * The time stamps. On x86 they are the payload of a setup_data node of this type, which user space
 * reads below /sys/kernel/boot_params/setup_data/. The type is ours: kernels ignore what they do
 * not know (those before 6.8 show the node's range as type 128 in their memory map).
 */
#define PURGATORY_SETUP_DATA_TYPE UINT32_C(0x4b455843)         /* "CXEK" in memory */
#define PURGATORY_STAMP_MAGIC     UINT64_C(0x31504d415453584b) /* "KXSTAMP1" in memory */

struct purgatory_stamp {
	uint64_t magic;
	uint64_t entered; /* time stamp counter on entry; 0: never entered */
	uint64_t left;    /* and just before the jump */
	uint32_t checked; /* segments that were verified in between */
	uint32_t width;   /* of the registers that did it, in bits; 0: unknown, or none were */
};
