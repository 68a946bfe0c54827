/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The log of a crashed kernel, out of its memory. There are three forms of it, and a reader for
 * each: a ring of text (before Linux 3.5, log-text.c), a ring of records (3.5 to 5.9,
 * log-records.c), and the lockless ring (5.10 and newer, log-lockless.c).
 *
 * Nothing in memory is believed: each reader ends, whatever it finds, gives what can be read, and
 * tells what cannot.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vmcore;

enum { LOG_DEVICE_SIZE = 80, LOG_SUBSYSTEM_SIZE = 32 };

/* One message. Text is borrowed until the handler returns. */
struct log_message {
	const uint8_t *text;
	size_t text_size;
	bool is_line;       /* of a ring of text: its bytes as they are, with prefix and newline */
	size_t prefix_size; /* of a line: bytes before the message itself, else 0 */
	uint64_t sequence;  /* its number since the kernel's start, if has_sequence */
	uint64_t nanoseconds; /* since the kernel's start, if has_time */
	bool has_sequence, has_time, has_priority, has_caller;
	uint8_t level;    /* 0 (emerg) to 7 (debug), if has_priority */
	uint8_t facility; /* 0 (kern) and so on, likewise */
	uint32_t caller;  /* a thread's id, or, with its highest bit, a CPU's number */
	char subsystem[LOG_SUBSYSTEM_SIZE], device[LOG_DEVICE_SIZE]; /* "": none */
};

#define LOG_CALLER_IS_CPU UINT32_C(0x80000000)

/* Gets each message, the oldest first. Anything but 0 ends the reading, and is returned. */
struct log_handler {
	int (*message)(void *context, const struct log_message *message);
	void *context;
};

/* What could not be had. */
struct log_losses {
	uint64_t unreadable;   /* messages that are not in the dump, or damaged */
	uint64_t cut;          /* messages of which only the beginning is there */
	uint64_t unfinished;   /* messages that a CPU was just writing */
	uint64_t without_text; /* messages that the kernel itself had no room for */
	bool broken_off;       /* how many more there were cannot be told */
	struct error error;    /* the first reasons */
};

/*
 * Reads the whole log. 0, what the handler returned, or a negative errno with a failure added when
 * nothing of the log can be found.
 */
int log_read(struct vmcore *vmcore, const struct log_handler *handler, struct log_losses *losses,
	     struct error *error);

/* Whether anything is missing. */
bool log_is_whole(const struct log_losses *losses);
