/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/options.h"

int judge_usage(struct error *error, const char *subject, const char *detail)
{
	return error_add(error, ERROR_USAGE, 0, "options", subject, "%s", detail);
}

void judge_warn(struct command *command, const char *format, ...)
{
	va_list arguments;

	if (command->warning_count == WARNINGS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(command->warnings[command->warning_count++], WARNING_SIZE, format, arguments);
	va_end(arguments);
}

/* A verb that was misspelt is taken for the kernel. */
static bool may_be_meant_as_verb(const char *word)
{
	return !strchr(word, '/') && !verb_find(word);
}

int judge_kernel(struct seen *seen, size_t first, struct error *error)
{
	if (seen->word_count > first)
		seen->kernel = seen->words[first];
	if (seen->word_count <= first + 1)
		return 0;
	return error_add(
	    error, ERROR_USAGE, 0, "options", seen->words[first + 1],
	    "one word too many: the kernel is %s%s (text with blanks needs quotes, as in "
	    "--append=\"a b\")",
	    seen->kernel,
	    first == 0 && may_be_meant_as_verb(seen->kernel) ? ", which is no verb" : "");
}

int judge_request(const struct request *request, struct error *error)
{
	if (request->command_line && request->reuse_command_line)
		return judge_usage(error, "--reuse-cmdline",
				   "--command-line is a base already; only one of them can be");
	if (request->kind == PLAN_NORMAL && (request->hotplug == CRASH_HOTPLUG_WANTED ||
					     request->memmap_words || request->allow_disarm))
		return judge_usage(error,
				   request->memmap_words   ? "--pass-memmap-cmdline"
				   : request->allow_disarm ? "--allow-disarm"
							   : "--hotplug",
				   "it goes with a load for a panic: -p, or --panic with a verb");
	if (request->load_min >= request->load_max)
		return judge_usage(error, "--mem-min, --mem-max", "there is nothing between them");
	return 0;
}
