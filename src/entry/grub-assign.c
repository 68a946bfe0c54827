/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that set variables. */
#include <stdlib.h>
#include <string.h>

#include "entry/grub-run.h"

int grub_assign(struct grub_run *run, const struct grub_argument *assignment)
{
	const char *equals = strchr(assignment->text, '=');
	char *name;
	int r;

	if (!equals)
		return grub_run_status(run, 18, assignment->doubt); /* GRUB_ERR_BAD_ARGUMENT */
	if (equals == assignment->text) {
		/* The name itself is in doubt: it may be any variable. */
		if (assignment->doubt) {
			grub_stick(run, assignment->doubt, GRUB_UNTIL_END);
			run->unread = assignment->doubt;
		}
		return grub_run_status(run, 18, assignment->doubt);
	}
	name = grub_arena_copy(&run->arena, assignment->text, (size_t)(equals - assignment->text));
	r = name ? grub_run_set(run, name, equals + 1, assignment->doubt) : run->arena.code;
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}

int grub_unset(struct grub_run *run, const struct grub_arguments *arguments)
{
	int r = 0;

	for (size_t i = 1; r == 0 && i < arguments->count; i++)
		r = grub_run_set(run, arguments->list[i].text, NULL, arguments->list[i].doubt);
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}

int grub_export(struct grub_run *run, const struct grub_arguments *arguments)
{
	int r = 0;

	for (size_t i = 1; r == 0 && i < arguments->count; i++)
		r = grub_environment_export(run->environment, arguments->list[i].text);
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}

/* "increment" and "decrement" of Fedora's GRUB, which counts boots. */
int grub_count_up(struct grub_run *run, const struct grub_arguments *arguments)
{
	const struct grub_doubt *doubt;
	const char *value;
	char *text;
	long long number;
	int r;

	if (arguments->count != 2 || arguments->list[1].doubt)
		return grub_run_status(run, 18, NULL);
	value = grub_run_get(run, arguments->list[1].text, &doubt);
	number = strtoll(value, NULL, 10);
	if (number > 1000000 || number < -1000000)
		number = 0;
	number += strcmp(arguments->list[0].text, "increment") == 0 ? 1 : -1;
	text = grub_arena_format(&run->arena, "%lld", number);
	r = text ? grub_run_set(run, arguments->list[1].text, text, doubt) : run->arena.code;
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}

/* "--set NAME", "--set=NAME", "-s NAME", where regexp may write "1:NAME". */
static const char *variable_of_option(const struct grub_arguments *arguments, size_t i)
{
	const char *text = arguments->list[i].text, *colon;

	if (strncmp(text, "--set=", 6) == 0)
		text += 6;
	else if ((strcmp(text, "--set") == 0 || strcmp(text, "-s") == 0) &&
		 i + 1 < arguments->count)
		text = arguments->list[i + 1].text;
	else
		return NULL;
	colon = strchr(text, ':');
	return colon ? colon + 1 : text;
}

int grub_set_in_doubt(struct grub_run *run, const struct grub_arguments *arguments)
{
	const char *command = arguments->list[0].text;
	const struct grub_doubt *doubt =
	    grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "what \"%s\" finds", command);
	int r = doubt ? 0 : run->arena.code;

	for (size_t i = 1; r == 0 && i < arguments->count; i++) {
		const char *name = strcmp(command, "read") == 0 ? arguments->list[i].text
								: variable_of_option(arguments, i);

		if (name && *name)
			r = grub_run_set(run, name, "", doubt);
	}
	return r == 0 ? grub_run_status(run, 0, doubt) : r;
}
