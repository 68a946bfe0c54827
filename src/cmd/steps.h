/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps that the classic options and the verbs take alike.
 */
#pragma once

#include "explain/explain.h"

struct command;
struct error;
struct handover_result;
struct plan;
struct request;

/* What a load of such a request is called where it fails. */
enum explain_task task_of_load(const struct request *request);

/*
 * Fills in what a request to load or plan gets from here: the random seed, and whom to tell. A seed
 * is drawn without waiting: early in boot there may be no randomness yet, and then there is none.
 * For a recorded machine it is zeros.
 */
void prepare_request(struct command *command);

/* Tells on stderr that another process is loading: for handover_unload(). */
void say_that_it_waits(long holder);

/* Draws the plan into a file. 0 or a negative errno with a failure added. */
int draw_plan(const struct plan *plan, const char *path, struct error *error);

/* Tells on stderr what the user should know of a load that succeeded; `overcome` as
 * handover_load() left it. */
void warn_about(const struct handover_result *result, const struct error *overcome);
