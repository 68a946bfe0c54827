/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of vmcore-dmesg(8). Options have the names that dmesg(1) gives them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct error;

enum dmesg_action {
	DMESG_SHOW,
	DMESG_HELP,
	DMESG_VERSION,
};

/* How a message's time is shown. */
enum dmesg_time {
	DMESG_TIME_RAW, /* seconds since the kernel's start */
	DMESG_TIME_CTIME,
	DMESG_TIME_RELTIME,
	DMESG_TIME_DELTA,
	DMESG_TIME_ISO,
	DMESG_TIME_NOTIME,
};

struct dmesg_command {
	enum dmesg_action action;
	const char *path;
	uint32_t levels, facilities; /* a bit for each that is shown; 0: all are */
	enum dmesg_time time;
	bool time_given, caller, json;
};

/* 0 or a negative errno. Options work in any order; the last of a kind counts. */
int dmesg_options_parse(struct dmesg_command *command, int argc, char **argv, struct error *error);

void dmesg_help_print(FILE *out);

/* Names by number, NULL behind the last. */
enum { DMESG_LEVELS = 8, DMESG_FACILITIES = 24 };
const char *dmesg_level_name(uint8_t level);
const char *dmesg_facility_name(uint8_t facility);
