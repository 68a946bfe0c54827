/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers that the assembler and the linker script need; main.c asserts that they agree with
 * purgatory/parameters.h.
 */
#pragma once

#define WINDOW_SIZE         0x10000
#define PARAMETERS_OFFSET   0x8000
#define PARAMETERS_MAGIC    0x31304f5441475250
#define PARAMETERS_ENTRY    8
#define PARAMETERS_MODE     16
#define PARAMETERS_ARGUMENT 24
#define PARAMETERS_SIZE     1040

#define ENTER_PROTECTED_MODE 1

/* Intel SDM volume 3, sections 2.5 and 2.2.1; volume 1, section 10.2.3. */
#define CR0_MP         0x2
#define CR0_EM         0x4
#define CR0_TS         0x8
#define CR0_PG         0x80000000
#define CR4_OSFXSR     0x200
#define CR4_OSXMMEXCPT 0x400
#define MSR_EFER       0xc0000080
#define EFER_LME       0x100
#define MXCSR_DEFAULT  0x1f80
