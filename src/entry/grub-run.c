/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What GRUB's grub-core/script/execute.c does. */
#include "entry/grub-run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct grub_doubt *grub_doubt_new(struct grub_run *run, enum entry_problem problem,
					const char *format, ...)
{
	struct grub_doubt *doubt = grub_arena_get(&run->arena, sizeof(*doubt));
	char detail[512];
	va_list list;

	if (!doubt)
		return NULL;
	va_start(list, format);
	vsnprintf(detail, sizeof(detail), format, list);
	va_end(list);
	*doubt = (struct grub_doubt){run->file, run->line, problem,
				     grub_arena_text(&run->arena, detail)};
	return doubt->detail ? doubt : NULL;
}

const struct grub_doubt *grub_doubt_device(struct grub_run *run)
{
	return grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "what GRUB calls a disk");
}

int grub_run_set(struct grub_run *run, const char *name, const char *value,
		 const struct grub_doubt *doubt)
{
	const struct grub_variable *variable = grub_environment_get(run->environment, name);
	const char *old = variable ? variable->value : NULL;
	struct grub_variable *set;
	int r;

	if (!doubt && run->doubt) {
		/* Whether it is set or not, it is the same. */
		if ((!variable || !variable->doubt) &&
		    (old && value ? strcmp(old, value) == 0 : !old && !value))
			return 0;
		doubt = run->doubt;
	}
	r = grub_environment_set(run->environment, name, value, doubt);
	set = r == 0 ? grub_environment_get(run->environment, name) : NULL;
	if (set) {
		set->file = run->file;
		set->line = run->line;
	}
	return r;
}

const char *grub_run_get(struct grub_run *run, const char *name, const struct grub_doubt **doubt)
{
	const struct grub_variable *variable = grub_environment_get(run->environment, name);

	*doubt = variable ? variable->doubt : run->unread;
	if (!variable && strncmp(name, "feature_", 8) == 0)
		*doubt = grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD,
					"whether the installed GRUB has $%s", name);
	return variable && variable->value && !variable->doubt ? variable->value : "";
}

void grub_stick(struct grub_run *run, const struct grub_doubt *doubt, enum grub_until until)
{
	if (!run->doubt)
		run->doubt = doubt;
	if (!run->sticky)
		run->sticky = run->doubt;
	if (until > run->until)
		run->until = until;
}

int grub_give_up(struct grub_run *run, const char *what)
{
	const struct grub_doubt *doubt = grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "%s", what);

	if (!doubt)
		return run->arena.code;
	grub_stick(run, doubt, GRUB_UNTIL_END);
	run->boot->doubt = doubt;
	run->flow = GRUB_LEAVE;
	return 0;
}

/* At the end of a loop or a function, from before which `before` is. */
static void unstick(struct grub_run *run, const struct grub_run *before, enum grub_until until)
{
	if (before->sticky || run->until > until)
		return;
	run->sticky = NULL;
	run->until = GRUB_UNTIL_NOW;
	run->doubt = before->doubt;
}

/* Both whether the commands run or not is possible. */
int grub_run_in_doubt(struct grub_run *run, const struct grub_command *commands,
		      const struct grub_doubt *doubt)
{
	const struct grub_doubt *before = run->doubt;
	int r;

	if (!run->doubt)
		run->doubt = doubt;
	r = grub_run_commands(run, commands);
	run->doubt = run->sticky ? run->sticky : before;
	return r;
}

static int run_if(struct grub_run *run, const struct grub_command *command)
{
	const struct grub_doubt *doubt;
	int r = grub_run_commands(run, command->condition);

	if (r < 0 || run->flow != GRUB_GO_ON)
		return r;
	doubt = run->status_doubt;
	if (!doubt)
		return grub_run_commands(run,
					 run->status == 0 ? command->body : command->otherwise);
	r = grub_run_in_doubt(run, command->body, doubt);
	if (r == 0)
		r = grub_run_in_doubt(run, command->otherwise, doubt);
	return r == 0 ? grub_run_status(run, 0, doubt) : r;
}

/* Whether the loop ends here. */
static bool ends_loop(struct grub_run *run)
{
	if (run->flow == GRUB_GO_ON)
		return false;
	if (run->flow == GRUB_CONTINUE && run->breaks <= 1) {
		run->flow = GRUB_GO_ON;
		return false;
	}
	if ((run->flow == GRUB_BREAK || run->flow == GRUB_CONTINUE) && --run->breaks == 0)
		run->flow = GRUB_GO_ON;
	return true;
}

static int run_for_each(struct grub_run *run, const struct grub_command *command,
			const struct grub_arguments *arguments)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < arguments->count; i++) {
		const struct grub_doubt *doubt = arguments->list[i].doubt;

		r = grub_run_set(run, command->name, arguments->list[i].text, doubt);
		if (r < 0)
			return r;
		/* One that is in doubt may be none, or several. */
		r = doubt ? grub_run_in_doubt(run, command->body, doubt)
			  : grub_run_commands(run, command->body);
		if (r == 0 && ends_loop(run))
			break;
	}
	return r;
}

static int run_for(struct grub_run *run, const struct grub_command *command)
{
	const struct grub_run before = *run;
	struct grub_arguments arguments = {0};
	int r = grub_expand(run, command->words, &arguments);

	run->loops++;
	if (r == 0)
		r = run_for_each(run, command, &arguments);
	run->loops--;
	unstick(run, &before, GRUB_UNTIL_LOOP);
	return r;
}

