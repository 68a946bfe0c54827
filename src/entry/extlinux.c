/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/extlinux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/words.h"
#include "entry/config-line.h"
#include "entry/files.h"
#include "machine/mounts.h"

enum {
	INCLUDE_DEPTH_MAX = 8,
	INCLUDE_FILES_MAX = 64,
};

/* A file that is being read, and the one that includes it. */
struct level {
	const struct level *above;
	const char *path;
	unsigned int depth;
};

struct reader {
	struct entry_list *list;
	const struct entry_machine *machine;
	const char *top;        /* where the partition is mounted */
	const char *top_folder; /* and which of its folders that is */
	char *folder;           /* of the configuration, below `top` */
	struct entry *entry;    /* of the label that is read; NULL before the first. Not owned. */
	char *append;           /* for labels that have no such line */
	char *wish, *menu_wish, *timeout_wish; /* what is to be booted, by the line that says so */
	unsigned int wish_line, menu_wish_line, timeout_wish_line;
	unsigned int files;        /* that were read */
	const struct level *level; /* the file that is being read */
	bool in_text;              /* between TEXT HELP and ENDTEXT */
};

/* What is absolute begins at the top of the partition, of which only a folder may be mounted. */
static int resolve(char **result, const struct reader *reader, const char *path)
{
	size_t length = strlen(reader->top_folder);

	if (length > 1 && *path == '/' && machine_path_is_below(path, reader->top_folder))
		path += length;
	return entry_resolve_path(result, reader->top, reader->folder, path);
}

static int refuse(struct reader *reader, const char *key, int r)
{
	if (r == -E2BIG || r == -EINVAL)
		return entry_add_problem(reader->entry, ENTRY_MALFORMED, key,
					 r == -E2BIG ? "it is too long"
						     : "its path is empty or leads too far up");
	return r;
}

static int set_path(struct reader *reader, char **field, const char *path)
{
	cleanup_free char *resolved = NULL;
	int r = resolve(&resolved, reader, path);

	if (r < 0)
		return r;
	free(*field);
	*field = steal_pointer(resolved);
	return 0;
}

/* Several, with `separators` between them. */
static int add_paths(struct reader *reader, struct entry_files *files, const char *paths,
		     const char *separators)
{
	cleanup_free char *copy = strdup(paths);
	char *rest = copy, *path;
	int r = copy ? 0 : -ENOMEM;

	while (r == 0 && (path = strsep(&rest, separators))) {
		cleanup_free char *resolved = NULL;

		if (!*path)
			continue;
		r = resolve(&resolved, reader, path);
		if (r == 0)
			r = entry_add_file(files, resolved);
	}
	return r;
}

/* Syslinux takes initrd= from the command line, too. */
static int set_append(struct reader *reader, const char *options)
{
	struct entry *entry = reader->entry;
	const char *word;
	size_t length;
	int r = entry_set_text(&entry->options, "");

	entry->has_options = true;
	while (r == 0 && words_next(&options, &word, &length)) {
		cleanup_free char *copy = strndup(word, length);

		if (!copy)
			return -ENOMEM;
		if (strncmp(copy, "initrd=", 7) == 0)
			r = add_paths(reader, &entry->initrds, copy + 7, ",");
		else
			r = entry_append_text(&entry->options, copy);
	}
	return r;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcasecmp(text + length - end_length, end) == 0;
}

