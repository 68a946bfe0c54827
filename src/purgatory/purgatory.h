/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The built purgatory blobs, one an architecture, as constant bytes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* From the first byte of the window up to the end of the parameter block. */
extern const uint8_t purgatory_x86_64[];
extern const uint8_t purgatory_x86_64_end[];
