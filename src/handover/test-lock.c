/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

static unsigned int waited;
static long waited_for;
static pid_t holder;

/* What flock(2) fails with; 0: it is the real one. */
static int flock_code;

int flock(int fd, int operation)
{
	if (!flock_code)
		return (int)syscall(SYS_flock, fd, operation);
	errno = flock_code;
	return -1;
}

static void wait_a_little(void)
{
	static const struct timespec pause = {.tv_nsec = 10000000};

	nanosleep(&pause, NULL);
}

/* Ends the holder, as an impatient user may. */
static void kill_holder(long pid)
{
	waited++;
	waited_for = pid;
	assert_int_equal(kill(holder, SIGKILL), 0);
}

static void note(long pid)
{
	(void)pid;
	waited++;
}

/* A process that takes the lock and keeps it; returns when it has it. */
static void start_holder(const struct root *root)
{
	int told[2];
	char byte;

	waited = 0;
	assert_int_equal(pipe(told), 0);
	holder = fork();
	assert_true(holder >= 0);
	if (holder == 0) {
		int lock = lock_take(root, NULL);

		if (lock < 0 || write(told[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	close(told[0]);
	close(told[1]);
}

static void end_holder(void)
{
	kill(holder, SIGKILL);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static void test_a_free_lock_is_taken_at_once_and_names_its_holder(void **state)
{
	struct machine_tree *tree = *state;
	cleanup_close int lock = lock_take(&tree->root, note);
	cleanup_free char *text = folder_read(&tree->folder, "run/kexec/lock");

	assert_true(lock >= 0);
	assert_int_equal(waited, 0);
	assert_int_equal(strtol(text, NULL, 10), getpid());
}

static void test_who_waits_for_a_second_is_told_for_whom(void **state)
{
	struct machine_tree *tree = *state;
	struct timespec start, end;
	cleanup_close int lock = -1;

	start_holder(&tree->root);
	clock_gettime(CLOCK_MONOTONIC, &start);
	lock = lock_take(&tree->root, kill_holder);
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* A holder that was killed has given it back. */
	assert_true(lock >= 0);
	assert_int_equal(waited, 1);
	assert_int_equal(waited_for, holder);
	assert_true(end.tv_sec - start.tv_sec >= 1);
	end_holder();
}

static void test_a_wait_of_less_than_a_second_is_not_told(void **state)
{
	struct machine_tree *tree = *state;
	cleanup_close int lock = -1;
	pid_t killer;

	start_holder(&tree->root);
	killer = fork();
	assert_true(killer >= 0);
	if (killer == 0) {
		for (int i = 0; i < 10; i++)
			wait_a_little();
		kill(holder, SIGKILL);
		_exit(0);
	}
	lock = lock_take(&tree->root, note);
	assert_true(lock >= 0);
	assert_int_equal(waited, 0);
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	end_holder();
}

static void test_a_holder_that_left_no_pid_is_unknown(void **state)
{
	struct machine_tree *tree = *state;
	cleanup_close int lock = -1;

	start_holder(&tree->root);
	machine_tree_write(tree, "run/kexec/lock", "");
	lock = lock_take(&tree->root, kill_holder);
	assert_true(lock >= 0);
	assert_int_equal(waited, 1);
	assert_int_equal(waited_for, 0);
	end_holder();
}

static void test_without_run_there_is_no_lock(void **state)
{
	struct machine_tree *tree = *state;

	machine_tree_delete(tree, "run/motd");
	machine_tree_delete(tree, "run");
	assert_int_equal(lock_take(&tree->root, NULL), -1);
}

static int lowest_free_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	assert_true(fd >= 0 && close(fd) == 0);
	return fd;
}

static void test_a_file_system_without_locks_has_no_holder(void **state)
{
	struct machine_tree *tree = *state;
	int free_descriptor = lowest_free_descriptor(), lock;

	waited = 0;
	flock_code = ENOLCK;
	lock = lock_take(&tree->root, note);
	flock_code = 0;
	assert_int_equal(lock, -1);
	assert_int_equal(waited, 0);
	assert_int_equal(lowest_free_descriptor(), free_descriptor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_a_free_lock_is_taken_at_once_and_names_its_holder),
	    TREE_TEST(test_who_waits_for_a_second_is_told_for_whom),
	    TREE_TEST(test_a_wait_of_less_than_a_second_is_not_told),
	    TREE_TEST(test_a_holder_that_left_no_pid_is_unknown),
	    TREE_TEST(test_without_run_there_is_no_lock),
	    TREE_TEST(test_a_file_system_without_locks_has_no_holder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
