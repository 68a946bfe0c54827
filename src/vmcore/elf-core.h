/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ELF cores: /proc/vmcore, its copies, what makedumpfile -E and QEMU's dump-guest-memory write. Of
 * either class and order; more than 65,534 program headers are counted in the first section header
 * (elf(5), PN_XNUM).
 */
#pragma once

struct dump_format;

extern const struct dump_format elf_core_format;
