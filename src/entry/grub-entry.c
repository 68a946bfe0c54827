/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running a menu entry, as GRUB's grub-core/normal/menu.c does. */
#include <string.h>

#include "entry/grub-run.h"

/* What is seen as $chosen: the ids of the menus and of the entry, with '>' between. */
static int set_chosen(struct grub_run *run, const struct grub_menu_entry *entry)
{
	const struct grub_doubt *doubt;
	const char *before = grub_run_get(run, "chosen", &doubt);
	char *text = grub_arena_get(&run->arena, strlen(before) + 2 * strlen(entry->id) + 2);
	char *to = text;
	int r;

	if (!text)
		return run->arena.code;
	if (*before) {
		to = stpcpy(to, before);
		*to++ = '>';
	}
	for (const char *from = entry->id; *from; from++) {
		if (*from == '>')
			*to++ = '>';
		*to++ = *from;
	}
	r = grub_environment_set(run->environment, "chosen", text, doubt ? doubt : entry->id_doubt);
	return r == 0 ? grub_environment_export(run->environment, "chosen") : r;
}

/* In a submenu, $default is what stands behind the first '>' of it. */
static int set_inner_default(struct grub_run *run, const struct grub_environment *outer)
{
	const struct grub_variable *variable = grub_environment_get(outer, "default");
	const char *value = variable && variable->value ? variable->value : "";

	if (variable && variable->doubt)
		return grub_environment_set(run->environment, "default", "", variable->doubt);
	for (; *value && !(value[0] == '>' && value[1] != '>'); value++)
		if (*value == '>')
			value++;
	return grub_environment_set(run->environment, "default", *value ? value + 1 : NULL, NULL);
}

static int prepare_entry(struct grub_run *run, struct grub_menu_entry *entry,
			 const struct grub_environment *environment)
{
	const struct grub_menu *menu = run->menu;
	int r;

	entry->boot = grub_arena_get(&run->arena, sizeof(*entry->boot));
	run->environment =
	    grub_environment_copy(&run->arena, environment, entry->submenu && !run->fedora);
	if (!entry->boot || !run->environment)
		return run->arena.code;
	run->boot = entry->boot;
	run->doubt = run->sticky = NULL;
	run->until = GRUB_UNTIL_NOW;
	run->entry_steps = 0;
	run->flow = GRUB_GO_ON;
	if (entry->submenu) {
		run->menu = grub_arena_get(&run->arena, sizeof(*run->menu));
		if (!run->menu)
			return run->arena.code;
		run->menu->environment = run->environment;
		run->menu->parent = menu;
		entry->boot->menu = run->menu;
	}
	r = set_chosen(run, entry);
	return r == 0 ? set_inner_default(run, environment) : r;
}

int grub_run_entry(struct grub_run *run, struct grub_menu_entry *entry,
		   const struct grub_environment *environment)
{
	struct grub_run before = *run;
	int r = prepare_entry(run, entry, environment);

	run->line = entry->line;
	if (r == 0)
		r = grub_run_elsewhere(run, entry->file, &entry->arguments, entry->body);
	if (r == 0 && entry->submenu)
		entry->boot->menu->doubt = run->sticky;
	if (r == 0 && entry->body_doubt)
		entry->boot->doubt = entry->body_doubt;
	run->environment = before.environment;
	run->menu = before.menu;
	run->boot = before.boot;
	run->doubt = before.doubt;
	run->sticky = before.sticky;
	run->until = before.until;
	run->flow = before.flow;
	return r;
}
