/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Work that is done side by side on the CPUs that this process may use.
 *
 * A job is a function and what it needs, in a structure of the caller's that begins with `struct
 * job`. Jobs are added to a queue, also by jobs, and are done by the caller in jobs_finish() and by
 * threads, which are made only when there is work for them: with one CPU there are none. What comes
 * of a job stays in it, so that the caller can look at all of them in an order of its own, and the
 * same failure comes first each time.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Begin with `run` set and everything else zero. */
struct job {
	int (*run)(struct job *job, struct error *error); /* 0 or a negative errno */
	int result;                                       /* of it, once it has run */
	struct error error;                               /* likewise */
	struct job *next;                                 /* the queue's */
};

/* How far work has come, in bytes. */
struct progress {
	void (*tell)(uint64_t done, uint64_t total); /* NULL: nobody wants to know */
	pthread_t owner;                             /* the thread that tells */
	_Atomic uint64_t done, total;
};

enum { JOBS_THREADS_MAX = 63 };

struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a job was added, or the last one is done */
	struct job *first, **last;
	size_t unfinished; /* in the queue, or running */
	bool closing;
	unsigned int cpus, idle, thread_count;
	pthread_t threads[JOBS_THREADS_MAX];
	struct progress *progress;
};

/* CPUs that this process may use (sched_getaffinity(2)), at least 1. */
unsigned int parallel_cpus(void);

/* `cpus` as above; `progress` may be NULL, else the caller of jobs_finish() tells. */
void jobs_start(struct jobs *jobs, unsigned int cpus, struct progress *progress);

/* Puts a job behind the others. It must stay where it is until jobs_finish() returns. */
void jobs_add(struct jobs *jobs, struct job *job);

/* Does jobs until all are done; then the queue and its threads are gone. */
void jobs_finish(struct jobs *jobs);

/* For the caller of jobs_finish(), whose thread is the owner. */
void progress_start(struct progress *progress, void (*tell)(uint64_t done, uint64_t total));

/* So much more is there to be done. `progress` may be NULL. */
void progress_expect(struct progress *progress, uint64_t more);

/* More was done; told when the caller is the owner. `progress` may be NULL. */
void progress_add(struct progress *progress, uint64_t done);

/* All is done, or nothing more will be: told as done == total. */
void progress_end(struct progress *progress);
