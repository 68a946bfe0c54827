/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/timeline-stages.h"

#include <errno.h>
#include <string.h>

enum {
	SUSPENDED_MIN = 1000000, /* ns by which CLOCK_BOOTTIME is ahead */
	SETTING_TOLERANCE =
	    300 * INT64_C(1), /* s by which the machine's clock may be set in between */
};

#define HERTZ_MIN       1e6
#define HERTZ_MAX       1e11
#define NANOSECONDS     1e9
#define LONGEST         (100.0 * 365 * 86400 * NANOSECONDS)
#define UNCERTAINTY_MAX (3600 * NANOSECONDS)
#define EARLY_CLOCK_MAX (60 * NANOSECONDS)
#define SHUTDOWN_MAX    (3600 * NANOSECONDS)
#define SLEW_DOUBT      0.2 /* of what was slewed: the rate was not always what it is now */

/* The counter against the kernel's clock. */
struct axis {
	double hertz;
	double
	    zero; /* ticks when the kernel's clock was zero; may be before the counter's own zero */
	double uncertainty; /* nanoseconds */
	double now;         /* ticks */
};

/* Differences are small even where the numbers are not: exact in a double. */
static double difference(uint64_t later, uint64_t earlier)
{
	return later >= earlier ? (double)(later - earlier) : -(double)(earlier - later);
}

static const char *measure_rate(struct axis *axis, const struct clocks *clocks, double *doubt)
{
	double ticks = difference(clocks->last.tsc, clocks->first.tsc);
	double nanoseconds = difference(clocks->last.raw, clocks->first.raw);

	if (!clocks->first.tsc && !clocks->last.tsc)
		return "this machine has no time stamp counter";
	if (ticks <= 0 || nanoseconds <= 0)
		return "the time stamp counter does not run with the kernel's clock";
	axis->hertz = ticks / nanoseconds * NANOSECONDS;
	if (axis->hertz < HERTZ_MIN || axis->hertz > HERTZ_MAX) {
		axis->hertz = 0;
		return "the time stamp counter does not run with the kernel's clock";
	}
	axis->now = (double)clocks->last.tsc;
	*doubt = ((double)clocks->first.width + (double)clocks->last.width) / ticks;
	return NULL;
}

/*
 * The log's clock and CLOCK_MONOTONIC have one zero: the latter starts with what the former shows
 * (timekeeping_init()). But NTP changes its pace. The raw clock keeps its own, and starts with
 * zero at that same moment: the distance between both, less what was slewed, is how early that was.
 */
static const char *find_zero(struct axis *axis, const struct clocks *clocks, double doubt)
{
	const struct clock_sample *last = &clocks->last;
	double uptime = (double)last->raw, slewed = clocks->slewed * uptime;
	double early = difference(last->monotonic, last->raw) - slewed;

	if (difference(last->boottime, last->monotonic) > SUSPENDED_MIN)
		return "the machine was suspended since then, and the time stamp counter may have "
		       "stood still";
	if (uptime > LONGEST || early > EARLY_CLOCK_MAX || early < -EARLY_CLOCK_MAX)
		return "the kernel's clocks contradict each other";
	axis->uncertainty = uptime * doubt + (slewed < 0 ? -slewed : slewed) * SLEW_DOUBT;
	axis->uncertainty += (double)last->width / axis->hertz * NANOSECONDS;
	if (early < 0) {
		axis->uncertainty -= early;
		early = 0;
	}
	if (axis->uncertainty > UNCERTAINTY_MAX)
		return "too long ago: where the zero of the kernel's clock was cannot be told";
	axis->zero = axis->now - (uptime + early) / NANOSECONDS * axis->hertz;
	if (axis->zero < -axis->uncertainty / NANOSECONDS * axis->hertz)
		return "the time stamp counter was set back since this kernel started";
	return NULL;
}

/* A stamp that does not lie before what comes behind it, or lies before the counter's zero. */
static bool is_before(const struct axis *axis, double earlier, double later, bool joined)
{
	double slack = joined ? axis->uncertainty / NANOSECONDS * axis->hertz : 0;

	return earlier <= later + slack;
}

