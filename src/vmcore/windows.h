/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of a kernel's address space that are mapped linearly: memory as a whole, and the
 * kernel's own image. Where they lie is the architecture's, and VMCOREINFO tells what is not fixed.
 */
#pragma once

struct vmcore;

/* Fills the windows as far as they are known. */
void windows_find(struct vmcore *vmcore);
