/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GRUB's menu as boot entries. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "entry/files.h"
#include "entry/grub.h"

enum { MENUS_MAX = 8 }; /* in each other */

/* A text that the entry cannot hold is a problem of the entry, memory is one of everything. */
static int check(struct grub_run *run, struct entry *entry, int r)
{
	if (r == -ENOMEM)
		return run->arena.code = r;
	if (r < 0)
		r = entry_add_problem(entry, ENTRY_MALFORMED, entry->id, "%s",
				      "a text or a list of it is too long");
	return r < 0 ? run->arena.code = -ENOMEM : 0;
}

static int add_problem(struct grub_run *run, struct entry *entry, const char *subject,
		       const struct grub_doubt *doubt)
{
	return check(run, entry,
		     entry_add_problem(entry, doubt->problem,
				       subject       ? subject
				       : doubt->file ? doubt->file
						     : entry->source,
				       doubt->file ? "%s (%s, line %u)" : "%s", doubt->detail,
				       doubt->file ? doubt->file : "", doubt->line));
}

static int add_initrd(struct grub_run *run, struct entry *entry, const struct grub_file *file)
{
	struct entry_file *added;
	int r = check(run, entry, entry_add_file(&entry->initrds, file->path));

	if (r < 0 || entry->initrds.count == 0)
		return r;
	added = &entry->initrds.files[entry->initrds.count - 1];
	if (file->packed_as && !added->packed_as) {
		added->packed_as = strdup(file->packed_as);
		if (!added->packed_as)
			return run->arena.code = -ENOMEM;
	}
	return file->doubt ? add_problem(run, entry, file->path, file->doubt) : 0;
}

static int fill_linux(struct grub_run *run, struct entry *entry, const struct grub_boot *boot)
{
	int r = check(run, entry, entry_set_text(&entry->kernel.path, boot->kernel->path));

	if (r == 0)
		r = check(run, entry, entry_set_text(&entry->options, boot->options));
	entry->has_options = true;
	if (r == 0 && boot->kernel->doubt)
		r = add_problem(run, entry, boot->kernel->path, boot->kernel->doubt);
	for (const struct grub_file *file = boot->initrds; r == 0 && file; file = file->next)
		r = add_initrd(run, entry, file);
	if (r == 0 && boot->devicetree) {
		r = check(run, entry, entry_set_text(&entry->devicetree, boot->devicetree->path));
		if (r == 0 && boot->devicetree->doubt)
			r = add_problem(run, entry, boot->devicetree->path,
					boot->devicetree->doubt);
	}
	return r;
}

static int fill(struct grub_run *run, struct entry *entry, const struct grub_menu_entry *from)
{
	const struct grub_boot *boot = from->boot;
	int r = check(run, entry, entry_set_text(&entry->title, from->title));

	if (r == 0 && boot->other && !boot->doubt)
		r = add_problem(run, entry, NULL, boot->other);
	if (r == 0 && from->doubt)
		r = add_problem(run, entry, NULL, from->doubt);
	if (r == 0 && from->id_doubt)
		r = add_problem(run, entry, NULL, from->id_doubt);
	if (r == 0 && boot->doubt)
		r = add_problem(run, entry, NULL, boot->doubt);
	if (r == 0 && boot->kernel)
		r = fill_linux(run, entry, boot);
	if (r == 0 && !boot->kernel && !boot->other)
		r = check(run, entry,
			  entry_add_problem(entry, ENTRY_NO_KERNEL, entry->id,
					    "it loads no kernel (%s, line %u)", from->file,
					    from->line));
	if (r == 0 && entry->problem == ENTRY_USABLE)
		r = check(run, entry, entry_check_files(entry, run->machine->root));
	return r;
}