static int run_while(struct grub_run *run, const struct grub_command *command)
{
	const struct grub_run before = *run;
	int r = 0;

	run->loops++;
	for (unsigned int round = 0; r == 0; round++) {
		r = grub_run_commands(run, command->condition);
		if (r < 0 || ends_loop(run))
			break;
		if (run->status_doubt || round == GRUB_LOOP_MAX) {
			const struct grub_doubt *doubt =
			    run->status_doubt
				? run->status_doubt
				: grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD,
						 "a loop that goes round more than %u times",
						 (unsigned int)GRUB_LOOP_MAX);

			r = doubt ? grub_run_in_doubt(run, command->body, doubt) : run->arena.code;
			break;
		}
		if ((run->status == 0) == (command->kind == GRUB_UNTIL))
			break;
		r = grub_run_commands(run, command->body);
		if (r < 0 || ends_loop(run))
			break;
	}
	run->loops--;
	unstick(run, &before, GRUB_UNTIL_LOOP);
	return r;
}

static const struct grub_function *find_function(const struct grub_run *run, const char *name)
{
	for (const struct grub_function *function = run->functions; function;
	     function = function->next)
		if (strcmp(function->name, name) == 0)
			return function;
	return NULL;
}

static int define_function(struct grub_run *run, const struct grub_command *command)
{
	struct grub_function *function = grub_arena_get(&run->arena, sizeof(*function));

	if (!function)
		return run->arena.code;
	*function = (struct grub_function){command->name, command->body, run->file, run->functions};
	run->functions = function;
	return 0;
}

int grub_run_elsewhere(struct grub_run *run, const char *file,
		       const struct grub_arguments *parameters, const struct grub_command *commands)
{
	const struct grub_arguments *parameters_before = run->parameters;
	const char *file_before = run->file;
	unsigned int loops = run->loops;
	int r;

	if (run->depth == GRUB_DEPTH_MAX)
		return grub_give_up(run, "functions that call each other without an end");
	run->depth++;
	run->loops = 0;
	run->file = file;
	run->parameters = parameters;
	r = grub_run_commands(run, commands);
	run->parameters = parameters_before;
	run->file = file_before;
	run->loops = loops;
	run->depth--;
	return r;
}

static int call_function(struct grub_run *run, const struct grub_function *function,
			 const struct grub_arguments *arguments)
{
	struct grub_arguments parameters = {arguments->list + 1, arguments->count - 1, 0};
	const struct grub_run before = *run;
	int r = grub_run_elsewhere(run, function->file, &parameters, function->body);

	if (run->flow == GRUB_RETURN)
		run->flow = GRUB_GO_ON;
	unstick(run, &before, GRUB_UNTIL_FUNCTION);
	return r;
}

static int run_unknown(struct grub_run *run, const char *name)
{
	const struct grub_doubt *doubt =
	    grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "the command \"%s\" is not understood", name);

	if (!doubt)
		return run->arena.code;
	if (entry_list_add_remark(run->list, REMARK_NOT_UNDERSTOOD, doubt->file, doubt->line, "%s",
				  doubt->detail) < 0)
		return run->arena.code = -ENOMEM;
	return grub_run_status(run, 0, doubt);
}

/* A command whose name itself is not known could do anything. */
static int run_nameless(struct grub_run *run, const struct grub_doubt *doubt)
{
	grub_stick(run, doubt, GRUB_UNTIL_END);
	return grub_run_status(run, 0, doubt);
}

static int run_arguments(struct grub_run *run, const struct grub_command *command,
			 struct grub_arguments *arguments)
{
	const char *name = arguments->list[0].text;
	const struct grub_function *function;
	bool found = false;
	int r;

	if (arguments->list[0].doubt)
		return strchr(name, '=') ? grub_assign(run, &arguments->list[0])
					 : run_nameless(run, arguments->list[0].doubt);
	r = grub_run_command(run, command, arguments, &found);
	if (r < 0 || found)
		return r;
	function = find_function(run, name);
	if (function)
		return call_function(run, function, arguments);
	return strchr(name, '=') ? grub_assign(run, &arguments->list[0]) : run_unknown(run, name);
}

static void invert_status(struct grub_run *run)
{
	run->status = run->status == 0;
}

static int run_simple(struct grub_run *run, const struct grub_command *command)
{
	struct grub_arguments arguments = {0};
	bool inverted = false;
	int r = grub_expand(run, command->words, &arguments);

	if (r < 0 || arguments.count == 0)
		return r;
	if (!arguments.list[0].doubt && strcmp(arguments.list[0].text, "!") == 0) {
		inverted = true;
		arguments.list++;
		arguments.count--;
		if (arguments.count == 0)
			return 0;
	}
	r = run_arguments(run, command, &arguments);
	if (r == 0 && inverted)
		invert_status(run);
	return r;
}

static int run_one(struct grub_run *run, const struct grub_command *command)
{
	run->line = command->line;
	if (++run->steps > GRUB_STEPS_MAX)
		return run->arena.code = -E2BIG;
	if (++run->entry_steps > GRUB_ENTRY_STEPS_MAX)
		return grub_give_up(run, "it goes on and on");
	switch (command->kind) {
	case GRUB_IF:
		return run_if(run, command);
	case GRUB_FOR:
		return run_for(run, command);
	case GRUB_WHILE:
	case GRUB_UNTIL:
		return run_while(run, command);
	case GRUB_FUNCTION:
		return define_function(run, command);
	case GRUB_SIMPLE:
		break;
	}
	return run_simple(run, command);
}

int grub_run_commands(struct grub_run *run, const struct grub_command *commands)
{
	int r = 0;

	for (; r == 0 && commands && run->flow == GRUB_GO_ON; commands = commands->next)
		r = run_one(run, commands);
	return r;
}