/* An exec stamp that is not of the boot that handed over; NULL: it is. */
static const char *judge_exec(const struct timeline_inputs *inputs,
			      const struct timeline_exec *exec, enum timeline_point point)
{
	static const char *const nobody[] = {
	    [POINT_ORDERED] = "it was not `kexec reboot` that shut user space down",
	    [POINT_JUMPED] = "something else than this program told the kernel to jump, and "
			     "stamped nothing",
	};

	if (exec->result == -ENOENT)
		return nobody[point];
	if (exec->result < 0)
		return "the stamp cannot be read or understood";
	if (!*exec->stamp.boot_id || !*inputs->boot_id ||
	    strcmp(exec->stamp.boot_id, inputs->boot_id) == 0)
		return "the stamp is of this boot, which has been told to end already";
	if (!*inputs->previous_boot_id)
		return "without a record of the load it is not known which hand-over the stamp is "
		       "of";
	if (strcmp(exec->stamp.boot_id, inputs->previous_boot_id) != 0)
		return nobody[point]; /* the stamp is of an earlier hand-over */
	if (!exec->stamp.tsc)
		return "the stamp has no time stamp counter";
	return NULL;
}

/*
 * Between a firmware's start and now the counter began anew: then the time that passed by it is not
 * what passed by the machine's clock.
 */
static bool clock_agrees(const struct axis *axis, const struct clocks *clocks,
			 const struct exec_stamp *stamp)
{
	double by_counter = difference(clocks->last.tsc, stamp->tsc) / axis->hertz;
	double by_clock = difference(clocks->last.realtime, stamp->realtime) / NANOSECONDS;
	double apart = by_counter - by_clock;

	return apart < SETTING_TOLERANCE && apart > -SETTING_TOLERANCE;
}

static const char *judge_purgatory(const struct timeline_inputs *inputs, const struct axis *axis)
{
	const struct purgatory_stamp *stamp = &inputs->stamp;

	if (inputs->by_file)
		return "with kexec_file_load the kernel's own purgatory runs, and stamps nothing";
	if (inputs->stamp_fact == FACT_UNREADABLE)
		return "purgatory's stamps cannot be read";
	if (inputs->stamp_fact == FACT_ABSENT)
		return "there was no purgatory of this program: it was loaded by kexec_file_load "
		       "or by another one";
	if (!stamp->entered || stamp->left < stamp->entered || (double)stamp->left > axis->now)
		return "purgatory's stamps contradict each other or the time stamp counter";
	return NULL;
}

/* Ticks of the points that are stamped with them, in order; 0 where there is none. */
struct ticks {
	uint64_t at[POINT_KERNEL];
};

static void take_ticks(struct timeline *timeline, struct ticks *ticks,
		       const struct timeline_inputs *inputs, const struct axis *axis)
{
	const struct timeline_exec *execs[] = {&inputs->ordered, &inputs->jumped};
	struct timeline_instant *points = timeline->points;

	for (unsigned int i = POINT_ORDERED; i <= POINT_JUMPED; i++) {
		points[i].unknown = judge_exec(inputs, execs[i], i);
		if (!points[i].unknown && !clock_agrees(axis, &inputs->clocks, &execs[i]->stamp))
			points[i].unknown = "the time stamp counter was set since the stamp, or "
					    "the stamp is of another hand-over";
		ticks->at[i] = points[i].unknown ? 0 : execs[i]->stamp.tsc;
	}
	points[POINT_ENTERED].unknown = judge_purgatory(inputs, axis);
	points[POINT_LEFT].unknown = points[POINT_ENTERED].unknown;
	if (points[POINT_ENTERED].unknown)
		return;
	ticks->at[POINT_ENTERED] = inputs->stamp.entered;
	ticks->at[POINT_LEFT] = inputs->stamp.left;
}

static double init_ticks(const struct timeline *timeline, const struct axis *axis)
{
	return axis->zero + (double)timeline->points[POINT_INIT].at / NANOSECONDS * axis->hertz;
}

/*
 * Before it has a good clock source a kernel counts timer interrupts, and may count some too many:
 * then its clock is right from there on, but the zero seems to lie before the jump.
 */
