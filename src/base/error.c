/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_add(struct error *error, enum error_kind kind, int code, const char *step,
	      const char *subject, const char *format, ...)
{
	struct failure *failure;
	va_list arguments;

	if (error && error->count < ERROR_FAILURES_MAX) {
		failure = &error->failures[error->count++];
		failure->kind = kind;
		failure->code = code;
		failure->step = step;
		snprintf(failure->subject, sizeof(failure->subject), "%s", subject ? subject : "");
		va_start(arguments, format);
		vsnprintf(failure->detail, sizeof(failure->detail), format, arguments);
		va_end(arguments);
	}
	return code ? -code : -EINVAL;
}

void error_append(struct error *error, const struct error *more)
{
	for (size_t i = 0; i < more->count; i++)
		if (error && error->count < ERROR_FAILURES_MAX)
			error->failures[error->count++] = more->failures[i];
}

int error_memory(struct error *error, const char *step)
{
	return error_add(error, ERROR_NO_ROOM, ENOMEM, step, NULL,
			 "this program could not get memory for its own work");
}

enum error_kind error_kind(const struct error *error)
{
	return error && error->count ? error->failures[0].kind : ERROR_NONE;
}

enum error_kind error_last_kind(const struct error *error)
{
	return error && error->count ? error->failures[error->count - 1].kind : ERROR_NONE;
}

const char *error_kind_name(enum error_kind kind)
{
	switch (kind) {
	case ERROR_NONE:
		return "none";
	case ERROR_USAGE:
		return "usage";
	case ERROR_FILE:
		return "file";
	case ERROR_NOT_LOADED:
		return "not-loaded";
	case ERROR_UNSUPPORTED:
		return "unsupported";
	case ERROR_FORBIDDEN:
		return "forbidden";
	case ERROR_IMAGE:
		return "image";
	case ERROR_SIGNATURE:
		return "signature";
	case ERROR_NO_ROOM:
		return "no-room";
	case ERROR_TOO_LONG:
		return "too-long";
	case ERROR_BUSY:
		return "busy";
	case ERROR_CHANGED:
		return "changed";
	case ERROR_RISKY:
		return "risky";
	case ERROR_REFUSED:
		return "refused";
	case ERROR_INTERNAL:
		return "internal";
	}
	return "unknown";
}