/* Other programs of Syslinux, boot sectors. */
static bool is_no_linux(const char *path)
{
	static const char *const ends[] = {".c32", ".com", ".cbt", ".0", ".bin", ".bs", ".bss"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (ends_with(path, ends[i]))
			return true;
	return false;
}

static int set_kernel(struct reader *reader, const char *key, char *path)
{
	path[strcspn(path, " \t")] = '\0';
	if (strcasecmp(key, "kernel") == 0 && is_no_linux(path))
		return entry_add_problem(reader->entry, ENTRY_NOT_LINUX, key, "it starts %.200s",
					 path);
	return set_path(reader, &reader->entry->kernel.path, path);
}

/* The label is complete: what was said for all of them, and whether its files are there. */
static int finish_label(struct reader *reader)
{
	struct entry *entry = reader->entry;
	int r = 0;

	if (!entry)
		return 0;
	if (!entry->has_options && reader->append)
		r = refuse(reader, "append", set_append(reader, reader->append));
	if (r == 0 && !entry->kernel.path)
		r = entry_add_problem(entry, ENTRY_NO_KERNEL, entry->id,
				      "the label has no line \"linux\" or \"kernel\"");
	if (r == 0 && entry->problem == ENTRY_USABLE)
		r = entry_check_files(entry, reader->machine->root);
	reader->entry = NULL;
	return r;
}

static int begin_label(struct reader *reader, const char *name, const char *path, unsigned int line)
{
	cleanup_entry struct entry *entry = NULL;
	int r = finish_label(reader);

	if (r < 0)
		return r;
	entry = entry_new(ENTRY_EXTLINUX, name, path, line);
	if (!entry)
		return -ENOMEM;
	reader->entry = entry;
	r = entry_list_add(reader->list, steal_pointer(entry));
	if (r < 0)
		reader->entry = NULL;
	return r;
}

/* A line of an included file is not told, because the file is not. */
static int set_wish(const struct reader *reader, char **wish, unsigned int *wish_line,
		    const char *value, unsigned int line)
{
	*wish_line = reader->level->depth == 0 ? line : 0;
	return entry_set_text(wish, value);
}

static int read_file(struct reader *reader, const char *path);

/* Why a file is not included, or NULL. */
static const char *stands_against(const struct reader *reader, const char *path)
{
	if (reader->level->depth == INCLUDE_DEPTH_MAX || reader->files == INCLUDE_FILES_MAX)
		return "there are too many, or too deep in each other";
	for (const struct level *level = reader->level; level; level = level->above)
		if (strcmp(level->path, path) == 0)
			return "it includes itself";
	return NULL;
}

static int include(struct reader *reader, unsigned int line, char *value)
{
	cleanup_free char *path = NULL;
	const char *why;
	int r;

	value[strcspn(value, " \t")] = '\0'; /* a tag may follow */
	r = resolve(&path, reader, value);
	if (r == -ENOMEM)
		return r;
	why = r < 0 ? "its path is empty or leads too far up" : stands_against(reader, path);
	if (why)
		return entry_list_add_remark(reader->list, REMARK_IGNORED, reader->level->path,
					     line, "the file \"%.200s\" is not included: %s", value,
					     why);
	return read_file(reader, path);
}

static int take_menu(struct reader *reader, char *value, unsigned int line)
{
	size_t length = strcspn(value, " \t");
	char *rest = value + length + strspn(value + length, " \t");

	value[length] = '\0';
	if (strcasecmp(value, "include") == 0)
		return include(reader, line, rest);
	if (!reader->entry)
		return 0;
	if (strcasecmp(value, "default") == 0)
		return set_wish(reader, &reader->menu_wish, &reader->menu_wish_line,
				reader->entry->id, line);
	if (strcasecmp(value, "label") == 0) {
		char *hotkey = strchr(rest, '^');

		if (hotkey)
			memmove(hotkey, hotkey + 1, strlen(hotkey));
		return refuse(reader, "menu label", entry_set_text(&reader->entry->title, rest));
	}
	return 0;
}

static int take_of_label(struct reader *reader, const char *key, char *value)
{
	struct entry *entry = reader->entry;

	if (strcasecmp(key, "linux") == 0 || strcasecmp(key, "kernel") == 0)
		return set_kernel(reader, key, value);
	if (strcasecmp(key, "initrd") == 0)
		return add_paths(reader, &entry->initrds, value, ", \t");
	if (strcasecmp(key, "append") == 0)
		return set_append(reader, strcmp(value, "-") == 0 ? "" : value);
	if (strcasecmp(key, "fdt") == 0 || strcasecmp(key, "devicetree") == 0)
		return set_path(reader, &entry->devicetree, value);
	if (strcasecmp(key, "fdtoverlays") == 0 || strcasecmp(key, "devicetree-overlay") == 0)
		return add_paths(reader, &entry->overlays, value, " \t");
	if (strcasecmp(key, "localboot") == 0 || strcasecmp(key, "com32") == 0 ||
	    strcasecmp(key, "boot") == 0 || strcasecmp(key, "bss") == 0 ||
	    strcasecmp(key, "pxe") == 0 || strcasecmp(key, "config") == 0)
		return entry_add_problem(entry, ENTRY_NOT_LINUX, key, "it starts something else");
	return 0;
}

static int take(struct reader *reader, const char *key, char *value, unsigned int line)
{
	if (strcasecmp(key, "label") == 0)
		return begin_label(reader, value, reader->level->path, line);
	if (strcasecmp(key, "include") == 0)
		return include(reader, line, value);
	if (strcasecmp(key, "menu") == 0)
		return take_menu(reader, value, line);
	if (strcasecmp(key, "default") == 0)
		return set_wish(reader, &reader->wish, &reader->wish_line, value, line);
	if (strcasecmp(key, "ontimeout") == 0)
		return set_wish(reader, &reader->timeout_wish, &reader->timeout_wish_line, value,
				line);
	if (reader->entry)
		return refuse(reader, key, take_of_label(reader, key, value));
	return strcasecmp(key, "append") == 0 ? entry_set_text(&reader->append, value) : 0;
}

static int read_lines(struct reader *reader, char *text)
{
	struct config_lines lines = config_lines_of(text, " \t");
	char *key, *value;
	int r = 0;

	lines.plain = true;
	while (r == 0 && config_lines_next(&lines, &key, &value)) {
		if (reader->in_text)
			reader->in_text = strcasecmp(key, "endtext") != 0;
		else if (strcasecmp(key, "text") == 0)
			reader->in_text = true;
		else
			r = take(reader, key, value, lines.number);
	}
	return r;
}

static int read_file(struct reader *reader, const char *path)
{
	struct level level = {reader->level, path, reader->level ? reader->level->depth + 1 : 0};
	cleanup_free char *text = NULL;
	size_t size;
	int r = entry_read_config(reader->machine->root, path, &text, &size);

	reader->files++;
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return entry_list_add_remark(reader->list, REMARK_UNREADABLE, path, 0, "%s",
					     entry_error_text(r));
	reader->level = &level;
	r = read_lines(reader, text);
	reader->level = level.above;
	return r;
}

/* A label by its whole name. */
static struct entry *find(const struct entry_list *list, size_t first, const char *name)
{
	for (size_t i = first; i < list->count; i++)
		if (strcmp(list->entries[i]->id, name) == 0)
			return list->entries[i];
	return NULL;
}

static int try_wish(struct entry_default *choice, const struct reader *reader, size_t first,
		    const char *wish, unsigned int line, const char *path)
{
	struct entry *entry;
	int r;

	if (choice->reason != REASON_UNKNOWN || choice->detail || !wish)
		return 0;
	/* Syslinux: the menu itself, where nobody has written UI. */
	if (ends_with(wish, ".c32"))
		return 0;
	entry = find(reader->list, first, wish);
	if (entry)
		return entry_default_set(choice, entry, REASON_DEFAULT, wish, path, line);
	r = entry_default_set(choice, NULL, REASON_UNKNOWN, wish, path, line);
	return r < 0 ? r : entry_default_explain(choice, "there is no label \"%.200s\"", wish);
}

/* Nobody is there to press a key, so that what is for a timeout comes first. */
static int choose(const struct reader *reader, size_t first, const char *path)
{
	struct entry_default *choice = &reader->list->defaults[LOADER_EXTLINUX];
	int r =
	    try_wish(choice, reader, first, reader->timeout_wish, reader->timeout_wish_line, path);

	if (r == 0)
		r = try_wish(choice, reader, first, reader->menu_wish, reader->menu_wish_line,
			     path);
	if (r == 0)
		r = try_wish(choice, reader, first, reader->wish, reader->wish_line, path);
	if (r < 0 || choice->entry || choice->detail)
		return r;
	if (reader->list->count == first)
		return entry_default_explain(choice, "it has no label");
	return entry_default_set(choice, reader->list->entries[first], REASON_FIRST, NULL, path, 0);
}

int extlinux_read(struct entry_list *list, const struct entry_machine *machine, const char *top,
		  const char *path)
{
	const struct machine_mount *mount = machine_mounts_at(machine->mounts, *top ? top : "/");
	struct reader reader = {.list = list,
				.machine = machine,
				.top = top,
				.top_folder = mount ? mount->folder : "/"};
	size_t first = list->count;
	char *slash;
	int r;

	reader.folder = strdup(path + strlen(top));
	if (!reader.folder)
		return -ENOMEM;
	slash = strrchr(reader.folder, '/');
	if (slash)
		*slash = '\0';
	list->defaults[LOADER_EXTLINUX].found = true;
	r = read_file(&reader, path);
	if (r == 0 || r == -E2BIG)
		r = finish_label(&reader);
	if (r == 0)
		r = choose(&reader, first, path);
	free(reader.folder);
	free(reader.append);
	free(reader.wish);
	free(reader.menu_wish);
	free(reader.timeout_wish);
	return r == -E2BIG ? 0 : r;
}

/* The first that is there is read, in the order in which Syslinux and U-Boot look for them. */
int entry_read_extlinux(struct entry_list *list, const struct entry_machine *machine)
{
	static const char *const paths[] = {
	    "/boot/extlinux/extlinux.conf",
	    "/boot/syslinux/extlinux.conf",
	    "/boot/syslinux/syslinux.cfg",
	    "/boot/extlinux.conf",
	    "/boot/syslinux.cfg",
	    "/extlinux/extlinux.conf",
	    "/syslinux/syslinux.cfg",
	    "/boot/EFI/syslinux/syslinux.cfg",
	    "/efi/EFI/syslinux/syslinux.cfg",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct machine_mount *mount;
		uint64_t size;
		int fd = entry_open_file(machine->root, paths[i], &size);

		if (fd < 0)
			continue;
		close(fd);
		mount = machine_mounts_of(machine->mounts, paths[i]);
		return extlinux_read(list, machine,
				     mount && strcmp(mount->point, "/") != 0 ? mount->point : "",
				     paths[i]);
	}
	return 0;
}
