/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "blscfg": menu entries from loader/entries, as Fedora's GRUB makes them (its
 * grub-core/commands/blscfg.c), and with options as GRUB 2.14 does (blsuki.c).
 *
 * It is not what the Boot Loader Specification says: only the first "options" counts, a line
 * without a value ends the file, variables are put in, the order is that of rpm's versions. What
 * comes of it is written as a menu entry's commands, and those are read like any others.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "entry/grub-run.h"

enum {
	BLS_FILES_MAX = 1024,
	BLS_LINES_MAX = 1000,
};

struct pair {
	const char *key, *value;
	struct pair *next;
};

struct bls_file {
	const char *path;
	const char *id; /* the name without ".conf" */
	struct pair *pairs;
	struct bls_file *next;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static size_t span(const char *text, bool (*belongs)(char))
{
	size_t length = 0;

	while (belongs(text[length]))
		length++;
	return length;
}

static void skip_to_segment(const char **text)
{
	while (**text && !is_digit(**text) && !is_letter(**text) && **text != '~')
		(*text)++;
}

static int compare_segments(const char *a, size_t a_length, const char *b, size_t b_length,
			    bool numbers)
{
	size_t shorter = a_length < b_length ? a_length : b_length;
	int order;

	while (numbers && a_length > 0 && *a == '0') {
		a++;
		a_length--;
	}
	while (numbers && b_length > 0 && *b == '0') {
		b++;
		b_length--;
	}
	if (numbers && a_length != b_length)
		return a_length < b_length ? -1 : 1;
	shorter = a_length < b_length ? a_length : b_length;
	order = strncmp(a, b, shorter);
	return order ? sign(order) : (a_length > b_length) - (a_length < b_length);
}

int grub_compare_rpm(const char *a, const char *b)
{
	for (;;) {
		size_t a_length, b_length;
		bool numbers;
		int order;

		skip_to_segment(&a);
		skip_to_segment(&b);
		if (*a == '~' || *b == '~') {
			if (*a != *b)
				return *a == '~' ? -1 : 1;
			a++;
			b++;
			continue;
		}
		if (!*a || !*b)
			return (*a != '\0') - (*b != '\0');
		numbers = is_digit(*a);
		a_length = span(a, numbers ? is_digit : is_letter);
		b_length = span(b, numbers ? is_digit : is_letter);
		if (b_length == 0)
			return numbers ? 1 : -1;
		order = compare_segments(a, a_length, b, b_length, numbers);
		if (order != 0)
			return order;
		a += a_length;
		b += b_length;
	}
}

/* The parts of NAME-VERSION-RELEASE; what is missing is at the end of the list. */
static void split_package(char *text, const char *parts[3])
{
	char *release = strrchr(text, '-'), *version;

	parts[0] = text;
	parts[1] = parts[2] = "";
	if (!release)
		return;
	*release++ = '\0';
	version = strrchr(text, '-');
	if (version)
		*version++ = '\0';
	parts[1] = version ? version : release;
	parts[2] = version ? release : "";
}

static int compare_ids(struct grub_run *run, const char *a, const char *b)
{
	char *a_copy = grub_arena_text(&run->arena, a), *b_copy = grub_arena_text(&run->arena, b);
	const char *a_parts[3], *b_parts[3];
	int order = 0;

	if (!a_copy || !b_copy)
		return 0;
	split_package(a_copy, a_parts);
	split_package(b_copy, b_parts);
	for (size_t i = 0; order == 0 && i < 3; i++)
		order = grub_compare_rpm(a_parts[i], b_parts[i]);
	return order;
}

static const char *value_of(const struct bls_file *file, const char *key)
{
	for (const struct pair *pair = file->pairs; pair; pair = pair->next)
		if (strcmp(pair->key, key) == 0)
			return pair->value;
	return NULL;
}

/* One line; false: it ends the file. */
static bool read_line(struct grub_run *run, struct pair ***last, char *line)
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
	***last = (struct pair){key, value, NULL};
	*last = &(**last)->next;
	return true;
}

