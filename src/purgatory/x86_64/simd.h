/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The 256-bit registers: whether this CPU has them, and the control registers that allow their use.
 * entry.S has allowed SSE before, which every x86-64 CPU has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What simd_begin() found, for simd_end() to put back. */
struct simd {
	bool avx2; /* may be used in between */
	bool xcr0_changed;
	uint64_t cr4, xcr0;
};

/* Whether the CPU has AVX2, and XSAVE for its state. Changes nothing, runs anywhere. */
bool simd_cpu_has_avx2(void);

/* Allows AVX2 where the CPU has it; else changes nothing. In ring 0. */
void simd_begin(struct simd *simd);
void simd_end(const struct simd *simd);
