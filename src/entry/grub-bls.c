/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "blscfg": menu entries from loader/entries, as Fedora's GRUB makes them (its
 * grub-core/commands/blscfg.c), and with options as GRUB 2.14 does (blsuki.c).
 *
 * It is not what the Boot Loader Specification says: only the first "options" counts, a line
 * without a value ends the file, variables are put in, the order is that of rpm's versions.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "entry/grub-bls.h"

enum {
	BLS_FILES_MAX = 1024,
	BLS_LINES_MAX = 1000,
};

/* One line; false: it ends the file. */
static bool read_line(struct grub_run *run, struct grub_bls_pair ***last, char *line)
{
	char *key = line + strspn(line, " \t"), *value;

	if (*key == '#')
		return true;
	value = key + strcspn(key, " ");
	if (!*value)
		value = key + strcspn(key, "\t");
	if (!value[0] || !value[1])
		return false;
	*value++ = '\0';
	value += strspn(value, " \t");
	**last = grub_arena_get(&run->arena, sizeof(***last));
	if (!**last)
		return false;
	***last = (struct grub_bls_pair){key, value, NULL};
	*last = &(**last)->next;
	return true;
}

static void read_lines(struct grub_run *run, struct grub_bls_file *file, char *text)
{
	struct grub_bls_pair **last = &file->pairs;
	unsigned int lines = 0;
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	while (*text && lines++ < BLS_LINES_MAX) {
		char *end = text + strcspn(text, "\n");
		bool ends = *end == '\0';

		*end = '\0';
		if (!read_line(run, &last, text) || ends)
			return;
		text = end + 1;
	}
}

/* Into its place: the newest first. One that is the same as another is left out. */
static void insert(struct grub_run *run, struct grub_bls_file **files, struct grub_bls_file *file)
{
	for (; *files; files = &(*files)->next) {
		int order = grub_bls_compare(run, file->id, (*files)->id);

		if (order == 0)
			return;
		if (order > 0)
			break;
	}
	file->next = *files;
	*files = file;
}

static int read_entry_file(struct grub_run *run, const char *folder, const char *name,
			   struct grub_bls_file **files)
{
	struct grub_bls_file *file = grub_arena_get(&run->arena, sizeof(*file));
	const char *content;
	size_t size;
	int code, r;

	if (!file)
		return run->arena.code;
	file->path = grub_arena_format(&run->arena, "%s/%s", folder, name);
	file->id = grub_arena_copy(&run->arena, name, strlen(name) - strlen(".conf"));
	if (!file->path || !file->id)
		return run->arena.code;
	r = grub_read_file(run, file->path, ENTRY_TEXT_MAX, &content, &size, &code);
	if (r < 0)
		return r;
	if (code < 0) {
		r = entry_list_add_remark(run->list, REMARK_UNREADABLE, file->path, 0, "%s",
					  strerror(-code));
		return r < 0 ? run->arena.code = -ENOMEM : 0;
	}
	read_lines(run, file, (char *)content);
	if (run->arena.code)
		return run->arena.code;
	insert(run, files, file);
	return run->arena.code;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_entry_name(const char *name)
{
	size_t length = strlen(name), end = strlen(".conf");

	return name[0] != '.' && length > end && strcmp(name + length - end, ".conf") == 0;
}

/* The names of the entries in a folder, in their order. */
static int list_names(struct grub_run *run, DIR *folder, const char **names, size_t *count)
{
	struct dirent *found;

	*count = 0;
	while ((found = readdir(folder)) && *count < BLS_FILES_MAX) {
		if (!is_entry_name(found->d_name))
			continue;
		names[*count] = grub_arena_text(&run->arena, found->d_name);
		if (!names[*count])
			return run->arena.code;
		(*count)++;
	}
	if (*count > 0)
		qsort(names, *count, sizeof(*names), compare_names);
	return 0;
}

/* Reads all entries of a folder. *found is false when there is none. */
static int read_folder(struct grub_run *run, const char *path, struct grub_bls_file **files,
		       bool *found)
{
	cleanup_closedir DIR *folder = NULL;
	int fd = root_open_file(run->machine->root, path, O_RDONLY | O_DIRECTORY);
	const char **names;
	size_t count = 0;
	int r;

	*found = false;
	if (fd < 0)
		return 0;
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return run->arena.code = -ENOMEM;
	}
	*found = true;
	names = grub_arena_get(&run->arena, BLS_FILES_MAX * sizeof(*names));
	r = names ? list_names(run, folder, names, &count) : run->arena.code;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = read_entry_file(run, path, names[i], files);
	return r;
}

