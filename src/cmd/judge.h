/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A command line is read first and judged afterwards, as a whole: only then is it known whether its
 * options go together, and with what is to be done. The classic options are judged as kexec-tools'
 * (judge-classic.c), verbs by the tables (judge-verb.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cmd/option-table.h"
#include "cmd/verb-table.h"

struct command;
struct error;
struct request;

/* What was seen on the command line, before it is judged as a whole. */
struct seen {
	bool given[OPTION_COUNT];   /* by id */
	bool entries[OPTION_COUNT]; /* by index in the table */
	const char **words;         /* those that are no options */
	size_t word_count;
	const char *kernel;
};

/* Each returns 0, or a negative errno with a failure of kind ERROR_USAGE added. */
int judge_classic(struct command *command, struct seen *seen, struct error *error);
int judge_verb(struct command *command, struct seen *seen, struct error *error);

/* The verb that is meant; VERB_NONE where a classic action is given, whatever the words are. */
enum verb judge_which_verb(const struct seen *seen);

/* What both judge alike. Of the words from `first` on the kernel is one, and there is no other. */
int judge_kernel(struct seen *seen, size_t first, struct error *error);
int judge_request(const struct request *request, struct error *error);

/* Adds a failure of kind ERROR_USAGE; `subject` may be NULL. Returns -EINVAL. */
int judge_usage(struct error *error, const char *subject, const char *detail);

/* Adds a warning to the command's; those that do not fit are left out. */
void judge_warn(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
