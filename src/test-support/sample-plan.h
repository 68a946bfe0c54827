/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A small plan by segments, claimed and placed but not sealed: a kernel, an initrd, and a purgatory
 * that holds the table of digests. All is memory of its own.
 */
#pragma once

#include "plan/plan.h"

enum {
	SAMPLE_KERNEL,
	SAMPLE_INITRD,
	SAMPLE_PURGATORY,
	SAMPLE_COUNT,

	SAMPLE_KERNEL_SIZE = 300000, /* more than what is digested in one go */
	SAMPLE_INITRD_SIZE = 5000,
	SAMPLE_CHECK_OFFSET = 0x100,
};

struct plan *sample_plan(void);
