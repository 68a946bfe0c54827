/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what was stamped and what clocks say to the stages of a hand-over. Nothing is read here, and
 * no input is believed: a stamp may be of another hand-over, or of a counter that was set since.
 *
 * The points of time lie on one axis, nanoseconds of the running kernel's clock, whose zero the
 * time stamp counter is brought to. Where that cannot be done there are two axes, and the stage in
 * which they would meet is unknown.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "machine/clocks.h"
#include "purgatory/parameters.h"
#include "record/exec-stamp.h"
#include "record/timeline-marks.h"

enum timeline_point {
	POINT_ORDERED,  /* `kexec reboot` starts the program that shuts down */
	POINT_JUMPED,   /* the kernel is about to be told to jump */
	POINT_ENTERED,  /* purgatory's first instruction */
	POINT_LEFT,     /* and its last */
	POINT_KERNEL,   /* the zero of the next kernel's clock */
	POINT_INIT,     /* that kernel starts its /init */
	POINT_FINISHED, /* systemd has started all that is started at boot */
	POINT_COUNT,
};

/* Stage i lasts from point i to point i + 1. */
enum timeline_stage {
	STAGE_SHUTDOWN, /* user space goes down */
	STAGE_DEVICES,  /* the old kernel shuts devices down and copies the segments */
	STAGE_DIGEST,   /* purgatory verifies them */
	STAGE_JUMP,     /* the kernel unpacks itself, until its clock runs */
	STAGE_KERNEL,   /* it starts, and unpacks its initrd */
	STAGE_USER,     /* user space starts */
	STAGE_COUNT,
};

/* An exec stamp, and how it was read: 0, or a negative errno. */
struct timeline_exec {
	int result;
	struct exec_stamp stamp;
};

struct timeline_inputs {
	struct clocks clocks;                       /* a tsc of 0: there is none */
	char boot_id[RECORD_BOOT_ID_SIZE];          /* of the running kernel; empty: unknown */
	char previous_boot_id[RECORD_BOOT_ID_SIZE]; /* of the load; empty: no record of it */
	bool by_file;                               /* the record says kexec_file_load */
	struct timeline_exec ordered, jumped;
	enum fact stamp_fact;
	struct purgatory_stamp stamp;
	enum fact init_fact;
	uint64_t init; /* microseconds of the kernel's clock */
	bool systemd;  /* it is the init system, and was asked */
	struct systemd_marks marks;
};

struct timeline_instant {
	const char *unknown; /* why; static text; NULL: it is known */
	int64_t at;          /* nanoseconds on its axis */
};

struct timeline {
	struct timeline_instant points[POINT_COUNT];
	const char
	    *apart;   /* why there are two axes, up to POINT_LEFT and from then on; NULL: one */
	double hertz; /* of the time stamp counter; 0: unknown */
	uint64_t uncertainty; /* nanoseconds, of POINT_KERNEL before all earlier points */
};

/* A stretch between two known points with no known one in between. */
struct timeline_span {
	enum timeline_point from, to;
	uint64_t nanoseconds;
};

void timeline_compute(struct timeline *timeline, const struct timeline_inputs *inputs);

/* All spans, in order; their number, at most STAGE_COUNT. */
unsigned int timeline_spans(const struct timeline *timeline, struct timeline_span *spans);

/* From the first known one of two points on to the other; false and why not when they are unknown,
 * or on two axes. */
bool timeline_between(const struct timeline *timeline, enum timeline_point from,
		      enum timeline_point to, uint64_t *nanoseconds, const char **why);

/* "ordered", "jumped", …; "shutdown", "devices", … */
const char *timeline_point_name(enum timeline_point point);
const char *timeline_stage_name(enum timeline_stage stage);
