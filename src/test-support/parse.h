/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Command lines for tests of options and verbs.
 */
#pragma once

#include "base/cleanup.h"
#include "cmd/options.h"

#define cleanup_command cleanup_with(command_fini)

/* Parses words up to NULL; they must outlive the command. What options_parse() returns. */
int parse_words(struct command *command, const char *const *words, struct error *error);

#define parse(command, error, ...)                                                                 \
	parse_words(command, (const char *const[]){__VA_ARGS__, NULL}, error)

/* The same for words between blanks; the command is good until the next call. */
int parse_text(struct command *command, const char *text, struct error *error);
