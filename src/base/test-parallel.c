/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/parallel.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#include "test-support/test.h"

enum { COUNT = 500, CPUS_MAX = 8 };

struct work {
	struct job job;
	struct jobs *jobs;
	struct work *added; /* by this one */
	int value;
	pthread_t thread;
	_Atomic int *meeting; /* waits until so many are here */
};

static int run(struct job *job, struct error *error)
{
	struct work *work = (struct work *)job;

	work->thread = pthread_self();
	if (work->added)
		jobs_add(work->jobs, &work->added->job);
	if (work->meeting) {
		atomic_fetch_add(work->meeting, 1);
		while (atomic_load(work->meeting) < 2)
			sched_yield();
	}
	return work->value < 0
		   ? error_add(error, ERROR_FILE, -work->value, "work", NULL, "so it is")
		   : work->value;
}

static void test_all_jobs_are_done_and_keep_what_came_of_them(void **state)
{
	static struct work works[COUNT];

	(void)state;
	for (unsigned int cpus = 1; cpus <= CPUS_MAX; cpus++) {
		struct jobs jobs;

		jobs_start(&jobs, cpus, NULL);
		for (int i = 0; i < COUNT; i++) {
			works[i] = (struct work){.job.run = run, .jobs = &jobs};
			works[i].value = i % 7 ? i : -EIO;
			works[i].added = i % 2 == 0 ? &works[i + 1] : NULL;
		}
		for (int i = 0; i < COUNT; i += 2)
			jobs_add(&jobs, &works[i].job);
		jobs_finish(&jobs);
		for (int i = 0; i < COUNT; i++) {
			assert_int_equal(works[i].job.result, i % 7 ? i : -EIO);
			assert_int_equal(works[i].job.error.count, i % 7 ? 0 : 1);
			if (cpus == 1)
				assert_true(pthread_equal(works[i].thread, pthread_self()));
		}
		assert_true(jobs.thread_count < cpus);
	}
}

static void test_two_jobs_run_side_by_side(void **state)
{
	_Atomic int meeting = 0;
	struct work works[2] = {};
	struct jobs jobs;

	(void)state;
	jobs_start(&jobs, 2, NULL);
	for (int i = 0; i < 2; i++) {
		works[i] = (struct work){.job.run = run, .meeting = &meeting};
		jobs_add(&jobs, &works[i].job);
	}
	jobs_finish(&jobs);
	assert_int_equal(jobs.thread_count, 1);
	assert_false(pthread_equal(works[0].thread, works[1].thread));
}

static void test_no_job_is_no_thread(void **state)
{
	struct work work = {.job.run = run, .value = 3};
	struct jobs jobs;

	(void)state;
	jobs_start(&jobs, 4, NULL);
	jobs_finish(&jobs);
	assert_int_equal(jobs.thread_count, 0);
	jobs_start(&jobs, 4, NULL);
	jobs_add(&jobs, &work.job);
	jobs_finish(&jobs);
	assert_int_equal(jobs.thread_count, 0);
	assert_int_equal(work.job.result, 3);
}

static void test_only_the_cpus_that_are_allowed_are_counted(void **state)
{
	cpu_set_t before, one;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(parallel_cpus(), CPU_COUNT(&before));
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &before))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(parallel_cpus(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static unsigned int told;
static uint64_t last_done;

static void tell(uint64_t done, uint64_t total)
{
	assert_int_equal(total, 100);
	last_done = done;
	told++;
}

static int be_slow(struct job *job, struct error *error)
{
	struct work *work = (struct work *)job;

	(void)error;
	nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
	progress_add(work->jobs->progress, 40);
	return 0;
}

/* Also while only others work. */
static void test_progress_is_told_by_its_owner_and_ends_complete(void **state)
{
	struct progress progress;
	struct work works[2];
	struct jobs jobs;

	(void)state;
	progress_start(&progress, tell);
	atomic_store(&progress.total, 100);
	progress_add(&progress, 5);
	assert_int_equal(told, 1);
	assert_int_equal(last_done, 5);
	jobs_start(&jobs, 2, &progress);
	for (int i = 0; i < 2; i++) {
		works[i] = (struct work){.job.run = be_slow, .jobs = &jobs};
		jobs_add(&jobs, &works[i].job);
	}
	jobs_finish(&jobs);
	assert_int_equal(atomic_load(&progress.done), 85);
	progress_end(&progress);
	assert_int_equal(last_done, 100);
	progress_add(NULL, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_jobs_are_done_and_keep_what_came_of_them),
	    cmocka_unit_test(test_two_jobs_run_side_by_side),
	    cmocka_unit_test(test_no_job_is_no_thread),
	    cmocka_unit_test(test_only_the_cpus_that_are_allowed_are_counted),
	    cmocka_unit_test(test_progress_is_told_by_its_owner_and_ends_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
