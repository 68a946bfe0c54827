/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record of what was loaded: /run/kexec/loaded.json, written after a load that succeeded and
 * removed by an unload. The kernel itself tells only whether something is loaded, not what. Other
 * tools load too, so the record may be out of date: it is a memory, not a proof.
 */
#pragma once

struct error;
struct plan;
struct root;

#define RECORD_FOLDER "/run/kexec"
#define RECORD_FILE   RECORD_FOLDER "/loaded.json"

/* Writes the record atomically, mode 0600. 0 or a negative errno. */
int record_write(const struct root *root, const struct plan *plan, struct error *error);

/* Removes it; that there is none is no error. 0 or a negative errno. */
int record_remove(const struct root *root, struct error *error);
