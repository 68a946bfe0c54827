/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/parallel.h"

#include <sched.h>
#include <signal.h>
#include <time.h>

#include "base/hold-signals.h"

unsigned int parallel_cpus(void)
{
	cpu_set_t set;
	int count;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	count = CPU_COUNT(&set);
	return count > 1 ? (unsigned int)count : 1;
}

static struct job *take(struct jobs *jobs)
{
	struct job *job = jobs->first;

	if (job) {
		jobs->first = job->next;
		if (!jobs->first)
			jobs->last = &jobs->first;
	}
	return job;
}

/* The lock is held before and after, and not in between. Who sees that a job is done may add it
 * again at once, and then two threads end here with it. */
static void run(struct jobs *jobs, struct job *job)
{
	int r;

	pthread_mutex_unlock(&jobs->lock);
	r = job->run(job, &job->error);
	pthread_mutex_lock(&jobs->lock);
	job->result = r;
	if (--jobs->unfinished == 0)
		pthread_cond_broadcast(&jobs->changed);
}

static void *thread_main(void *argument)
{
	struct jobs *jobs = argument;

	pthread_mutex_lock(&jobs->lock);
	for (;;) {
		struct job *job = take(jobs);

		if (job) {
			run(jobs, job);
			continue;
		}
		if (jobs->closing)
			break;
		jobs->idle++;
		pthread_cond_wait(&jobs->changed, &jobs->lock);
		jobs->idle--;
	}
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

void jobs_start(struct jobs *jobs, unsigned int cpus, struct progress *progress)
{
	*jobs = (struct jobs){.cpus = cpus, .progress = progress};
	jobs->last = &jobs->first;
	pthread_mutex_init(&jobs->lock, NULL);
	pthread_cond_init(&jobs->changed, NULL);
}

/* Signals are the caller's: a handler must not run in a thread that nobody expects. Without memory
 * for a thread there is one less. */
static void add_thread(struct jobs *jobs)
{
	cleanup_signals sigset_t signals = signals_hold();

	if (pthread_create(&jobs->threads[jobs->thread_count], NULL, thread_main, jobs) == 0)
		jobs->thread_count++;
}

static size_t waiting(const struct jobs *jobs)
{
	size_t count = 0;

	for (const struct job *job = jobs->first; job; job = job->next)
		count++;
	return count;
}

/* The caller of jobs_finish() does one job, so the first one needs no thread. */
void jobs_add(struct jobs *jobs, struct job *job)
{
	pthread_mutex_lock(&jobs->lock);
	job->next = NULL;
	*jobs->last = job;
	jobs->last = &job->next;
	jobs->unfinished++;
	if (jobs->unfinished > 1 && jobs->idle < waiting(jobs) &&
	    jobs->thread_count + 1 < jobs->cpus && jobs->thread_count < JOBS_THREADS_MAX)
		add_thread(jobs);
	pthread_cond_broadcast(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
}

static void tell(const struct progress *progress)
{
	uint64_t total = atomic_load(&progress->total), done = atomic_load(&progress->done);

	if (progress->tell && done < total)
		progress->tell(done, total);
}

/* While others work there is still progress. */
static void wait_for_change(struct jobs *jobs)
{
	enum { TELL_EVERY_NS = 100000000, SECOND_NS = 1000000000 };
	struct timespec until;

	if (!jobs->progress || !jobs->progress->tell) {
		pthread_cond_wait(&jobs->changed, &jobs->lock);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TELL_EVERY_NS;
	if (until.tv_nsec >= SECOND_NS) {
		until.tv_sec++;
		until.tv_nsec -= SECOND_NS;
	}
	pthread_cond_timedwait(&jobs->changed, &jobs->lock, &until);
	tell(jobs->progress);
}

void jobs_finish(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	while (jobs->unfinished > 0) {
		struct job *job = take(jobs);

		if (job)
			run(jobs, job);
		else
			wait_for_change(jobs);
	}
	jobs->closing = true;
	pthread_cond_broadcast(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
	for (unsigned int i = 0; i < jobs->thread_count; i++)
		pthread_join(jobs->threads[i], NULL);
	pthread_cond_destroy(&jobs->changed);
	pthread_mutex_destroy(&jobs->lock);
}

void progress_start(struct progress *progress, void (*tell_progress)(uint64_t done, uint64_t total))
{
	*progress = (struct progress){.tell = tell_progress, .owner = pthread_self()};
}

void progress_expect(struct progress *progress, uint64_t more)
{
	if (progress)
		atomic_fetch_add(&progress->total, more);
}

void progress_add(struct progress *progress, uint64_t done)
{
	if (!progress)
		return;
	atomic_fetch_add(&progress->done, done);
	if (pthread_equal(progress->owner, pthread_self()))
		tell(progress);
}

void progress_end(struct progress *progress)
{
	uint64_t total = atomic_load(&progress->total);

	if (progress->tell)
		progress->tell(total, total);
}
