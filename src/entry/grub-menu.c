/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Menu entries, and which of them is the default: GRUB's grub-core/normal/menu.c and menuentry.c.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "entry/grub-run.h"

/* The arguments of "menuentry". */
struct definition {
	struct grub_argument id, source;
	bool has_id, has_source, unrestricted, has_users;
	struct grub_arguments words;    /* the title, and what becomes $2, $3, … */
	const struct grub_doubt *doubt; /* one of unknown meaning */
};

static const struct {
	const char *name;
	bool has_value;
} options[] = {
    {"--class", true},  {"--users", true}, {"--hotkey", true},
    {"--source", true}, {"--id", true},    {"--unrestricted", false},
};

static void take_option(struct definition *definition, const char *name,
			const struct grub_argument *value)
{
	if (strcmp(name, "--id") == 0) {
		definition->has_id = true;
		definition->id = *value;
	} else if (strcmp(name, "--source") == 0) {
		definition->has_source = true;
		definition->source = *value;
	} else if (strcmp(name, "--users") == 0) {
		definition->has_users = true;
	} else if (strcmp(name, "--unrestricted") == 0) {
		definition->unrestricted = true;
	}
}

/* How many arguments the option at `i` takes; 0: it is none. */
static size_t read_option(struct definition *definition, const struct grub_arguments *arguments,
			  size_t i)
{
	const struct grub_argument *argument = &arguments->list[i];
	struct grub_argument value = *argument;

	for (size_t j = 0; j < sizeof(options) / sizeof(*options); j++) {
		size_t length = strlen(options[j].name);

		if (strncmp(argument->text, options[j].name, length) != 0)
			continue;
		value.text += length;
		if (*value.text == '=' && options[j].has_value) {
			value.text++;
			take_option(definition, options[j].name, &value);
			return 1;
		}
		if (*value.text != '\0')
			continue;
		if (options[j].has_value && i + 1 == arguments->count)
			return 1;
		take_option(definition, options[j].name,
			    options[j].has_value ? &arguments->list[i + 1] : &value);
		return options[j].has_value ? 2 : 1;
	}
	return 0;
}

static int read_definition(struct grub_run *run, struct definition *definition,
			   const struct grub_arguments *arguments)
{
	int r = 0;

	for (size_t i = 1; r == 0 && i < arguments->count;) {
		const struct grub_argument *argument = &arguments->list[i];
		size_t taken = read_option(definition, arguments, i);

		/* A variable that is in doubt may well be an option. */
		if (taken == 0 && argument->doubt && argument->text[0] == '\0')
			definition->doubt = argument->doubt;
		if (taken == 0)
			r = grub_arguments_add(run, &definition->words, argument->text,
					       argument->doubt);
		i += taken ? taken : 1;
	}
	return r;
}

/* "--source TEXT": the text is the body. */
static int parse_source(struct grub_run *run, struct grub_menu_entry *entry,
			const struct grub_argument *source)
{
	struct grub_script script;
	int r =
	    grub_script_parse(&script, &run->arena, run->file, source->text, strlen(source->text));

	if (r < 0)
		return r;
	entry->body = script.commands;
	entry->body_doubt = source->doubt;
	if (script.broken_line != 0 && !entry->body_doubt)
		entry->body_doubt = grub_doubt_new(
		    run, ENTRY_NOT_UNDERSTOOD, "the text of --source: %s", script.broken_reason);
	return run->arena.code;
}

static void append(struct grub_menu *menu, struct grub_menu_entry *entry)
{
	struct grub_menu_entry **last = &menu->entries;

	while (*last)
		last = &(*last)->next;
	*last = entry;
	menu->count++;
}

static struct grub_menu_entry *make_entry(struct grub_run *run, const struct definition *definition)
{
	struct grub_menu_entry *entry = grub_arena_get(&run->arena, sizeof(*entry));
	const struct grub_argument *title = &definition->words.list[0];
	const struct grub_argument *id = definition->has_id ? &definition->id : title;

	if (!entry)
		return NULL;
	*entry = (struct grub_menu_entry){
	    .title = title->text,
	    .title_doubt = title->doubt ? title->doubt : definition->doubt,
	    .id = id->text,
	    .id_doubt = id->doubt ? id->doubt : definition->doubt,
	    .file = run->file,
	    .line = run->line,
	    .restricted = definition->has_users || !definition->unrestricted,
	    .arguments = definition->words,
	    .doubt = run->doubt,
	};
	return entry;
}

