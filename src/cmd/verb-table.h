/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one table of verbs: the parser, --help and the completions are made of it, and the tests hold
 * the man pages to it.
 *
 * A verb is the first word of a command line without a classic action (-l, -e, …). A file that is
 * called like one is given as ./NAME.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum verb {
	VERB_NONE, /* classic options */
	VERB_LOAD,
	VERB_PLAN,
	VERB_STATUS,
	VERB_UNLOAD,
	VERB_REBOOT,
	VERB_TIMELINE,
	VERB_CHECK,
	VERB_TEST_PANIC,
	VERB_COUNT,
};

struct verb_entry {
	enum verb verb;
	const char *name;
	bool takes_kernel;
	const char *help; /* one line, for --help and the completions */
	bool kernel_is_optional;
};

/* VERB_COUNT - 1 entries, by ascending verb. */
extern const struct verb_entry verb_table[];
extern const size_t verb_table_size;

/* The entry of that name; NULL when there is no such verb. */
const struct verb_entry *verb_find(const char *name);

/* "load", …; "kexec" for VERB_NONE. */
const char *verb_name(enum verb verb);
