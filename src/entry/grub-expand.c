/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words to arguments, as GRUB's grub-core/script/execute.c makes them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry/grub-run.h"

/* Arguments while they are made. */
struct making {
	struct grub_run *run;
	struct grub_arguments *arguments;
	char *text; /* of the argument that is being made */
	size_t length, capacity;
	bool exists; /* it is one, though it may be empty */
	const struct grub_doubt *doubt;
};

int grub_arguments_add(struct grub_run *run, struct grub_arguments *arguments, const char *text,
		       const struct grub_doubt *doubt)
{
	if (arguments->count >= GRUB_ARGUMENTS_MAX)
		return run->arena.code = -E2BIG;
	if (arguments->count == arguments->capacity) {
		size_t capacity = arguments->capacity ? arguments->capacity * 2 : 8;
		struct grub_argument *larger =
		    grub_arena_get(&run->arena, capacity * sizeof(*larger));

		if (!larger)
			return run->arena.code;
		if (arguments->count > 0)
			memcpy(larger, arguments->list, arguments->count * sizeof(*larger));
		arguments->list = larger;
		arguments->capacity = capacity;
	}
	arguments->list[arguments->count++] = (struct grub_argument){text, doubt};
	return 0;
}

static int append(struct making *making, const char *text, size_t length)
{
	making->exists = true;
	if (length > ENTRY_TEXT_MAX - making->length)
		return making->run->arena.code = -E2BIG;
	if (making->length + length + 1 > making->capacity) {
		size_t capacity = (making->length + length + 1) * 2;
		char *larger = realloc(making->text, capacity);

		if (!larger)
			return making->run->arena.code = -ENOMEM;
		making->text = larger;
		making->capacity = capacity;
	}
	memcpy(making->text + making->length, text, length);
	making->length += length;
	making->text[making->length] = '\0';
	return 0;
}

/* Ends the argument. */
static int finish(struct making *making)
{
	const char *copy;

	if (!making->exists)
		return 0;
	copy = grub_arena_copy(&making->run->arena, making->length ? making->text : "",
			       making->length);
	if (!copy)
		return making->run->arena.code;
	making->exists = false;
	making->length = 0;
	return grub_arguments_add(making->run, making->arguments, copy, making->doubt);
}

static int next_argument(struct making *making)
{
	int r = finish(making);

	making->doubt = NULL;
	return r;
}

static int append_split(struct making *making, const char *value)
{
	static const char spaces[] = " \t\n\r\f\v";
	int r = 0;

	value += strspn(value, spaces);
	while (r == 0 && *value) {
		size_t length = strcspn(value, spaces);

		r = append(making, value, length);
		value += length;
		value += strspn(value, spaces);
		if (r == 0 && *value)
			r = next_argument(making);
	}
	return r;
}

static int append_value(struct making *making, const char *value, bool quoted)
{
	if (!quoted)
		return append_split(making, value);
	return *value ? append(making, value, strlen(value)) : 0;
}

static void add_doubt(struct making *making, const struct grub_doubt *doubt)
{
	if (doubt) {
		making->exists = true;
		making->doubt = doubt;
	}
}

/* $* and $@: all parameters. */
static int append_parameters(struct making *making, char name, bool quoted)
{
	const struct grub_arguments *parameters = making->run->parameters;
	int r = 0;

	for (size_t i = 0; r == 0 && parameters && i < parameters->count; i++) {
		if (i > 0 && (name == '@' || !quoted))
			r = next_argument(making);
		else if (i > 0)
			r = append(making, " ", 1);
		add_doubt(making, parameters->list[i].doubt);
		if (r == 0)
			r = append_value(making, parameters->list[i].text, quoted);
	}
	return r;
}

static int append_number(struct making *making, unsigned long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", number);
	return append(making, text, strlen(text));
}

/* $1, $2, …; $0 is nothing. */
static int append_parameter(struct making *making, const char *name, bool quoted)
{
	const struct grub_arguments *parameters = making->run->parameters;
	unsigned long number = strtoul(name, NULL, 10);

	if (!parameters || number == 0 || number > parameters->count)
		return 0;
	add_doubt(making, parameters->list[number - 1].doubt);
	return append_value(making, parameters->list[number - 1].text, quoted);
}

static int append_variable(struct making *making, const char *name, bool quoted)
{
	struct grub_run *run = making->run;
	const struct grub_doubt *doubt = NULL;
	const char *value;

	if (name[0] == '*' || name[0] == '@')
		return append_parameters(making, name[0], quoted);
	if (name[0] == '#')
		return append_number(making, run->parameters ? run->parameters->count : 0);
	if (name[0] == '?') {
		add_doubt(making, run->status_doubt);
		return append_number(making, (unsigned long)run->status);
	}
	if (name[0] >= '0' && name[0] <= '9')
		return append_parameter(making, name, quoted);
	value = grub_run_get(run, name, &doubt);
	add_doubt(making, doubt);
	return append_value(making, value, quoted);
}

static int append_piece(struct making *making, const struct grub_piece *piece)
{
	switch (piece->kind) {
	case GRUB_VARIABLE:
		return append_variable(making, piece->text, false);
	case GRUB_QUOTED_VARIABLE:
		return append_variable(making, piece->text, true);
	case GRUB_PATTERN:
		if (making->run->patterns) {
			const struct grub_doubt *doubt = grub_doubt_new(
			    making->run, ENTRY_NOT_UNDERSTOOD, "a pattern for names of files");

			if (!doubt)
				return making->run->arena.code;
			add_doubt(making, doubt);
		}
		return append(making, piece->text, strlen(piece->text));
	case GRUB_HEXADECIMAL:
		/* Only Fedora's GRUB leaves it as it is. */
		return append(making, piece->text + (making->run->fedora ? 0 : 1),
			      making->run->fedora ? 4 : 3);
	case GRUB_TEXT:
	case GRUB_QUOTED:
		break;
	}
	return append(making, piece->text, strlen(piece->text));
}

int grub_expand(struct grub_run *run, const struct grub_word *words,
		struct grub_arguments *arguments)
{
	struct making making = {.run = run, .arguments = arguments};
	int r = 0;

	for (; r == 0 && words; words = words->next) {
		for (const struct grub_piece *piece = words->pieces; r == 0 && piece;
		     piece = piece->next)
			r = append_piece(&making, piece);
		if (r == 0)
			r = next_argument(&making);
	}
	free(making.text);
	return r;
}
