/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/program.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/fake-calls.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

/* What the program says on standard error; to be freed by the caller. */
static char *said(struct machine_tree *tree, int argc, char **argv, int *code)
{
	const struct program program = {tree->folder.path, &load_calls_fake, "0"};
	int before = dup(STDERR_FILENO),
	    err = open(folder_path(&tree->folder, "err"), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	fflush(stderr);
	assert_true(before >= 0 && err >= 0 && dup2(err, STDERR_FILENO) >= 0 && close(err) == 0);
	*code = program_run(&program, argc, argv);
	fflush(stderr);
	assert_true(dup2(before, STDERR_FILENO) >= 0 && close(before) == 0);
	return folder_read(&tree->folder, "err");
}

/* An interrupted load of a normal image says nothing about the one for a crash. */
static void test_the_record_is_of_the_normal_image_only(void **state)
{
	char *normal[] = {"kexec", "-S", "-d", "-l", NULL}, *crash[] = {"kexec", "-S", "-d", NULL};
	struct machine_tree *tree = *state;
	cleanup_free char *of_normal = NULL, *of_crash = NULL;
	int code;

	machine_tree_write(tree, "run/kexec/loading.json", "");
	machine_tree_write(tree, "sys/kernel/kexec_loaded", "0\n");
	machine_tree_write(tree, "sys/kernel/kexec_crash_loaded", "1\n");
	of_normal = said(tree, 4, normal, &code);
	assert_int_equal(code, 0);
	assert_contains(of_normal, "no kernel is loaded, and the record is unconfirmed");
	of_crash = said(tree, 3, crash, &code);
	assert_int_equal(code, 1);
	assert_contains(of_crash, "through our purgatory");
	assert_lacks(of_crash, "unconfirmed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_the_record_is_of_the_normal_image_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
