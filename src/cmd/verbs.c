/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/verbs.h"

#include "cmd/options.h"
#include "explain/exit-code.h"

int verb_run(const struct program *program, const struct command *command, const struct root *root)
{
	switch (command->verb) {
	case VERB_LOAD:
		return verb_load(program, command, root);
	case VERB_PLAN:
		return verb_plan(program, command, root);
	case VERB_UNLOAD:
		return verb_unload(program, command, root);
	case VERB_STATUS:
		return verb_status(program, command, root);
	case VERB_REBOOT:
		return verb_reboot(program, command, root);
	case VERB_TIMELINE:
		return verb_timeline(program, command, root);
	case VERB_CHECK:
		return verb_check(program, command, root);
	case VERB_TEST_PANIC:
		return verb_test_panic(program, command, root);
	case VERB_NONE:
	case VERB_COUNT:
		break;
	}
	return VERB_EXIT_INTERNAL;
}
