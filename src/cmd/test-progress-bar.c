/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/progress-bar.h"

#include <stdlib.h>
#include <string.h>

#include "test-support/test.h"

enum { MEGABYTE = 1000000 };

/* What is written when it is told so at these times, in milliseconds; the last is the end. */
static char *written(const unsigned int *times, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct progress_bar bar = {.out = out};

	assert_non_null(out);
	for (size_t i = 0; i < count; i++)
		progress_bar_tell(&bar, 5000 + times[i], (i + 1) * MEGABYTE, count * MEGABYTE);
	assert_false(bar.started || bar.drawn);
	fclose(out);
	return text;
}

static void test_what_takes_less_than_a_second_is_not_drawn(void **state)
{
	static const unsigned int times[] = {0, 300, 600, 999, 1500};
	char *text = written(times, ELEMENTS(times));

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void test_what_takes_longer_is_drawn_now_and_then_and_erased(void **state)
{
	static const unsigned int times[] = {0, 1000, 1050, 1099, 1100, 1200, 1250, 9000};
	char *text = written(times, ELEMENTS(times));
	size_t bars = 0;

	(void)state;
	for (const char *at = text; (at = strstr(at, "\runpacking [")); at++)
		bars++;
	assert_int_equal(bars, 3);
	assert_contains(text, "[#######                       ]  25 %");
	assert_contains(text, "]  75 %");
	assert_string_equal(text + strlen(text) - 4, "\r\033[K");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_takes_less_than_a_second_is_not_drawn),
	    cmocka_unit_test(test_what_takes_longer_is_drawn_now_and_then_and_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