static void read_lines(struct grub_run *run, struct bls_file *file, char *text)
{
	struct pair **last = &file->pairs;
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

/* What is put in for a pending part of a value: a variable, or the part itself. */
static int expand_part(struct grub_run *run, char **to, const char *part, size_t length,
		       bool is_variable, bool *any, const struct grub_doubt **doubt)
{
	const struct grub_variable *variable;
	const struct grub_doubt *cause;
	char *copy = grub_arena_copy(&run->arena, part, length);

	if (!copy)
		return run->arena.code;
	if (is_variable) {
		variable = grub_environment_get(run->environment, copy);
		copy = (char *)grub_run_get(run, copy, &cause);
		if (cause && !*doubt)
			*doubt = cause;
		if (!cause && (!variable || !variable->value))
			return 0;
	}
	*any = true;
	if (strlen(copy) > ENTRY_TEXT_MAX - strlen(*to))
		return run->arena.code = -E2BIG;
	*to = grub_arena_format(&run->arena, "%s%s", *to, copy);
	return *to ? 0 : run->arena.code;
}

static bool is_name(char c)
{
	return is_digit(c) || is_letter(c) || c == '_';
}

/*
 * Puts variables into a value. Fedora's GRUB loses a part of one byte before a '$' and at the end,
 * and everything when nothing is there by then: so does this. *result is NULL when it has come to
 * nothing.
 */
static int expand_value(struct grub_run *run, const char *value, const char **result,
			const struct grub_doubt **doubt)
{
	char *text = grub_arena_text(&run->arena, "");
	const char *start = value, *at;
	bool is_variable = false, any = false;
	int r = text ? 0 : run->arena.code;

	*result = NULL;
	for (at = value; r == 0; at++) {
		bool ends = *at == '$' || *at == '\0';
		size_t length = (size_t)(at - start);

		if (ends && at > start && length > 1) {
			r = expand_part(run, &text, start, length, is_variable, &any, doubt);
			if (r == 0 && !any)
				return 0;
		} else if (!ends && is_variable && !is_name(*at)) {
			r = expand_part(run, &text, start, length, true, &any, doubt);
			is_variable = false;
			start = at;
		}
		if (*at == '\0')
			break;
		if (*at == '$') {
			is_variable = true;
			start = at + 1;
		}
	}
	*result = any ? text : NULL;
	return r;
}

/* Appends " ($root)" and a path to the list of initrds. */
static int append_initrd(struct grub_run *run, char **line, const char *folder, size_t length,
			 const char *name, size_t name_length)
{
	*line = grub_arena_format(&run->arena, "%s ($root)%.*s%.*s", *line, (int)length, folder,
				  (int)name_length, name);
	return *line ? 0 : run->arena.code;
}

/* $early_initrd: names beside the entry's first initrd, or its kernel. */
static int append_early_initrds(struct grub_run *run, char **line, const struct bls_file *file)
{
	const struct grub_doubt *doubt;
	const char *names = grub_run_get(run, "early_initrd", &doubt);
	const char *beside = value_of(file, "initrd"), *slash;
	int r = 0;

	if (!beside)
		beside = value_of(file, "linux");
	slash = strrchr(beside, '/');
	while (r == 0 && *names) {
		size_t length = strcspn(names, " ");

		r = append_initrd(run, line, beside, slash ? (size_t)(slash + 1 - beside) : 0,
				  names, length);
		names += length;
		names += *names == ' ';
	}
	return r;
}

static int make_initrd_line(struct grub_run *run, const struct bls_file *file, char **line)
{
	int r;

	*line = grub_arena_text(&run->arena, "initrd");
	r = *line ? append_early_initrds(run, line, file) : run->arena.code;
	for (const struct pair *pair = file->pairs; r == 0 && pair; pair = pair->next)
		if (strcmp(pair->key, "initrd") == 0)
			r = append_initrd(run, line, "", 0, pair->value, strlen(pair->value));
	if (r == 0 && strcmp(*line, "initrd") == 0)
		*line = grub_arena_text(&run->arena, "");
	return r == 0 && !*line ? run->arena.code : r;
}

static bool is_true(const char *value)
{
	return *value && strcmp(value, "0") != 0 && strcmp(value, "false") != 0 &&
	       strcmp(value, "disable") != 0 && strcmp(value, "no") != 0;
}

/* The commands that the entry stands for. */
static int make_text(struct grub_run *run, const struct bls_file *file, char **text,
		     const struct grub_doubt **doubt)
{
	const char *options = value_of(file, "options"), *expanded = NULL, *devicetree;
	const struct grub_doubt *cause;
	bool saves = is_true(grub_run_get(run, "save_default", &cause)) ||
		     is_true(grub_run_get(run, "blsuki_save_default", &cause));
	char *initrd = NULL;
	int r = options ? expand_value(run, options, &expanded, doubt) : 0;

	if (r == 0 && !expanded) {
		options = grub_run_get(run, "default_kernelopts", &cause);
		if (cause)
			*doubt = cause;
		r = expand_value(run, options, &expanded, doubt);
	}
	if (r == 0)
		r = make_initrd_line(run, file, &initrd);
	if (r < 0)
		return r;
	devicetree = value_of(file, "devicetree");
	*text = grub_arena_format(
	    &run->arena, "%slinux ($root)%s %s\n%s\n%s%s\n", saves ? "savedefault\n" : "",
	    value_of(file, "linux"), expanded ? expanded : "", initrd,
	    devicetree ? "devicetree ($root)" : "", devicetree ? devicetree : "");
	return *text ? 0 : run->arena.code;
}

static int add_menu_entry(struct grub_run *run, const struct bls_file *file)
{
	struct grub_command command = {.kind = GRUB_SIMPLE};
	struct grub_arguments arguments = {0};
	const struct grub_doubt *doubt = NULL, *doubt_before = run->doubt;
	const char *title = value_of(file, "title"), *file_before = run->file;
	unsigned int line_before = run->line;
	char *text;
	int r = make_text(run, file, &text, &doubt);

	if (r == 0)
		r = grub_arguments_add(run, &arguments, "menuentry", NULL);
	if (r == 0)
		r = grub_arguments_add(run, &arguments, title ? title : value_of(file, "linux"),
				       NULL);
	if (r == 0)
		r = grub_arguments_add(run, &arguments, "--id", NULL);
	if (r == 0)
		r = grub_arguments_add(run, &arguments, file->id, NULL);
	if (r == 0)
		r = grub_arguments_add(run, &arguments, "--source", NULL);
	if (r == 0)
		r = grub_arguments_add(run, &arguments, text, doubt);
	run->file = file->path;
	run->line = 1;
	if (r == 0)
		r = grub_menu_add(run, &command, &arguments, false);
	run->file = file_before;
	run->line = line_before;
	run->doubt = doubt_before;
	return r;
}

/* Into its place: the newest first. One that is the same as another is left out. */
static void insert(struct grub_run *run, struct bls_file **files, struct bls_file *file)
{
	for (; *files; files = &(*files)->next) {
		int order = compare_ids(run, file->id, (*files)->id);

		if (order == 0)
			return;
		if (order > 0)
			break;
	}
	file->next = *files;
	*files = file;
}

static int read_entry_file(struct grub_run *run, const char *folder, const char *name,
			   struct bls_file **files)
{
	struct bls_file *file = grub_arena_get(&run->arena, sizeof(*file));
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
static int read_folder(struct grub_run *run, const char *path, struct bls_file **files, bool *found)
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
};

static void read_request(struct request *request, const struct grub_arguments *arguments)
{
	for (size_t i = 1; i < arguments->count; i++) {
		const char *text = arguments->list[i].text;
		const char *next = i + 1 < arguments->count ? arguments->list[i + 1].text : NULL;

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

static bool is_default(struct grub_run *run, const struct bls_file *file, unsigned int index,
		       const struct grub_doubt **doubt)
{
	const char *value = grub_run_get(run, "default", doubt);
	const char *title = value_of(file, "title");
	char *end;
	long number = strtol(value, &end, 0);

	return strcmp(value, file->id) == 0 || (title && strcmp(value, title) == 0) ||
	       (*value && !*end && number == (long)index);
}

static bool is_asked_for(struct grub_run *run, const struct request *request,
			 const struct bls_file *file, unsigned int index)
{
	const struct grub_doubt *doubt = NULL;

	if (request->id)
		return strcmp(request->id, file->id) == 0;
	if (!request->only_default && !request->only_others)
		return true;
	return is_default(run, file, index, &doubt) == request->only_default;
}

/* Finds and reads the folder. GRUB on EFI looks on $root, elsewhere on $boot where that is set. */
static int read_usual_folders(struct grub_run *run, struct bls_file **files)
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

static int read_named_folder(struct grub_run *run, const char *folder, struct bls_file **files)
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
	struct bls_file *files = NULL;
	unsigned int index = 0;
	int r;

	run->fedora = true;
	read_request(&request, arguments);
	r = request.folder ? read_named_folder(run, request.folder, &files)
			   : read_usual_folders(run, &files);
	for (; r == 0 && files; files = files->next, index++)
		if (value_of(files, "linux") && is_asked_for(run, &request, files, index))
			r = add_menu_entry(run, files);
	return r == 0 ? grub_run_status(run, 0, NULL) : r;
}
