/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/test.h"

#include <string.h>

void check_failed(const struct error *error, enum error_kind kind, const char *part,
		  const char *file, int line)
{
	const struct failure *first = &error->failures[0];

	if (error->count == 0) {
		print_error("no failure was added, expected one of kind %s\n",
			    error_kind_name(kind));
		_fail(file, line);
	}
	if (first->kind != kind ||
	    (!strstr(first->subject, part) && !strstr(first->detail, part))) {
		print_error("failure is %s: \"%s\": \"%s\", expected %s with \"%s\"\n",
			    error_kind_name(first->kind), first->subject, first->detail,
			    error_kind_name(kind), part);
		_fail(file, line);
	}
}

void check_no_failure(const struct error *error, const char *file, int line)
{
	if (error->count) {
		print_error("unexpected failure %s: \"%s\": \"%s\"\n",
			    error_kind_name(error->failures[0].kind), error->failures[0].subject,
			    error->failures[0].detail);
		_fail(file, line);
	}
}

void check_contains(const char *text, const char *part, const char *file, int line)
{
	if (!strstr(text, part)) {
		print_error("\"%s\" does not contain \"%s\"\n", text, part);
		_fail(file, line);
	}
}

void check_lacks(const char *text, const char *part, const char *file, int line)
{
	if (strstr(text, part)) {
		print_error("\"%s\" contains \"%s\"\n", text, part);
		_fail(file, line);
	}
}
