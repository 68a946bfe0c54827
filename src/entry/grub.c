/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/grub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A configuration that starts a kernel by itself, without a menu, has one entry: that. */
static int add_started(struct grub_run *run, struct grub_menu *menu, struct grub_boot *top)
{
	struct grub_menu_entry *entry = grub_arena_get(&run->arena, sizeof(*entry));

	if (!entry)
		return run->arena.code;
	*entry = (struct grub_menu_entry){
	    .title = "started without a menu",
	    .id = "grub.cfg",
	    .file = menu->file,
	    .boot = top,
	};
	menu->entries = entry;
	menu->count = 1;
	menu->doubt = NULL;
	return grub_environment_set(menu->environment, "default", NULL, NULL);
}

static int run_all(struct grub_run *run, const char *path)
{
	struct grub_boot *top = grub_arena_get(&run->arena, sizeof(*top));
	struct grub_menu *menu = grub_arena_get(&run->arena, sizeof(*menu));
	int r;

	run->environment = grub_environment_copy(&run->arena, NULL, false);
	if (!top || !menu || !run->environment)
		return run->arena.code;
	menu->environment = run->environment;
	menu->file = path;
	run->menu = menu;
	run->boot = top;
	r = grub_set_first_variables(run, path);
	if (r == 0)
		r = grub_run_file(run, path);
	if (r < 0)
		return r;
	menu->doubt = run->sticky;
	run->sticky = run->doubt = NULL;
	run->until = GRUB_UNTIL_NOW;
	run->flow = GRUB_GO_ON;
	if (top->started && !top->menu)
		r = add_started(run, menu, top);
	if (top->menu)
		menu = top->menu;
	if (r == 0)
		r = grub_list_menu(run, menu);
	return r == 0 ? grub_list_default(run, menu, top) : r;
}

/* A limit was met: what is listed stays, but what is booted is not known. */
static int tell_limit(struct grub_run *run, const char *path)
{
	int r =
	    entry_list_add_remark(run->list, REMARK_TOO_MUCH, run->file ? run->file : path,
				  run->line, "the configuration is too large, or goes on for ever");

	if (r < 0)
		return r;
	r = entry_default_set(&run->list->defaults[LOADER_GRUB], NULL, REASON_UNKNOWN, NULL, path,
			      0);
	if (r < 0)
		return r;
	return entry_default_explain(&run->list->defaults[LOADER_GRUB],
				     "the configuration is too large, or goes on for ever");
}

int entry_read_grub(struct entry_list *list, const struct entry_machine *machine)
{
	struct grub_run run = {.list = list, .machine = machine};
	cleanup_free char *path = NULL;
	int r = grub_find_configuration(&path, list, machine);

	if (r < 0 || !path)
		return r;
	list->defaults[LOADER_GRUB].found = true;
	grub_arena_init(&run.arena, GRUB_MEMORY_MAX);
	r = run_all(&run, path);
	if (r == -E2BIG)
		r = tell_limit(&run, path);
	grub_arena_fini(&run.arena);
	return r;
}