/* The id with which GRUB's tools name an entry of a submenu: "MENU>ENTRY". */
static char *make_id(struct grub_run *run, const char *parent, const char *id)
{
	char *text = grub_arena_get(&run->arena, strlen(parent) + 2 * strlen(id) + 2), *to = text;

	if (!text)
		return NULL;
	to = stpcpy(to, parent);
	if (*parent)
		*to++ = '>';
	for (; *id; id++) {
		if (*id == '>')
			*to++ = '>';
		*to++ = *id;
	}
	return text;
}

static int list_entry(struct grub_run *run, struct grub_menu_entry *from, const char *id)
{
	cleanup_entry struct entry *entry = entry_new(ENTRY_GRUB, id, from->file, from->line);
	int r;

	if (!entry)
		return run->arena.code = -ENOMEM;
	r = fill(run, entry, from);
	if (r < 0)
		return r;
	from->listed = entry;
	r = entry_list_add(run->list, steal_pointer(entry));
	if (r < 0)
		from->listed = NULL;
	return r < 0 ? run->arena.code = r : 0;
}

static int list_menu(struct grub_run *run, struct grub_menu *menu, const char *parent,
		     unsigned int depth)
{
	struct grub_menu *before = run->menu;
	int r = 0;

	if (depth == MENUS_MAX)
		return run->arena.code = -E2BIG;
	run->menu = menu;
	for (struct grub_menu_entry *entry = menu->entries; r == 0 && entry; entry = entry->next) {
		const char *id = make_id(run, parent, entry->id);

		if (!id)
			return run->arena.code;
		/* What was started without a menu has been run. */
		if (!entry->boot)
			r = grub_run_entry(run, entry, menu->environment);
		if (r == 0)
			r = entry->boot->menu ? list_menu(run, entry->boot->menu, id, depth + 1)
					      : list_entry(run, entry, id);
	}
	run->menu = before;
	return r;
}

int grub_list_menu(struct grub_run *run, struct grub_menu *menu)
{
	return list_menu(run, menu, "", 0);
}

static bool has_change(const struct grub_boot *boot, const char *name)
{
	for (const struct grub_change *change = boot->changes; change; change = change->next)
		if (strcmp(change->name, name) == 0)
			return true;
	return false;
}

/* Where the environment block is that a change goes to. */
static const char *block_of(const struct grub_boot *boot, const char *name)
{
	for (const struct grub_change *change = boot->changes; change; change = change->next)
		if (strcmp(change->name, name) == 0)
			return change->path;
	return NULL;
}

/* What the value of $default is from. */
struct origin {
	enum entry_reason reason;
	const char *source;
	unsigned int line;
};

static struct origin find_origin(struct grub_run *run, const struct grub_menu *menu,
				 const struct grub_boot *top)
{
	const struct grub_variable *choice = grub_environment_get(menu->environment, "default");
	const struct grub_variable *saved = grub_environment_get(menu->environment, "saved_entry");
	struct origin origin = {REASON_FIRST, NULL, 0};

	(void)run;
	if (!choice || !choice->value || !*choice->value)
		return origin;
	origin = (struct origin){REASON_DEFAULT, choice->file, choice->line};
	if (has_change(top, "next_entry"))
		return (struct origin){REASON_ONE_SHOT, block_of(top, "next_entry"), 0};
	if (has_change(top, "prev_saved_entry"))
		return (struct origin){REASON_ONE_SHOT, block_of(top, "prev_saved_entry"), 0};
	if (saved && saved->value && strcmp(saved->value, choice->value) == 0)
		return (struct origin){REASON_SAVED, saved->file, saved->line};
	return origin;
}

/* Follows the default through submenus. NULL: it cannot be told, see *doubt, or there is none. */
static struct grub_menu_entry *follow(struct grub_run *run, const struct grub_menu *menu,
				      const struct grub_doubt **doubt, const char **unnamed)
{
	struct grub_menu_entry *entry = NULL;

	for (unsigned int depth = 0; depth < MENUS_MAX; depth++) {
		const struct grub_variable *choice =
		    grub_environment_get(menu->environment, "default");
		const char *value = choice && choice->value ? choice->value : "";

		*doubt = choice ? choice->doubt : NULL;
		if (*doubt)
			return NULL;
		if (!grub_menu_choose(run, menu, value, &entry, doubt) && *value && !*unnamed)
			*unnamed = value;
		if (!entry || !entry->boot || !entry->boot->menu)
			return entry;
		menu = entry->boot->menu;
	}
	return NULL;
}

