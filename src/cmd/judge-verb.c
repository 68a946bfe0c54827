/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "cmd/file-options.h"
#include "cmd/judge.h"
#include "cmd/options.h"

enum verb judge_which_verb(const struct seen *seen)
{
	static const enum option_id actions[] = {
	    OPTION_LOAD,   OPTION_EXEC,           OPTION_UNLOAD,     OPTION_FORCE,
	    OPTION_STATUS, OPTION_RECORD_MACHINE, OPTION_LOAD_PANIC, OPTION_PRINT_CRASH_SIZE,
	};
	const struct verb_entry *entry = seen->word_count ? verb_find(seen->words[0]) : NULL;

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (seen->given[actions[i]])
			return VERB_NONE;
	return entry ? entry->verb : VERB_NONE;
}

static int judge_verb_options(const struct command *command, const struct seen *seen,
			      struct error *error)
{
	for (size_t i = 0; i < option_table_size; i++)
		if (seen->entries[i] && !(option_table[i].verbs & 1U << command->verb))
			return error_add(error, ERROR_USAGE, 0, "options", NULL,
					 "--%s does not go with \"kexec %s\"", option_table[i].name,
					 verb_name(command->verb));
	return 0;
}

/* A kernel without a command line finds no root filesystem: the base is the running one's. */
static int judge_verb_load(struct command *command, struct seen *seen, struct error *error)
{
	struct request *request = &command->request;
	int r;

	r = judge_kernel(seen, 1, error);
	if (r < 0)
		return r;
	if (!seen->kernel || !*seen->kernel)
		return judge_usage(error, verb_name(command->verb), "no kernel was given");
	request->kernel = seen->kernel;
	r = judge_request(request, error);
	if (r == 0)
		r = judge_files(command, error);
	if (r == 0)
		request->reuse_command_line = !request->command_line;
	if (r == 0 && request->kind == PLAN_CRASH) {
		request->crash_words = request->reuse_command_line;
		if (request->hotplug == CRASH_HOTPLUG_NO)
			request->hotplug = CRASH_HOTPLUG_IF_POSSIBLE;
	}
	return r;
}

static int judge_with_or_without_kernel(struct command *command, struct seen *seen,
					struct error *error)
{
	int r = judge_kernel(seen, 1, error);

	if (r < 0)
		return r;
	if (seen->kernel && !*seen->kernel)
		return judge_usage(error, verb_name(command->verb), "the kernel's name is empty");
	if (!seen->kernel && command->request.initrd_count)
		return judge_usage(error, "--initrd", "it goes with a kernel, and none was given");
	command->request.kernel = seen->kernel;
	return 0;
}

static int judge_reboot(const struct command *command, struct error *error)
{
	const struct reboot_wish *wish = &command->reboot;

	if (wish->cold && wish->now)
		return judge_usage(error, "--now",
				   "it jumps at once, and --cold goes through the firmware; only "
				   "one of them can be");
	if (wish->cold && wish->skip_firmware)
		return judge_usage(error, "--skip-firmware",
				   "it passes over the firmware, and --cold goes through it; only "
				   "one of them can be");
	if ((command->no_ifdown || command->no_sync) && !wish->now)
		return judge_usage(error, command->no_ifdown ? "--no-ifdown" : "--no-sync",
				   "it goes with --now: a shutdown does these things in its own "
				   "way");
	return 0;
}

int judge_verb(struct command *command, struct seen *seen, struct error *error)
{
	int r;

	if (seen->given[OPTION_HELP] || seen->given[OPTION_VERSION]) {
		command->action = seen->given[OPTION_HELP] ? ACTION_HELP : ACTION_VERSION;
		return 0;
	}
	r = judge_verb_options(command, seen, error);
	if (r < 0)
		return r;
	if (verb_table[command->verb - 1].kernel_is_optional)
		return judge_with_or_without_kernel(command, seen, error);
	if (verb_table[command->verb - 1].takes_kernel)
		return judge_verb_load(command, seen, error);
	if (seen->word_count > 1)
		return error_add(error, ERROR_USAGE, 0, "options", seen->words[1],
				 "\"kexec %s\" takes no further word", verb_name(command->verb));
	if (command->crash_now && command->verify)
		return judge_usage(error, "--verify",
				   "it looks for the dump of a crash that is over, and --crash-now "
				   "crashes; only one of them can be");
	return command->verb == VERB_REBOOT ? judge_reboot(command, error) : 0;
}
