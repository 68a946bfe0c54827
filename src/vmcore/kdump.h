/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kdump-compressed dumps, as makedumpfile writes them: pages, each packed by itself or not, of
 * those that were chosen. What lies where is in kdump-header.h.
 */
#pragma once

struct dump_format;

extern const struct dump_format kdump_format;
