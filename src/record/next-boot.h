/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the next kernel is to know: /run does not survive a hand-over, so a copy of the record lies
 * in /var/lib/kexec. There it is the next boot's memory of how it was started, until that loads
 * something itself; from then on that memory is /run/kexec/previous.json.
 */
#pragma once

#include "record/record.h"

struct error;
struct record;
struct root;

#define RECORD_NEXT_FOLDER "/var/lib/kexec"
#define RECORD_NEXT_BOOT   RECORD_NEXT_FOLDER "/loaded.json"
#define RECORD_PREVIOUS    RECORD_FOLDER "/previous.json"

/*
 * Before this boot writes or removes the copy: puts one that is of an earlier boot into its place.
 * What fails is forgotten.
 */
void record_keep_previous(const struct root *root);

/*
 * Behind a change: the copy is that of the record that holds now, or is removed where there is
 * none. 0, or a negative errno with a failure added: a hand-over needs no copy.
 */
int record_hand_on(const struct root *root, struct error *error);

/*
 * The record of the load, in an earlier boot, that may have started this one. 0 or a negative
 * errno; end it with record_fini() always.
 */
int record_read_previous(struct record *record, const struct root *root);
