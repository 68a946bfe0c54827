/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every unit test includes: cmocka, and the assertions that it lacks.
 */
#pragma once

/* cmocka.h wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#define ELEMENTS(array) (sizeof(array) / sizeof(*(array)))

/* Assert the first failure's kind, and that its subject or detail contains `part`. */
#define assert_failed(error, kind, part) check_failed(error, kind, part, __FILE__, __LINE__)
void check_failed(const struct error *error, enum error_kind kind, const char *part,
		  const char *file, int line);

#define assert_no_failure(error) check_no_failure(error, __FILE__, __LINE__)
void check_no_failure(const struct error *error, const char *file, int line);

#define assert_contains(text, part) check_contains(text, part, __FILE__, __LINE__)
void check_contains(const char *text, const char *part, const char *file, int line);

#define assert_lacks(text, part) check_lacks(text, part, __FILE__, __LINE__)
void check_lacks(const char *text, const char *part, const char *file, int line);

/* For tables: fails with the row's name in the message unless the condition holds. */
#define assert_row(name, condition)                                                                \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("row \"%s\": %s does not hold", (name), #condition);              \
	} while (0)
