/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A crashed kernel's log as text, or as one JSON object (schema/vmcore-dmesg.schema.json). Messages
 * are written as they come, so that a large log needs no more memory than a small one.
 */
#pragma once

#include <stdio.h>
#include <time.h>

#include "cmd/dmesg-options.h"
#include "vmcore/log.h"

struct error;
struct vmcore;

/* Version of the JSON form; it grows when a field changes its meaning or goes away. */
#define DMESG_SCHEMA_VERSION 1

struct dmesg_show {
	FILE *out;
	const struct dmesg_command *command;
	int64_t start;     /* of the kernel: microseconds since 1970, for times of day */
	uint64_t previous; /* nanoseconds of the message that was shown last */
	struct tm minute;  /* for reltime: when a time of day was shown last */
	bool any;          /* was shown */
};

/* Whether the options want a message. One whose level and facility nobody knows is always wanted.
 */
bool dmesg_wants(const struct dmesg_command *command, const struct log_message *message);

/* Whether times are shown that start must be known for. */
bool dmesg_needs_start(const struct dmesg_command *command);

/* struct log_handler's function; `show` is its context. */
int dmesg_show_text(void *show, const struct log_message *message);
int dmesg_show_json(void *show, const struct log_message *message);

/* What comes before and behind all messages of the JSON form. `vmcore` is NULL when none could be
 * opened. False without memory; the form is right all the same, with null for what is missing, and
 * `code` says so, if it says no other failure. */
bool dmesg_json_begin(FILE *out, const struct vmcore *vmcore);
bool dmesg_json_end(FILE *out, const struct log_losses *losses, const struct error *damage,
		    const struct error *error, int *code);

/* "T1" or "C0". */
enum { DMESG_CALLER_SIZE = 16 };
void dmesg_caller(char text[DMESG_CALLER_SIZE], uint32_t caller);
