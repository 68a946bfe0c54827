/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/classic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "cmd/file-limit.h"
#include "cmd/jump.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/steps.h"
#include "explain/exit-code.h"
#include "explain/explain.h"
#include "handover/status.h"
#include "load/load.h"
#include "machine/crash.h"
#include "machine/kernel.h"
#include "machine/recording.h"
#include "plan/plan.h"
#include "plan/show.h"
#include "record/record.h"
#include "record/timeline.h"

enum {
	STATUS_NOT_LOADED = 0,
	STATUS_LOADED = 1,
	STATUS_UNKNOWN = 255,
};

int classic_fail(enum explain_task task, const struct command *command, const struct root *root,
		 const struct error *error)
{
	struct machine_kernel kernel = {};
	struct error ignored = {};
	bool known =
	    (root->fd >= 0 || root->reader) && machine_kernel_read(&kernel, root, &ignored) == 0;

	fflush(stdout);
	explain_error(stderr, task, error, known ? &kernel : NULL);
	machine_kernel_fini(&kernel);
	return classic_exit_code(error, command->request.method == METHOD_FILE_ONLY);
}

static int execute(const struct program *program, const struct command *command,
		   const struct root *root)
{
	const struct jump jump = {root, command->action == ACTION_EXECUTE ? "kexec -e" : "kexec -f",
				  command->no_sync, command->no_ifdown};
	struct error error = {};

	if (handover_check_jump(root, &error) == 0)
		jump_at_once(program->actions, program->calls, &jump, &error);
	return classic_fail(EXPLAIN_EXECUTE, command, root, &error);
}

static int show_plan_as_json(const struct plan *plan, struct error *error)
{
	cleanup_json struct json_object *json = plan_to_json(plan);

	if (!json)
		return error_memory(error, "show plan");
	json_print(stdout, json);
	return 0;
}

static int show_plan(const struct command *command, const struct root *root)
{
	cleanup_plan struct plan *plan = NULL;
	struct error error = {};
	struct rlimit before;
	int r;

	r = file_limit_raise(command->request.initrd_count, &before, &error);
	if (r == 0)
		r = handover_plan(&command->request, root, &plan, &error);
	if (r == 0 && command->svg)
		r = draw_plan(plan, command->svg, &error);
	if (r == 0 && command->json)
		r = show_plan_as_json(plan, &error);
	else if (r == 0)
		plan_show_text(plan, stdout);
	return r < 0 ? classic_fail(EXPLAIN_PLAN, command, root, &error) : 0;
}

static int shut_down(const struct program *program, const struct command *command,
		     const struct root *root)
{
	struct error error = {};
	int r = jump_by_shutdown(program->actions, root);

	error_add(
	    &error, ERROR_FILE, -r, "exec", "shutdown",
	    "the kernel is loaded, and no shutdown program could be started; `kexec -e` jumps "
	    "without one");
	return classic_fail(EXPLAIN_EXECUTE, command, root, &error);
}

static int load(const struct program *program, const struct command *command,
		const struct root *root)
{
	struct handover_result result;
	struct error error = {};
	struct rlimit before;

	if (file_limit_raise(command->request.initrd_count, &before, &error) < 0 ||
	    handover_load(&command->request, root, program->calls, &result, &error) < 0)
		return classic_fail(task_of_load(&command->request), command, root, &error);
	warn_about(&result, &error);
	plan_free(result.plan);
	file_limit_restore(&before);
	switch (command->afterwards) {
	case AFTERWARDS_NOTHING:
		break;
	case AFTERWARDS_EXECUTE:
		return execute(program, command, root);
	case AFTERWARDS_SHUT_DOWN:
		return shut_down(program, command, root);
	}
	return 0;
}

static int unload(const struct load_calls *calls, const struct command *command,
		  const struct root *root)
{
	struct error error = {};

	if (handover_unload(command->request.kind, root, calls, command->request.method,
			    say_that_it_waits, NULL, &error) < 0)
		return classic_fail(EXPLAIN_UNLOAD, command, root, &error);
	explain_error(stderr, EXPLAIN_WARNING, &error, NULL);
	return 0;
}

static void say_how_this_kernel_came(const struct root *root)
{
	struct purgatory_stamp stamp;

	switch (timeline_read_stamp(root, &stamp)) {
	case FACT_KNOWN:
		fprintf(stderr,
			"kexec: this kernel was started by kexec: purgatory was entered at TSC "
			"%" PRIu64 ", verified %" PRIu32 " segments with registers of %" PRIu32
			" bits and left at TSC %" PRIu64 "\n",
			stamp.entered, stamp.checked, stamp.width, stamp.left);
		break;
	case FACT_ABSENT:
		fputs("kexec: this kernel was not started through our purgatory\n", stderr);
		break;
	case FACT_UNREADABLE:
		fputs("kexec: how this kernel was started cannot be read\n", stderr);
		break;
	}
}

static int status(const struct command *command, const struct root *root)
{
	const char *path = command->status_of_normal ? "/sys/kernel/kexec_loaded"
						     : "/sys/kernel/kexec_crash_loaded";
	bool loaded;

	if (command->request.debug)
		say_how_this_kernel_came(root);
	if (status_loaded(command->status_of_normal ? PLAN_NORMAL : PLAN_CRASH, root, &loaded) !=
	    FACT_KNOWN) {
		fprintf(stderr,
			"kexec: %s cannot be read: whether a kernel is loaded is unknown\n"
			"  next: mount /sys; a kernel without CONFIG_KEXEC_CORE has no such file\n",
			path);
		return STATUS_UNKNOWN;
	}
	/* The record tells of the normal image only. */
	if (command->request.debug && command->status_of_normal &&
	    record_state(root) == RECORD_UNCONFIRMED)
		explain_unconfirmed(stderr, loaded);
	return loaded ? STATUS_LOADED : STATUS_NOT_LOADED;
}

static int print_crash_size(const struct root *root)
{
	uint64_t size;

	if (machine_crash_reserved_size(root, &size) == FACT_UNREADABLE) {
		fputs("kexec: /proc/iomem and /sys/kernel/kexec_crash_size cannot be read: what is "
		      "reserved is unknown\n  next: run it as root, with /proc and /sys mounted\n",
		      stderr);
		return STATUS_UNKNOWN;
	}
	printf("%" PRIu64 "\n", size);
	return 0;
}

static int record_machine(const struct program *program, const struct command *command,
			  const struct root *root)
{
	struct error error = {};

	if (machine_record(root, command->record_machine, program->version, &error) < 0)
		return classic_fail(EXPLAIN_RECORD, command, root, &error);
	explain_error(stderr, EXPLAIN_WARNING, &error, NULL);
	return 0;
}

int classic_run(const struct program *program, struct command *command, const struct root *root)
{
	switch (command->action) {
	case ACTION_STATUS:
		return status(command, root);
	case ACTION_UNLOAD:
		return unload(program->calls, command, root);
	case ACTION_EXECUTE:
		return execute(program, command, root);
	case ACTION_RECORD_MACHINE:
		return record_machine(program, command, root);
	case ACTION_PRINT_CRASH_SIZE:
		return print_crash_size(root);
	case ACTION_LOAD:
		prepare_request(command);
		return command->dry_run ? show_plan(command, root) : load(program, command, root);
	case ACTION_HELP:
	case ACTION_VERSION:
	case ACTION_NONE:
		break;
	}
	return 1;
}