static bool clock_ran_ahead(const struct timeline *timeline, const struct ticks *ticks,
			    const struct axis *axis)
{
	return !timeline->points[POINT_INIT].unknown &&
	       (double)ticks->at[POINT_LEFT] <= init_ticks(timeline, axis);
}

/* Each known point must lie before the next; purgatory's are believed before the exec stamps. */
static void check_order(struct timeline *timeline, struct ticks *ticks, const struct axis *axis)
{
	double later = timeline->apart ? axis->now : axis->zero;
	bool joined = !timeline->apart;

	if (joined && ticks->at[POINT_LEFT] &&
	    !is_before(axis, (double)ticks->at[POINT_LEFT], later, true) &&
	    clock_ran_ahead(timeline, ticks, axis)) {
		timeline->points[POINT_KERNEL].unknown =
		    "the kernel's clock ran ahead while it started, and shows more than has "
		    "passed since the jump";
		later = init_ticks(timeline, axis);
	} else if (joined && ticks->at[POINT_LEFT] &&
		   !is_before(axis, (double)ticks->at[POINT_LEFT], later, true)) {
		timeline->apart =
		    "purgatory's stamps lie behind the zero of the kernel's clock: the "
		    "time stamp counter was set since";
		later = axis->now;
		joined = false;
	}
	for (unsigned int i = POINT_KERNEL; i-- > 0;) {
		if (!ticks->at[i])
			continue;
		if (is_before(axis, (double)ticks->at[i], later, joined)) {
			later = (double)ticks->at[i];
			joined = false;
			continue;
		}
		timeline->points[i].unknown =
		    "the stamp lies behind what came after it: it is of "
		    "another hand-over, or the time stamp counter was set";
		ticks->at[i] = 0;
	}
}

/*
 * The program that shuts down takes this one's place. When it refused, nobody is left to remove the
 * stamp, and what was ordered later in another way would count from then. Within SHUTDOWN_MAX,
 * twice what systemd gives a shutdown (JobTimeoutSec= of reboot.target), it would have been done.
 */
static void check_age_of_order(struct timeline *timeline, struct ticks *ticks,
			       const struct axis *axis)
{
	double next = timeline->apart ? 0 : axis->zero;

	for (unsigned int i = POINT_KERNEL; i-- > POINT_JUMPED;)
		next = ticks->at[i] ? (double)ticks->at[i] : next;
	if (!ticks->at[POINT_ORDERED] || next <= 0 ||
	    next - (double)ticks->at[POINT_ORDERED] <= SHUTDOWN_MAX / NANOSECONDS * axis->hertz)
		return;
	timeline->points[POINT_ORDERED].unknown =
	    "the stamp is more than an hour older than what came after it: that order was not "
	    "carried out";
	ticks->at[POINT_ORDERED] = 0;
}

static void place_ticks(struct timeline *timeline, const struct ticks *ticks,
			const struct axis *axis)
{
	bool ran_ahead = timeline->points[POINT_KERNEL].unknown;
	double zero = axis->zero;

	if (timeline->apart) {
		zero = 0;
		for (unsigned int i = POINT_KERNEL; i-- > 0;)
			zero = ticks->at[i] ? (double)ticks->at[i] : zero;
	}
	for (unsigned int i = 0; i < POINT_KERNEL; i++) {
		double at = ((double)ticks->at[i] - zero) / axis->hertz * NANOSECONDS;

		if (!ticks->at[i])
			continue;
		if (at > LONGEST || at < -LONGEST) {
			timeline->points[i].unknown = "the stamp contradicts the kernel's clocks";
			continue;
		}
		/* What lies a little behind, within what is uncertain, is at the zero. */
		timeline->points[i].at =
		    (int64_t)(!timeline->apart && !ran_ahead && at > 0 ? 0 : at);
	}
}

static void forget_ticks(struct timeline *timeline, const char *why)
{
	for (unsigned int i = 0; i < POINT_KERNEL; i++)
		timeline->points[i].unknown = why;
	timeline->apart = why;
}

