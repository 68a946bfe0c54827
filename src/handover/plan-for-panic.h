/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The part of make_plan() that a crash image has of its own: the boot protocol's steps, with
 * crash/'s around them.
 */
#pragma once

struct boot_protocol;
struct boot_source;
struct error;
struct machine;
struct plan;
struct request;

/*
 * Checks, and for kexec_load claims, places and fills, a plan whose files are open.
 * `machine->crash` was read. The source's command line becomes the plan's. 0 or a negative errno
 * with a failure added.
 */
int plan_for_panic(struct plan *plan, const struct boot_protocol *protocol,
		   struct boot_source *source, const struct request *request,
		   const struct machine *machine, struct error *error);
