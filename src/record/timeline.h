/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The timeline of the hand-over that started the running kernel, as purgatory stamped it.
 */
#pragma once

#include "base/root.h"
#include "purgatory/parameters.h"

/*
 * Looks for purgatory's stamps: on x86 below /sys/kernel/boot_params/setup_data. Absent when this
 * kernel was started by a boot loader, or by kexec without our purgatory.
 */
enum fact timeline_read_stamp(const struct root *root, struct purgatory_stamp *stamp);
