/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of a key and a value, as systemd-boot reads its files: a line ends with a line feed or a
 * carriage return, blanks at both ends do not count, '#' begins a comment, a line without a value
 * says nothing, and double quotes around a value are left out.
 */
#pragma once

#include <stdbool.h>

struct config_lines {
	char *rest;             /* what was not read yet; text that is changed */
	unsigned int number;    /* of the line that was read last, from 1 */
	const char *separators; /* what ends a key: " \t", "=" */
	bool plain; /* a line without a value counts, with an empty one, and quotes stay */
};

/* `text` must live, and is taken apart, as long as lines are read. */
static inline struct config_lines config_lines_of(char *text, const char *separators)
{
	return (struct config_lines){.rest = text, .separators = separators};
}

/* The next line that says something; false at the end. */
bool config_lines_next(struct config_lines *lines, char **key, char **value);
