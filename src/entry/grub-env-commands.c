/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "load_env" and "save_env", as GRUB's grub-core/commands/loadenv.c. */
#include <errno.h>
#include <string.h>

#include "entry/grub-run.h"

/* What such a command is asked. */
struct request {
	struct grub_argument file;
	struct grub_arguments names;
};

static int read_request(struct grub_run *run, const struct grub_arguments *arguments,
			struct request *request)
{
	const struct grub_doubt *doubt;
	const char *prefix = grub_run_get(run, "prefix", &doubt);
	bool options = true;
	int r = 0;

	request->file =
	    (struct grub_argument){grub_arena_format(&run->arena, "%s/grubenv", prefix), doubt};
	if (!request->file.text)
		return run->arena.code;
	for (size_t i = 1; r == 0 && i < arguments->count; i++) {
		const struct grub_argument *argument = &arguments->list[i];

		if (!options || argument->doubt || argument->text[0] != '-')
			r = grub_arguments_add(run, &request->names, argument->text,
					       argument->doubt);
		else if (strcmp(argument->text, "--") == 0)
			options = false;
		else if (strncmp(argument->text, "--file=", 7) == 0)
			request->file = (struct grub_argument){argument->text + 7, NULL};
		else if ((strcmp(argument->text, "-f") == 0 ||
			  strcmp(argument->text, "--file") == 0) &&
			 i + 1 < arguments->count)
			request->file = arguments->list[++i];
	}
	return r;
}

static bool is_wanted(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->names.count; i++)
		if (strcmp(request->names.list[i].text, name) == 0)
			return true;
	return request->names.count == 0;
}

/* What was saved to it before, in this very run. */
static int load_changes(struct grub_run *run, const struct request *request, const char *path)
{
	int r = 0;

	for (const struct grub_change *change = run->boot->changes; r == 0 && change;
	     change = change->next)
		if (change->value && strcmp(change->path, path) == 0 &&
		    is_wanted(request, change->name))
			r = grub_run_set(run, change->name, change->value, change->doubt);
	return r;
}

/* Why the block cannot be read, which leaves every variable open that is not set. */
static int not_read(struct grub_run *run, const struct grub_doubt *doubt)
{
	if (!doubt)
		return run->arena.code;
	run->unread = doubt;
	return grub_run_status(run, 0, doubt);
}

/* Sets a variable of the block, which is where it is from then. */
static int take_entry(struct grub_run *run, const struct grub_block_entry *entry, const char *path)
{
	struct grub_variable *variable;
	int r = grub_run_set(run, entry->name, entry->value, NULL);

	variable = r == 0 ? grub_environment_get(run->environment, entry->name) : NULL;
	if (variable) {
		variable->file = path;
		variable->line = 0;
	}
	return r;
}

static int load(struct grub_run *run, const struct request *request, const char *path)
{
	struct grub_block_entry *entries;
	const char *content;
	size_t size;
	int code, r = grub_read_file(run, path, GRUB_BLOCK_MAX, &content, &size, &code);

	if (r < 0)
		return r;
	if (code == -ENOENT || code == -ENOTDIR)
		return grub_run_status(run, 5, NULL); /* GRUB_ERR_FILE_NOT_FOUND */
	if (code < 0)
		return not_read(run,
				grub_doubt_new(run, ENTRY_FILE_UNREADABLE, "what is set in %s: %s",
					       path, strerror(-code)));
	if (!grub_block_parse(&entries, &run->arena, content, size))
		return grub_run_status(run, 4, NULL); /* GRUB_ERR_BAD_FILE_TYPE */
	r = run->arena.code;
	for (; r == 0 && entries; entries = entries->next)
		if (is_wanted(request, entries->name))
			r = take_entry(run, entries, path);
	if (r == 0)
		r = load_changes(run, request, path);
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}

int grub_load_env(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct request request = {0};
	struct grub_place place;
	int r = read_request(run, arguments, &request);

	if (r == 0)
		r = grub_find_file(run, &request.file, &place);
	if (r < 0)
		return r;
	return place.doubt ? not_read(run, place.doubt) : load(run, &request, place.path);
}

static struct grub_change *find_change(struct grub_run *run, const char *path, const char *name)
{
	struct grub_change **last = &run->boot->changes;

	for (; *last; last = &(*last)->next)
		if (strcmp((*last)->path, path) == 0 && strcmp((*last)->name, name) == 0)
			return *last;
	*last = grub_arena_get(&run->arena, sizeof(**last));
	return *last;
}

static int save(struct grub_run *run, const char *path, const char *name)
{
	const struct grub_variable *variable = grub_environment_get(run->environment, name);
	struct grub_change *change = find_change(run, path, name);

	if (!change)
		return run->arena.code;
	change->path = path;
	change->name = name;
	change->value = variable ? variable->value : NULL;
	change->doubt = run->doubt ? run->doubt : variable ? variable->doubt : NULL;
	if (!change->doubt && change->value && grub_names_device(change->value))
		change->doubt = grub_doubt_device(run);
	return run->arena.code;
}

int grub_save_env(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct request request = {0};
	struct grub_place place;
	char kind;
	int r = read_request(run, arguments, &request);

	if (r == 0)
		r = grub_find_file(run, &request.file, &place);
	if (r < 0)
		return r;
	if (place.doubt)
		return grub_run_status(run, 0, place.doubt);
	/* GRUB writes into the file as it lies on the disk, and makes none. */
	kind = grub_path_kind(run, place.path);
	if (kind == '-' || kind == '0')
		return grub_run_status(run, 5, NULL);
	for (size_t i = 0; r == 0 && i < request.names.count; i++)
		if (!request.names.list[i].doubt)
			r = save(run, place.path, request.names.list[i].text);
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}
