/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/steps.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/write-file.h"
#include "cmd/options.h"
#include "cmd/progress-bar.h"
#include "explain/explain.h"
#include "plan/plan.h"
#include "plan/show.h"

enum explain_task task_of_load(const struct request *request)
{
	return request->kind == PLAN_CRASH ? EXPLAIN_ARM : EXPLAIN_LOAD;
}

static void show_on_stderr(const struct plan *plan)
{
	plan_show_text(plan, stderr);
}

void say_that_it_waits(long holder)
{
	explain_waiting(stderr, holder);
}

static bool fill(uint8_t *bytes, size_t size)
{
	return getrandom(bytes, size, GRND_NONBLOCK) == (ssize_t)size;
}

void prepare_request(struct command *command)
{
	struct request *request = &command->request;

	request->have_seed =
	    command->sysroot || (fill(request->seed, sizeof(request->seed)) &&
				 fill(request->kaslr_seed, sizeof(request->kaslr_seed)));
	request->planned = request->debug ? show_on_stderr : NULL;
	request->waiting = say_that_it_waits;
	request->progress = isatty(STDERR_FILENO) && !request->debug ? show_progress : NULL;
}

int draw_plan(const struct plan *plan, const char *path, struct error *error)
{
	cleanup_free char *picture = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&picture, &size);
	int r = out ? plan_show_svg(plan, out) : -ENOMEM;

	if ((out && fclose(out) != 0) || r < 0)
		return error_memory(error, "draw the plan");
	return write_file(path, picture, size, error);
}

void warn_about(const struct handover_result *result, const struct error *overcome)
{
	const struct plan *plan = result->plan;

	if (result->fell_back)
		explain_fall_back(stderr, overcome, plan_method_call(plan->method),
				  plan->method_reason);
	for (size_t i = 0; i < plan->note_count; i++)
		if (plan->notes[i].weight == PLAN_WARNING)
			explain_warning(stderr, plan->notes[i].text);
	explain_error(stderr, EXPLAIN_WARNING, &result->unrecorded, NULL);
}