static int add_writes(struct grub_run *run, struct entry_default *choice,
		      const struct grub_boot *boot)
{
	int r = 0;

	for (const struct grub_change *change = boot->changes; r == 0 && change;
	     change = change->next)
		if (!change->doubt)
			r = entry_default_add_write(choice, change->path, change->name,
						    change->value);
	return r < 0 ? run->arena.code = -ENOMEM : 0;
}

static bool waits(const struct grub_menu *menu)
{
	const struct grub_variable *timeout = grub_environment_get(menu->environment, "timeout");

	return !timeout || (!timeout->doubt && (!timeout->value || timeout->value[0] < '0' ||
						timeout->value[0] > '9'));
}

/* With superusers, what is not for everybody needs a password. */
static bool asks_for_password(const struct grub_menu *menu, const struct grub_menu_entry *entry)
{
	const struct grub_variable *users = grub_environment_get(menu->environment, "superusers");

	return entry && entry->restricted && users && users->value && *users->value;
}

static int explain(struct grub_run *run, struct entry_default *choice, const struct grub_menu *menu,
		   const struct grub_doubt *doubt, const char *unnamed, bool asks)
{
	const struct grub_variable *fallback = grub_environment_get(menu->environment, "fallback");
	int r = 0;

	if (doubt && doubt->file)
		r = entry_default_explain(choice, "it depends on this: %s (%s, line %u)",
					  doubt->detail, doubt->file, doubt->line);
	else if (doubt)
		r = entry_default_explain(choice, "it depends on this: %s", doubt->detail);
	else if (!choice->entry)
		r = entry_default_explain(choice, "the menu has no entries");
	else if (unnamed)
		r = entry_default_explain(
		    choice, "\"%s\" is no entry, and then GRUB takes the first", unnamed);
	else if (fallback && fallback->value && *fallback->value && choice->entry->problem)
		r = entry_default_explain(choice, "GRUB would try \"%s\" when it cannot boot this",
					  fallback->value);
	else if (asks)
		r = entry_default_explain(choice, "GRUB asks for a password before it boots this");
	else if (waits(menu))
		r = entry_default_explain(choice, "GRUB waits for a key before it boots this");
	return r < 0 ? run->arena.code = -ENOMEM : 0;
}

int grub_list_default(struct grub_run *run, struct grub_menu *menu, const struct grub_boot *top)
{
	struct entry_default *choice = &run->list->defaults[LOADER_GRUB];
	const struct grub_variable *variable = grub_environment_get(menu->environment, "default");
	const struct grub_doubt *doubt = NULL;
	const char *unnamed = NULL;
	struct grub_menu_entry *entry = follow(run, menu, &doubt, &unnamed);
	struct origin origin = find_origin(run, menu, top);
	const char *value = variable && variable->value && *variable->value && !variable->doubt
				? variable->value
				: NULL;
	int r = entry_default_set(choice, entry ? entry->listed : NULL,
				  entry && entry->listed ? origin.reason : REASON_UNKNOWN, value,
				  origin.source, origin.line);

	if (r < 0)
		return run->arena.code = r;
	if (choice->entry && unnamed)
		choice->reason = REASON_FIRST;
	r = explain(run, choice, menu, doubt, unnamed, asks_for_password(menu, entry));
	if (r == 0 && choice->entry)
		r = add_writes(run, choice, top);
	if (r == 0 && choice->entry && entry->boot != top)
		r = add_writes(run, choice, entry->boot);
	return r;
}
