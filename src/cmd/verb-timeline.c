/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/root.h"
#include "base/write-file.h"
#include "cmd/jump.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/timeline-show.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "handover/status.h"
#include "plan/plan.h"

enum { ANSWER_SIZE = 4096 };

static const char *const systemctls[] = {"/usr/bin/systemctl", "/bin/systemctl"};

/* Only what the machine itself runs is asked: of another root it tells nothing. */
static bool ask_systemd(struct systemd_marks *marks, const struct program *program)
{
	char answer[ANSWER_SIZE];

	for (size_t i = 0; i < sizeof(systemctls) / sizeof(*systemctls); i++)
		if (program->actions->ask(systemctls[i], systemd_marks_arguments, answer,
					  sizeof(answer)) == 0)
			return systemd_marks_parse(marks, answer);
	return false;
}

static void read_exec(struct timeline_exec *exec, const struct root *root, const char *path)
{
	exec->result = exec_stamp_read(&exec->stamp, root, path);
}

static void gather(struct timeline_inputs *inputs, const struct status *status,
		   const struct program *program, const struct root *root)
{
	*inputs =
	    (struct timeline_inputs){.stamp_fact = status->stamp_fact, .stamp = status->stamp};
	if (root_read_line(root, RECORD_BOOT_ID, inputs->boot_id, sizeof(inputs->boot_id)) !=
	    FACT_KNOWN)
		*inputs->boot_id = '\0';
	if (status->previous_known) {
		strcpy(inputs->previous_boot_id, status->previous.boot_id);
		inputs->by_file = status->previous.method == PLAN_FILE;
	}
	read_exec(&inputs->ordered, root, EXEC_STAMP_ORDERED);
	read_exec(&inputs->jumped, root, EXEC_STAMP_JUMPED);
	inputs->init_fact = timeline_read_init(root, &inputs->init);
	inputs->systemd = status->init.systemd_fact == FACT_KNOWN && status->init.systemd &&
			  ask_systemd(&inputs->marks, program);
	clocks_read(&inputs->clocks);
}

static int check_start(const struct status *status, struct error *error)
{
	switch (status->start) {
	case STATUS_START_KEXEC:
		return 0;
	case STATUS_START_LOADER:
		return error_add(
		    error, ERROR_FILE, 0, "read timeline", NULL,
		    "this kernel was started by a boot loader: there was no hand-over");
	case STATUS_START_UNKNOWN:
		break;
	}
	return error_add(error, ERROR_FILE, 0, "read timeline", "/proc/sys/kernel/bootloader_type",
			 "whether there was a hand-over cannot be read");
}

static int draw(const struct timeline *timeline, const char *path, struct error *error)
{
	cleanup_free char *picture = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&picture, &size);

	if (!out)
		return error_memory(error, "draw the timeline");
	timeline_show_svg(timeline, out);
	if (fclose(out) != 0)
		return error_memory(error, "draw the timeline");
	return write_file(path, picture, size, error);
}

static int show(const struct timeline *timeline, const struct status *status,
		const struct command *command, struct report *report, struct error *error)
{
	bool stamped = !timeline->points[POINT_ENTERED].unknown;

	if (!command->json) {
		timeline_show_text(timeline, stamped ? &status->stamp : NULL, stdout);
		return 0;
	}
	report->detail = timeline_to_json(timeline);
	return report->detail ? 0 : error_memory(error, "show the timeline");
}

int verb_timeline(const struct program *program, const struct command *command,
		  const struct root *root)
{
	cleanup_with(status_fini) struct status status = {};
	struct timeline_inputs inputs;
	struct timeline timeline;
	struct report report = {};
	struct error error = {};
	int r;

	r = status_read(&status, root, &error);
	if (r == 0)
		r = check_start(&status, &error);
	if (r == 0) {
		gather(&inputs, &status, program, root);
		timeline_compute(&timeline, &inputs);
	}
	if (r == 0 && command->svg)
		r = draw(&timeline, command->svg, &error);
	if (r == 0)
		r = show(&timeline, &status, command, &report, &error);
	if (r < 0)
		return verb_fail(EXPLAIN_TIMELINE, command, root, &report, &error);
	r = report_finish(command, &report, &error, VERB_EXIT_OK);
	json_object_put(report.detail);
	return r;
}
