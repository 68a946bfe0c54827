/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other configurations: "source" runs one here, "configfile" shows its menu instead. */
#include <errno.h>
#include <string.h>

#include "entry/grub-run.h"

/* Nothing behind a broken line is known, what is before it is. */
static int note_broken(struct grub_run *run, const struct grub_script *script)
{
	const struct grub_doubt *doubt;
	unsigned int line = run->line;

	if (script->broken_line == 0)
		return 0;
	run->line = script->broken_line;
	doubt = grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "%s", script->broken_reason);
	run->line = line;
	if (!doubt)
		return run->arena.code;
	if (entry_list_add_remark(run->list, REMARK_NOT_UNDERSTOOD, doubt->file, doubt->line,
				  "%s; what follows is not read", doubt->detail) < 0)
		return run->arena.code = -ENOMEM;
	grub_stick(run, doubt, GRUB_UNTIL_END);
	return 0;
}

int grub_run_text(struct grub_run *run, const char *file, const char *text, size_t size)
{
	const char *file_before = run->file;
	unsigned int line_before = run->line;
	struct grub_script script;
	int r;

	if (run->files == GRUB_FILES_MAX)
		return run->arena.code = -E2BIG;
	if (run->depth == GRUB_DEPTH_MAX)
		return grub_give_up(run, "files that read each other without an end");
	run->files++;
	r = grub_script_parse(&script, &run->arena, file, text, size);
	if (r < 0)
		return r;
	run->depth++;
	run->file = file;
	r = grub_run_commands(run, script.commands);
	if (r == 0)
		r = note_broken(run, &script);
	run->file = file_before;
	run->line = line_before;
	run->depth--;
	return r;
}

/* A file that GRUB may read, and this program not. */
static int doubt_file(struct grub_run *run, const struct grub_doubt *doubt)
{
	if (!doubt)
		return run->arena.code;
	grub_stick(run, doubt, GRUB_UNTIL_END);
	return grub_run_status(run, 0, doubt);
}

int grub_run_file(struct grub_run *run, const char *path)
{
	const char *content, *name;
	size_t size;
	int code, r = grub_read_file(run, path, ENTRY_CONFIG_MAX, &content, &size, &code);

	if (r < 0)
		return r;
	if (code == -ENOENT || code == -ENOTDIR)
		return grub_run_status(run, 5, NULL); /* GRUB_ERR_FILE_NOT_FOUND */
	if (code < 0)
		return doubt_file(run, grub_doubt_new(run, ENTRY_FILE_UNREADABLE,
						      "what is in %s: %s", path, strerror(-code)));
	name = grub_arena_text(&run->arena, path);
	if (!name)
		return run->arena.code;
	grub_run_status(run, 0, NULL);
	return grub_run_text(run, name, content, size);
}

int grub_source(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct grub_place place;
	int r;

	if (arguments->count < 2)
		return grub_run_status(run, 18, NULL); /* GRUB_ERR_BAD_ARGUMENT */
	r = grub_find_file(run, &arguments->list[1], &place);
	if (r < 0)
		return r;
	r = place.doubt ? doubt_file(run, place.doubt) : grub_run_file(run, place.path);
	/* GRUB says 0, also of a file that is not there. */
	return r == 0 && !run->status_doubt ? grub_run_status(run, 0, NULL) : r;
}

/* $config_file and $config_directory, as the new configuration sees them. */
static int set_location(struct grub_run *run, const char *name)
{
	const char *slash = strrchr(name, '/');
	char *folder = grub_arena_copy(&run->arena, name, slash ? (size_t)(slash - name) : 0);
	int r = folder ? grub_environment_set(run->environment, "config_file", name, NULL)
		       : run->arena.code;

	if (r == 0)
		r = grub_environment_set(run->environment, "config_directory", folder, NULL);
	if (r == 0)
		r = grub_environment_export(run->environment, "config_file");
	return r == 0 ? grub_environment_export(run->environment, "config_directory") : r;
}

static int run_configuration(struct grub_run *run, const char *path, const char *name,
			     struct grub_menu **result)
{
	struct grub_menu *menu = grub_arena_get(&run->arena, sizeof(*menu));
	struct grub_run before = *run;
	int r;

	run->environment = grub_environment_copy(&run->arena, run->environment, true);
	if (!menu || !run->environment)
		return run->arena.code;
	menu->environment = run->environment;
	menu->file = grub_arena_text(&run->arena, path);
	menu->parent = run->menu;
	run->menu = menu;
	r = menu->file ? set_location(run, name) : run->arena.code;
	if (r == 0)
		r = grub_run_file(run, path);
	menu->doubt = run->sticky;
	run->environment = before.environment;
	run->menu = before.menu;
	run->doubt = before.doubt;
	run->sticky = before.sticky;
	run->until = before.until;
	run->flow = GRUB_GO_ON;
	*result = menu;
	return r;
}

/* "Back to the main menu": it would go on like this for ever. */
static bool is_shown_already(const struct grub_run *run, const char *path)
{
	for (const struct grub_menu *menu = run->menu; menu; menu = menu->parent)
		if (menu->file && strcmp(menu->file, path) == 0)
			return true;
	return false;
}

static int refuse_shown(struct grub_run *run, const char *path)
{
	run->boot->other = grub_doubt_new(run, ENTRY_NOT_LINUX,
					  "it shows the menu of %s, which this is a part of", path);
	run->flow = GRUB_LEAVE;
	return run->boot->other ? 0 : run->arena.code;
}

/* What the menu of another configuration means for what runs here. */
static void take_menu(struct grub_run *run, struct grub_menu *menu)
{
	/* It has shown yet another. */
	if (run->boot->menu && !run->doubt) {
		run->flow = GRUB_LEAVE;
		return;
	}
	/* An empty menu is not shown, and GRUB goes on here. */
	if (menu->count == 0 && !menu->doubt)
		return;
	if (run->doubt) {
		grub_stick(run, run->doubt, GRUB_UNTIL_END);
		return;
	}
	run->boot->menu = menu;
	run->flow = GRUB_LEAVE;
}

int grub_configfile(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct grub_menu *menu = NULL;
	struct grub_place place;
	int r;

	if (arguments->count < 2)
		return grub_run_status(run, 18, NULL);
	r = grub_find_file(run, &arguments->list[1], &place);
	if (r < 0)
		return r;
	if (place.doubt)
		return doubt_file(run, place.doubt);
	if (is_shown_already(run, place.path))
		return refuse_shown(run, place.path);
	r = run_configuration(run, place.path, arguments->list[1].text, &menu);
	if (r == 0)
		take_menu(run, menu);
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}
