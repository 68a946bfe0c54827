/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the user should know of the initrds: what was moved or left out, and what the next kernel
 * will not take.
 */
#pragma once

struct initrds;
struct plan;

/* Adds notes and warnings to the plan. 0 or -ENOMEM. */
int initrd_notes(struct plan *plan, const struct initrds *initrds);
