/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/secret.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-support/test.h"

/* The flags of the mapping that starts at `memory`, as /proc/self/smaps shows them ("rd wr lo dd").
 */
static void flags_of(const void *memory, char *flags, size_t size)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long start, end;
	char line[512];
	bool inside = false;

	assert_non_null(smaps);
	flags[0] = '\0';
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start == (unsigned long)memory;
		if (inside && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, size, "%s", line + 8);
	}
	fclose(smaps);
}

static void test_a_secret_is_locked_and_left_out_of_dumps_and_children(void **state)
{
	char *secret = secret_new(10000), flags[512];

	(void)state;
	assert_non_null(secret);
	assert_int_equal(secret[9999], 0);
	flags_of(secret, flags, sizeof(flags));
	assert_contains(flags, " lo");
	assert_contains(flags, " dd");
	assert_contains(flags, " dc");
	memset(secret, 'x', 10000);
	secret_wipe(secret, 10000);
	assert_int_equal(secret[0] | secret[9999], 0);
	secret_free(secret, 10000);
	secret_free(NULL, 5);
}

/* In a child: the sanitizers want their process as it was. */
static void test_without_the_right_to_lock_there_is_no_secret(void **state)
{
	struct rlimit limit = {4096, 4096};
	int status;
	pid_t child;

	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && seteuid(65534) < 0)
			_exit(2);
		if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
			_exit(3);
		_exit(secret_new(100000) == NULL && errno == ENOMEM ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_secret_is_locked_and_left_out_of_dumps_and_children),
	    cmocka_unit_test(test_without_the_right_to_lock_there_is_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
