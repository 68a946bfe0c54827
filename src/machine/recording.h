/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recorded machines: a folder that stands in for another machine, or for this one at another time.
 *
 * A recording is made by reading the machine through a root that keeps a copy of every answer, so
 * that nothing which a plan reads can be forgotten: what was absent is absent, what was unreadable
 * is unreadable. Plain files are kept under their own names, scrubbed (machine/scrub.h); what they
 * cannot tell is in machine.json at the top (machine/recorded-facts.h), which also marks the folder
 * as a recording.
 */
#pragma once

#include "base/root.h"
#include "machine/recorded-facts.h"

struct error;

#define RECORDING_FILE "/machine.json"

struct recording {
	struct root root; /* to read the recorded machine through */
	struct root folder;
	struct recorded_facts facts;
};

/*
 * Opens a recording, which may come from anywhere. It must not be moved while it is open. 0 or a
 * negative errno with a failure added; end it with recording_close() always.
 */
int recording_open(struct recording *recording, const char *path, struct error *error);
void recording_close(struct recording *recording);

/*
 * Records the machine that `root` shows in `path`, a folder that does not exist yet, or is empty
 * and nobody but the caller may write to.
 * `release` is this program's version. 0 or a negative errno with a failure added; a folder that
 * was begun then stays, and is no recording. On success too `error` may hold a failure: what of the
 * machine could not be seen and makes the recording poor.
 */
int machine_record(const struct root *root, const char *path, const char *release,
		   struct error *error);
