/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one table of options: the parser, --help and the completions are made of it, and the tests
 * hold the man pages to it.
 */
#pragma once

#include <getopt.h>
#include <stddef.h>

#include "cmd/verb-table.h"

enum option_id {
	OPTION_LOAD,
	OPTION_EXEC,
	OPTION_UNLOAD,
	OPTION_FORCE,
	OPTION_STATUS,
	OPTION_LOAD_PANIC,
	OPTION_PRINT_CRASH_SIZE,
	OPTION_TYPE,
	OPTION_INITRD,
	OPTION_APPEND,
	OPTION_COMMAND_LINE,
	OPTION_REUSE_CMDLINE,
	OPTION_FILE_SYSCALL,
	OPTION_LOAD_SYSCALL,
	OPTION_AUTO_SYSCALL,
	OPTION_NO_CHECKS,
	OPTION_PLAIN,
	OPTION_MEM_MIN,
	OPTION_MEM_MAX,
	OPTION_DRY_RUN,
	OPTION_JSON,
	OPTION_SVG,
	OPTION_SYSROOT,
	OPTION_RECORD_MACHINE,
	OPTION_NO_IFDOWN,
	OPTION_NO_SYNC,
	OPTION_DEBUG,
	OPTION_VERSION,
	OPTION_HELP,
	OPTION_ADD,
	OPTION_REMOVE,
	OPTION_IF_CHANGED,
	OPTION_COLD,
	OPTION_NOW,
	OPTION_SKIP_FIRMWARE,
	OPTION_ADD_INITRD,
	OPTION_INITRD_FILE,
	OPTION_CREDENTIAL,
	OPTION_ALLOW_SWAP,
	OPTION_PANIC,
	OPTION_HOTPLUG,
	OPTION_MEMMAP_WORDS,
	OPTION_ALLOW_DISARM,
	OPTION_DUMP_DIRECTORY,
	OPTION_CRASH_NOW,
	OPTION_VERIFY,
	OPTION_OTHERS, /* of kexec-tools: those that we lack, and those without effect */
	OPTION_COUNT = 96,
};

enum option_state {
	OPTION_SUPPORTED,
	OPTION_WITHOUT_EFFECT, /* kexec-tools parses and ignores it; so do we, with a warning */
	OPTION_LATER,          /* kexec-tools has it, we do not yet: an error */
};

/* With which classic actions an option means something. */
enum option_scope {
	SCOPE_ANY,
	SCOPE_LOAD,
	SCOPE_EXECUTE, /* and a load that jumps */
	SCOPE_VERBS,   /* with none: only with verbs */
};

/* With which verbs: a set of these. */
enum {
	WITH_LOAD = 1 << VERB_LOAD,
	WITH_PLAN = 1 << VERB_PLAN,
	WITH_STATUS = 1 << VERB_STATUS,
	WITH_UNLOAD = 1 << VERB_UNLOAD,
	WITH_REBOOT = 1 << VERB_REBOOT,
	WITH_TIMELINE = 1 << VERB_TIMELINE,
	WITH_CHECK = 1 << VERB_CHECK,
	WITH_TEST_PANIC = 1 << VERB_TEST_PANIC,
	WITH_A_KERNEL = WITH_LOAD | WITH_PLAN,
	WITH_ALL = WITH_LOAD | WITH_PLAN | WITH_STATUS | WITH_UNLOAD | WITH_REBOOT | WITH_TIMELINE |
		   WITH_CHECK | WITH_TEST_PANIC,
};

struct option_entry {
	enum option_id id;
	char letter;          /* 0: none */
	const char *name;     /* without dashes */
	const char *argument; /* its name in --help; NULL: takes none */
	enum option_scope scope;
	const char *help; /* NULL: not listed (an alias, or not ours) */
	unsigned int verbs;
	enum option_state state;
	const char *verb_help; /* in place of `help` with verbs; NULL: the same */
};

extern const struct option_entry option_table[];
extern const size_t option_table_size;

/* Fills getopt_long's two tables: OPTION_COUNT + 1 long options, 3 + 2 * OPTION_COUNT characters.
 */
void option_table_for_getopt(struct option *long_options, char *short_options);

/* The entry that getopt_long's return value stands for; NULL for '?', ':' and 1. */
const struct option_entry *option_find_by_value(int value);