/* Which entries are asked for. */
struct request {
	const char *folder; /* as GRUB names it; NULL: the usual ones */
	const char *id;
	bool only_default, only_others;
	bool upstream; /* options are GRUB 2.14's */
};

static void read_request(struct request *request, const struct grub_arguments *arguments)
{
	for (size_t i = 1; i < arguments->count; i++) {
		const char *text = arguments->list[i].text;
		const char *next = i + 1 < arguments->count ? arguments->list[i + 1].text : NULL;

		request->upstream |= text[0] == '-';
		if (strcmp(text, "default") == 0 || strcmp(text, "--show-default") == 0 ||
		    strcmp(text, "-d") == 0)
			request->only_default = true;
		else if (strcmp(text, "non-default") == 0 ||
			 strcmp(text, "--show-non-default") == 0 || strcmp(text, "-n") == 0)
			request->only_others = true;
		else if (strncmp(text, "--path=", 7) == 0)
			request->folder = text + 7;
		else if ((strcmp(text, "--path") == 0 || strcmp(text, "-p") == 0) && next)
			request->folder = arguments->list[++i].text;
		else if (strncmp(text, "--entry=", 8) == 0)
			request->id = text + 8;
		else if ((strcmp(text, "--entry") == 0 || strcmp(text, "-e") == 0) && next)
			request->id = arguments->list[++i].text;
		else if (text[0] == '(' || text[0] == '/')
			request->folder = text;
		else if (text[0] != '-')
			request->id = text;
	}
	if (request->only_default && request->only_others)
		request->only_default = request->only_others = false;
}

static bool is_default(struct grub_run *run, const struct grub_bls_file *file, unsigned int index,
		       const struct grub_doubt **doubt)
{
	const char *value = grub_run_get(run, "default", doubt);
	const char *title = grub_bls_value(file, "title");
	char *end;
	long number = strtol(value, &end, 0);

	return strcmp(value, file->id) == 0 || (title && strcmp(value, title) == 0) ||
	       (*value && !*end && number == (long)index);
}

static bool is_asked_for(struct grub_run *run, const struct request *request,
			 const struct grub_bls_file *file, unsigned int index)
{
	const struct grub_doubt *doubt = NULL;

	if (request->id)
		return strcmp(request->id, file->id) == 0;
	if (!request->only_default && !request->only_others)
		return true;
	return is_default(run, file, index, &doubt) == request->only_default;
}

/* Finds and reads the folder. GRUB on EFI looks on $root, elsewhere on $boot where that is set. */
static int read_usual_folders(struct grub_run *run, struct grub_bls_file **files)
{
	static const char *const folders[] = {"/loader/entries", "/boot/loader/entries"};
	const struct grub_doubt *doubt, *doubt_folder;
	const char *device = run->machine->efi ? "" : grub_run_get(run, "boot", &doubt);
	const char *named = grub_run_get(run, "blsdir", &doubt_folder);
	bool found = false;
	int r = 0;

	if (!*device)
		device = grub_run_get(run, "root", &doubt);
	for (size_t i = 0; r == 0 && !found && i < 2; i++) {
		const char *folder = i == 0 && *named ? named : folders[i];
		struct grub_argument name = {
		    grub_arena_format(&run->arena, "(%s)%s", device, folder), doubt};
		struct grub_place place;

		if (!name.text)
			return run->arena.code;
		r = grub_find_file(run, &name, &place);
		if (r == 0 && place.doubt) {
			grub_stick(run, place.doubt, GRUB_UNTIL_END);
			return 0;
		}
		if (r == 0)
			r = read_folder(run, place.path, files, &found);
	}
	return r;
}

static int read_named_folder(struct grub_run *run, const char *folder, struct grub_bls_file **files)
{
	struct grub_argument name = {folder, NULL};
	struct grub_place place;
	bool found;
	int r = grub_find_file(run, &name, &place);

	if (r == 0 && place.doubt)
		grub_stick(run, place.doubt, GRUB_UNTIL_END);
	return r == 0 && !place.doubt ? read_folder(run, place.path, files, &found) : r;
}

int grub_blscfg(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct request request = {0};
	struct grub_bls_file *files = NULL;
	unsigned int index = 0;
	int r;

	read_request(&request, arguments);
	run->fedora |= !request.upstream;
	r = request.folder ? read_named_folder(run, request.folder, &files)
			   : read_usual_folders(run, &files);
	for (; r == 0 && files; files = files->next, index++)
		if (grub_bls_value(files, "linux") && is_asked_for(run, &request, files, index))
			r = grub_bls_add_entry(run, files, request.upstream);
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}