int grub_menu_add(struct grub_run *run, const struct grub_command *command,
		  const struct grub_arguments *arguments, bool submenu)
{
	struct definition definition = {0};
	struct grub_menu_entry *entry;
	int r = read_definition(run, &definition, arguments);

	if (r < 0)
		return r;
	if (definition.words.count == 0 || command->has_block == definition.has_source)
		return grub_run_status(run, 18, NULL); /* GRUB_ERR_BAD_ARGUMENT */
	if (run->menu->count >= ENTRY_LIST_MAX)
		return run->arena.code = -E2BIG;
	entry = make_entry(run, &definition);
	if (!entry)
		return run->arena.code;
	if (!entry->title_doubt && grub_names_device(entry->title))
		entry->title_doubt = grub_doubt_device(run);
	if (!entry->id_doubt && grub_names_device(entry->id))
		entry->id_doubt = grub_doubt_device(run);
	entry->submenu = submenu;
	entry->body = command->body;
	if (definition.has_source)
		r = parse_source(run, entry, &definition.source);
	if (r < 0)
		return r;
	append(run->menu, entry);
	return grub_run_status(run, 0, NULL);
}

/* As `spec` names an entry: it ends at a single '>', and a double one is one of the name. */
static bool is_named(const char *name, const char *spec)
{
	for (;; name++, spec++) {
		if (spec[0] == '>' && spec[1] != '>')
			return *name == '\0';
		if (*spec == '>')
			spec++;
		if (*name != *spec)
			return false;
		if (*name == '\0')
			return true;
	}
}

static bool is_space(char c)
{
	return c != '\0' && strchr(" \t\n\r\f\v", c);
}

static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	return c >= 'A' && c <= 'F' ? (unsigned int)(c - 'A') + 10 : UINT_MAX;
}

/* grub_strtoul(text, end, 0): it differs from C's for "08". False: it is no number. */
static bool read_number(const char *text, long long *number, const char **end)
{
	unsigned int base = 10;
	bool found = false;

	*number = 0;
	while (is_space(*text))
		text++;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	} else if (text[0] == '0' && text[1] >= '0' && text[1] <= '7') {
		base = 8;
	}
	for (; digit_of(*text) < base; text++) {
		found = true;
		if (*number <= INT_MAX)
			*number = *number * base + digit_of(*text);
	}
	*end = text;
	return found;
}

/* What is looked for, and what comes of it. */
struct choice {
	struct grub_menu_entry *entry;
	const struct grub_doubt *doubt;
	bool is_named; /* the value does name it */
};

/* Looks for an entry by a name: 'i' its id, 't' its title, 'b' either. */
static bool choose_by_name(const struct grub_menu *menu, const char *value, char by,
			   struct choice *choice)
{
	const struct grub_doubt *doubt = NULL;

	for (struct grub_menu_entry *entry = menu->entries; entry; entry = entry->next) {
		bool named = (by != 'i' && is_named(entry->title, value)) ||
			     (by != 't' && is_named(entry->id, value));

		if (named && !doubt && !entry->title_doubt && !entry->id_doubt) {
			*choice = (struct choice){entry, entry->doubt, true};
			return true;
		}
		/* One whose name is not known may be meant. */
		if (!doubt)
			doubt = entry->title_doubt ? entry->title_doubt : entry->id_doubt;
	}
	*choice = (struct choice){NULL, doubt, true};
	return doubt;
}

/* Counts; entries that may not be there make what is behind them uncertain. */
static void choose_by_number(const struct grub_menu *menu, long long number, struct choice *choice)
{
	const struct grub_doubt *doubt = NULL;

	choice->is_named = number >= 0 && number < (long long)menu->count;
	if (!choice->is_named)
		number = 0;
	for (struct grub_menu_entry *entry = menu->entries; entry; entry = entry->next) {
		if (!doubt)
			doubt = entry->doubt;
		if (number-- == 0) {
			choice->entry = entry;
			choice->doubt = doubt;
			return;
		}
	}
}

/* GRUB's own rule: a number is one even where more follows. */
static void choose_upstream(const struct grub_menu *menu, const char *value, struct choice *choice)
{
	long long number;
	const char *end;

	if (read_number(value, &number, &end))
		choose_by_number(menu, number, choice);
	else if (!choose_by_name(menu, value, 'b', choice))
		choose_by_number(menu, -1, choice);
}

/* Fedora's rule: ids begin with digits there. */
static void choose_fedora(const struct grub_menu *menu, const char *value, struct choice *choice)
{
	long long number;
	const char *end;

	if (choose_by_name(menu, value, 'i', choice) || choose_by_name(menu, value, 't', choice))
		return;
	if (!read_number(value, &number, &end) || *end != '\0')
		number = -1;
	choose_by_number(menu, number, choice);
}

bool grub_menu_choose(const struct grub_run *run, const struct grub_menu *menu, const char *value,
		      struct grub_menu_entry **entry, const struct grub_doubt **doubt)
{
	struct choice choice = {0};

	if (!menu->doubt && run->fedora)
		choose_fedora(menu, value, &choice);
	else if (!menu->doubt)
		choose_upstream(menu, value, &choice);
	else
		choice.doubt = menu->doubt;
	*doubt = choice.doubt;
	*entry = choice.doubt ? NULL : choice.entry;
	return choice.is_named;
}
