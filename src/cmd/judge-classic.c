/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "cmd/judge.h"
#include "cmd/options.h"

/* Exactly one thing is to be done; -h, -v and -S are done instead of any other action. */
static int judge_action(struct command *command, const struct seen *seen, struct error *error)
{
	const bool *given = seen->given;
	bool panic = given[OPTION_LOAD_PANIC];
	bool load = given[OPTION_LOAD] || given[OPTION_FORCE] || seen->kernel;

	if (given[OPTION_HELP]) {
		command->action = ACTION_HELP;
	} else if (given[OPTION_VERSION]) {
		command->action = ACTION_VERSION;
	} else if (given[OPTION_RECORD_MACHINE]) {
		command->action = ACTION_RECORD_MACHINE;
		if (load || panic || given[OPTION_EXEC] || given[OPTION_UNLOAD] ||
		    given[OPTION_STATUS])
			return judge_usage(error, "--record-machine",
					   "it goes with no other action");
	} else if (given[OPTION_PRINT_CRASH_SIZE]) {
		command->action = ACTION_PRINT_CRASH_SIZE;
		if (seen->kernel)
			return judge_usage(error, seen->kernel, "--print-ckr-size takes no kernel");
	} else if (given[OPTION_STATUS]) {
		command->action = ACTION_STATUS;
		command->status_of_normal = given[OPTION_LOAD];
		if (seen->kernel)
			return judge_usage(error, seen->kernel, "--status takes no kernel");
	} else if (given[OPTION_UNLOAD]) {
		command->action = ACTION_UNLOAD;
		if (load || given[OPTION_EXEC])
			return judge_usage(error, "--unload",
					   "it goes with no other action (a load replaces what is "
					   "loaded by itself)");
	} else if (given[OPTION_EXEC]) {
		command->action = ACTION_EXECUTE;
		if (seen->kernel)
			return error_add(error, ERROR_USAGE, 0, "options", seen->kernel,
					 "--exec jumps into what is loaded already and takes no "
					 "kernel; --force loads and jumps");
		if (given[OPTION_LOAD] || given[OPTION_FORCE] || panic)
			return judge_usage(
			    error, "--exec",
			    "it jumps into what is loaded already; to load and jump at "
			    "once use --force KERNEL");
	} else if (panic && (given[OPTION_LOAD] || given[OPTION_FORCE])) {
		return judge_usage(error, "--load-panic",
				   "it loads for a panic, and --load and --force for a jump; only "
				   "one of them can be");
	} else if (load || panic) {
		command->action = ACTION_LOAD;
	} else {
		return judge_usage(error, NULL, "nothing to do: no action and no kernel was given");
	}
	return 0;
}

static int judge_load(struct command *command, const struct seen *seen, struct error *error)
{
	int r;

	if (!seen->kernel || !*seen->kernel)
		return judge_usage(error,
				   seen->given[OPTION_FORCE]        ? "--force"
				   : seen->given[OPTION_LOAD_PANIC] ? "--load-panic"
								    : "--load",
				   "no kernel was given");
	command->request.kernel = seen->kernel;
	if (seen->given[OPTION_FORCE])
		command->afterwards = AFTERWARDS_EXECUTE;
	else if (!seen->given[OPTION_LOAD] && !seen->given[OPTION_LOAD_PANIC])
		command->afterwards = AFTERWARDS_SHUT_DOWN;
	r = judge_request(&command->request, error);
	if (r < 0)
		return r;
	if (command->json && !command->dry_run)
		return judge_usage(error, "--json", "it goes with --dry-run");
	if (command->svg && !command->dry_run)
		return judge_usage(error, "--svg", "it goes with --dry-run");
	if (command->sysroot && !command->dry_run)
		return judge_usage(
		    error, "--sysroot",
		    "a recorded machine can only be planned for: give --dry-run too");
	/* No word about -y: a load never syncs, so its wish is granted. */
	if (command->no_ifdown && command->afterwards != AFTERWARDS_EXECUTE)
		judge_warn(command, "-x has no effect: a load takes no interface down");
	return 0;
}

/* Without a load, an option that says what to load cannot take effect. */
static int judge_others(struct command *command, const struct seen *seen, struct error *error)
{
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];

		if (!seen->entries[i] || entry->state != OPTION_SUPPORTED)
			continue;
		if (entry->scope == SCOPE_LOAD)
			return error_add(error, ERROR_USAGE, 0, "options", NULL,
					 "--%s goes with a load, and nothing is to be loaded",
					 entry->name);
		if (entry->scope == SCOPE_EXECUTE && command->action != ACTION_EXECUTE)
			judge_warn(command, "--%s has no effect here", entry->name);
	}
	return 0;
}

static int refuse_options_of_verbs(const struct seen *seen, struct error *error)
{
	for (size_t i = 0; i < option_table_size; i++)
		if (seen->entries[i] && option_table[i].scope == SCOPE_VERBS)
			return error_add(error, ERROR_USAGE, 0, "options", NULL,
					 "--%s goes with a verb, as in \"kexec load KERNEL\"",
					 option_table[i].name);
	return 0;
}

int judge_classic(struct command *command, struct seen *seen, struct error *error)
{
	int r;

	r = judge_kernel(seen, 0, error);
	if (r == 0)
		r = refuse_options_of_verbs(seen, error);
	if (r == 0)
		r = judge_action(command, seen, error);
	if (r < 0)
		return r;
	if (command->action == ACTION_LOAD)
		return judge_load(command, seen, error);
	if (command->action == ACTION_HELP || command->action == ACTION_VERSION)
		return 0;
	return judge_others(command, seen, error);
}