static void compute_ticks(struct timeline *timeline, const struct timeline_inputs *inputs)
{
	struct ticks ticks = {};
	struct axis axis = {};
	double doubt = 0;
	const char *why = measure_rate(&axis, &inputs->clocks, &doubt);

	if (why) {
		forget_ticks(timeline, why);
		return;
	}
	timeline->hertz = axis.hertz;
	timeline->apart = find_zero(&axis, &inputs->clocks, doubt);
	take_ticks(timeline, &ticks, inputs, &axis);
	check_order(timeline, &ticks, &axis);
	check_age_of_order(timeline, &ticks, &axis);
	place_ticks(timeline, &ticks, &axis);
	if (!timeline->apart)
		timeline->uncertainty = (uint64_t)axis.uncertainty;
}

/* Of what cannot have been yet. */
static bool is_ahead(const struct clocks *clocks, uint64_t microseconds)
{
	return microseconds > clocks->last.monotonic / 1000 ||
	       (double)microseconds > LONGEST / 1000;
}

/* Where the log has lost its message: systemd itself, which starts at once. */
static void compute_init(struct timeline *timeline, const struct timeline_inputs *inputs)
{
	struct timeline_instant *init = &timeline->points[POINT_INIT];
	uint64_t microseconds = inputs->init;

	if (inputs->init_fact != FACT_KNOWN)
		microseconds = inputs->systemd ? inputs->marks.initrd : 0;
	if (!microseconds)
		init->unknown = inputs->init_fact == FACT_UNREADABLE
				    ? "the kernel's log cannot be read (only root can)"
				    : "the kernel's log no longer tells";
	else if (is_ahead(&inputs->clocks, microseconds))
		init->unknown = "the kernel's log contradicts its clock";
	else
		init->at = (int64_t)microseconds * 1000;
}

static void compute_finished(struct timeline *timeline, const struct timeline_inputs *inputs)
{
	struct timeline_instant *finished = &timeline->points[POINT_FINISHED];
	const struct timeline_instant *init = &timeline->points[POINT_INIT];
	uint64_t microseconds = inputs->marks.finish;

	if (!inputs->systemd)
		finished->unknown =
		    "systemd, which would tell, does not run here or does not answer";
	else if (!microseconds)
		finished->unknown = "systemd has not finished starting";
	else if (is_ahead(&inputs->clocks, microseconds) ||
		 (!init->unknown && (int64_t)microseconds * 1000 < init->at))
		finished->unknown = "what systemd tells contradicts the kernel's clock";
	else
		finished->at = (int64_t)microseconds * 1000;
}

void timeline_compute(struct timeline *timeline, const struct timeline_inputs *inputs)
{
	*timeline = (struct timeline){};
	compute_init(timeline, inputs);
	compute_ticks(timeline, inputs);
	compute_finished(timeline, inputs);
}

bool timeline_between(const struct timeline *timeline, enum timeline_point from,
		      enum timeline_point to, uint64_t *nanoseconds, const char **why)
{
	const struct timeline_instant *a = &timeline->points[from], *b = &timeline->points[to];

	*why = a->unknown ? a->unknown : b->unknown;
	if (!*why && from < POINT_KERNEL && to >= POINT_KERNEL)
		*why = timeline->apart;
	if (*why)
		return false;
	*nanoseconds = (uint64_t)(b->at - a->at);
	return true;
}

unsigned int timeline_spans(const struct timeline *timeline, struct timeline_span *spans)
{
	unsigned int count = 0, from = POINT_COUNT;

	for (unsigned int i = 0; i < POINT_COUNT; i++) {
		const char *why;

		if (timeline->points[i].unknown)
			continue;
		if (from < POINT_COUNT &&
		    timeline_between(timeline, from, i, &spans[count].nanoseconds, &why)) {
			spans[count].from = from;
			spans[count++].to = i;
		}
		from = i;
	}
	return count;
}

const char *timeline_point_name(enum timeline_point point)
{
	static const char *const names[] = {"ordered", "jumped", "entered", "left",
					    "kernel",  "init",   "finished"};

	return names[point];
}

const char *timeline_stage_name(enum timeline_stage stage)
{
	static const char *const names[] = {"shutdown", "devices", "digest",
					    "jump",     "kernel",  "user-space"};

	return names[stage];
}
