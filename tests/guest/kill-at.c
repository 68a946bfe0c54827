/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a command again and again, and ends it by a signal at the first, the second, … entry or exit
 * of a system call, until it is through before that. Then one line tells how often what was found.
 *
 *     kill-at SIGNAL record BEFORE AFTER SETUP COMMAND
 *     kill-at SIGNAL interface NAME COMMAND
 *
 * record: SETUP loads the kernel BEFORE, and COMMAND the kernel AFTER (the end of a path in the
 * record; "-": none is loaded). Whether the kernel took it is known from the call's result. Then
 * /sys/kernel/kexec_loaded must fit, and a confirmed record be that of what is loaded; of an
 * unconfirmed one, one file. interface: this interface must be up.
 *
 * Commands are words with blanks between them. A violation is a line of its own, and exit code 1.
 */
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace.h"

enum { WORDS_MAX = 32, BORING_STEP = 10 };

struct task {
	int signal;
	const char *before, *after, *setup; /* NULL without a record to look at */
	const char *interface;
	const char *command;
};

struct run {
	unsigned long stops;    /* all that there were */
	unsigned long touching; /* the first from which on it changes something; 0: none */
	bool signalled;
	bool done; /* the kernel took it */
	int status;
};

struct found {
	unsigned long runs, old, new, unconfirmed, wrong;
};

static void split(const char *command, char **words)
{
	char *copy = strdup(command), *rest;
	int count = 0;

	if (!copy)
		trace_fail("strdup");
	for (char *word = strtok_r(copy, " ", &rest); word && count < WORDS_MAX - 1;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count] = NULL;
}

static bool changes_something(long number)
{
	return number == SYS_mkdir || number == SYS_mkdirat || number == SYS_ioctl ||
	       number == SYS_kexec_load || number == SYS_kexec_file_load;
}

static bool is_load(long number)
{
	return number == SYS_kexec_load || number == SYS_kexec_file_load;
}

/* Runs the command and ends it at stop number `at`, counted from 1; 0: not at all. */
static struct run run_until(const char *command, unsigned long at, int signal)
{
	char *words[WORDS_MAX];
	struct trace_stop stop = {};
	struct run run = {};
	pid_t pid;

	split(command, words);
	pid = trace_start(words);
	while (trace_next(pid, &stop, &run.status)) {
		run.stops++;
		if (stop.entry && !run.touching && changes_something(stop.number))
			run.touching = run.stops;
		if (!stop.entry && is_load(stop.number) && stop.result == 0)
			run.done = true;
		if (run.stops == at) {
			run.signalled = true;
			kill(pid, signal);
			if (signal == SIGKILL) {
				run.status = trace_finish(pid);
				break;
			}
		}
	}
	free(words[0]);
	return run;
}

/* The end of the kernel's path in a record, "-" without such a file. */
static const char *kernel_in(const char *path, char *name, size_t capacity)
{
	static const char key[] = "\"kernel\": \"";
	FILE *file = fopen(path, "r");
	char line[4096];

	snprintf(name, capacity, "-");
	while (file && fgets(line, sizeof(line), file)) {
		char *start = strstr(line, key), *end;

		if (!start)
			continue;
		start += strlen(key);
		end = strchr(start, '"');
		if (!end)
			break;
		*end = '\0';
		snprintf(name, capacity, "%s",
			 strrchr(start, '/') ? strrchr(start, '/') + 1 : start);
		break;
	}
	if (file)
		fclose(file);
	return name;
}

static bool kernel_is_loaded(void)
{
	FILE *file = fopen("/sys/kernel/kexec_loaded", "r");
	int digit = file ? fgetc(file) : EOF;

	if (digit == EOF)
		trace_fail("/sys/kernel/kexec_loaded");
	fclose(file);
	return digit == '1';
}

static const char *judge_record(const struct task *task, const struct run *run, struct found *found)
{
	const char *expected = run->done ? task->after : task->before;
	bool pending = access("/run/kexec/loading.json", F_OK) == 0;
	char loaded[64], loading[64];

	run->done ? found->new ++ : found->old++;
	kernel_in("/run/kexec/loaded.json", loaded, sizeof(loaded));
	kernel_in("/run/kexec/loading.json", loading, sizeof(loading));
	if (kernel_is_loaded() != (strcmp(expected, "-") != 0))
		return "kexec_loaded is wrong";
	if (!pending)
		return strcmp(loaded, expected) ? "the record is that of another kernel" : NULL;
	found->unconfirmed++;
	if (task->signal != SIGKILL)
		return "the record is unconfirmed after a signal that can wait";
	if (strcmp(loaded, expected) && strcmp(loading, expected) && strcmp(expected, "-"))
		return "neither record is that of what is loaded";
	return NULL;
}

static const char *judge_interface(const struct task *task)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", task->interface);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		trace_fail(task->interface);
	close(fd);
	return request.ifr_flags & IFF_UP ? NULL : "the interface is down";
}

/* Nothing to be done where the last run has changed nothing. */
static void prepare(const struct task *task)
{
	char loaded[64];

	if (!task->setup || (access("/run/kexec/loading.json", F_OK) < 0 &&
			     strcmp(kernel_in("/run/kexec/loaded.json", loaded, sizeof(loaded)),
				    task->before) == 0))
		return;
	if (system(task->setup) != 0)
		trace_fail(task->setup);
}

/* Only every tenth stop before the first change: nothing can come of those. */
static void run_all(const struct task *task, struct found *found)
{
	struct run run;
	unsigned long touching;

	prepare(task);
	run = run_until(task->command, 0, 0);
	touching = run.touching;
	if (!touching)
		trace_fail("the command changes nothing");
	for (unsigned long at = 1;; at += at + BORING_STEP < touching ? BORING_STEP : 1) {
		const char *problem;

		prepare(task);
		run = run_until(task->command, at, task->signal);
		if (!run.signalled)
			break;
		found->runs++;
		problem = task->interface ? judge_interface(task) : judge_record(task, &run, found);
		if (!problem)
			continue;
		found->wrong++;
		printf("stop %lu of %s: %s\n", at, task->command, problem);
	}
}

int main(int argc, char **argv)
{
	struct found found = {};
	struct task task = {};

	if (argc == 7 && strcmp(argv[2], "record") == 0)
		task = (struct task){
		    .before = argv[3], .after = argv[4], .setup = argv[5], .command = argv[6]};
	else if (argc == 5 && strcmp(argv[2], "interface") == 0)
		task = (struct task){.interface = argv[3], .command = argv[4]};
	else
		return 2;
	task.signal = strcmp(argv[1], "KILL") == 0 ? SIGKILL : SIGINT;
	run_all(&task, &found);
	printf("runs=%lu old=%lu new=%lu unconfirmed=%lu wrong=%lu\n", found.runs, found.old,
	       found.new, found.unconfirmed, found.wrong);
	return found.wrong ? 1 : 0;
}
