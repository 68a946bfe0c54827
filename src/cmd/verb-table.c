/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/verb-table.h"

#include <string.h>

const struct verb_entry verb_table[] = {
    {VERB_LOAD, "load", true, "load KERNEL, to be jumped into later"},
    {VERB_PLAN, "plan", true, "show what a load of KERNEL would do"},
    {VERB_STATUS, "status", false, "show what is loaded, and what a reboot would do"},
    {VERB_UNLOAD, "unload", false, "unload what is loaded"},
    {VERB_REBOOT, "reboot", false, "shut down in order, and jump into what is loaded"},
    {VERB_TIMELINE, "timeline", false, "show where the time of the last hand-over went"},
    {VERB_CHECK, "check", true, "with --panic: tell whether a panic would give a dump", true},
    {VERB_TEST_PANIC, "test-panic", false,
     "crash the machine on purpose, and afterwards look for the dump"},
};

const size_t verb_table_size = sizeof(verb_table) / sizeof(*verb_table);

_Static_assert(sizeof(verb_table) / sizeof(*verb_table) == VERB_COUNT - 1, "each verb once");

const struct verb_entry *verb_find(const char *name)
{
	for (size_t i = 0; i < verb_table_size; i++)
		if (strcmp(verb_table[i].name, name) == 0)
			return &verb_table[i];
	return NULL;
}

const char *verb_name(enum verb verb)
{
	return verb > VERB_NONE && verb < VERB_COUNT ? verb_table[verb - 1].name : "kexec";
}
