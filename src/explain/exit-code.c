/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "explain/exit-code.h"

#include <string.h>

#include "base/error.h"
#include "plan/method.h"

enum {
	CLASSIC_USAGE = 1,
	CLASSIC_FALL_BACK = 253,
	CLASSIC_FAILED = 255,
};

enum verb_exit verb_exit_code(const struct error *error)
{
	switch (error->failures[0].kind) {
	case ERROR_USAGE:
		return VERB_EXIT_USAGE;
	case ERROR_FILE:
		return VERB_EXIT_NOT_FOUND;
	case ERROR_NOT_LOADED:
		return VERB_EXIT_NOT_LOADED;
	case ERROR_UNSUPPORTED:
		return VERB_EXIT_UNSUPPORTED;
	case ERROR_FORBIDDEN:
		return VERB_EXIT_FORBIDDEN;
	case ERROR_IMAGE:
		return VERB_EXIT_IMAGE;
	case ERROR_SIGNATURE:
		return VERB_EXIT_SIGNATURE;
	case ERROR_NO_ROOM:
		return VERB_EXIT_NO_ROOM;
	case ERROR_TOO_LONG:
		return VERB_EXIT_TOO_LONG;
	case ERROR_RISKY:
		return VERB_EXIT_RISKY;
	case ERROR_BUSY:
	case ERROR_CHANGED:
	case ERROR_REFUSED:
		return VERB_EXIT_REFUSED;
	case ERROR_NONE:
	case ERROR_INTERNAL:
		break;
	}
	return VERB_EXIT_INTERNAL;
}

int classic_exit_code(const struct error *error, bool file_only)
{
	const struct failure *failure = &error->failures[0];

	if (failure->kind == ERROR_USAGE || failure->kind == ERROR_FILE ||
	    failure->kind == ERROR_NOT_LOADED || strcmp(failure->step, "check reservation") == 0)
		return CLASSIC_USAGE;
	if (file_only && error->count == 1 && strcmp(failure->step, "kexec_file_load") == 0 &&
	    method_file_gives_way(failure->code))
		return CLASSIC_FALL_BACK;
	return CLASSIC_FAILED;
}
