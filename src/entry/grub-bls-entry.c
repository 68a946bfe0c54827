/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What "blscfg" makes of an entry is written as a menu entry's commands, and those are read like
 * any others.
 */
#include <errno.h>
#include <string.h>

#include "entry/grub-bls.h"

const char *grub_bls_value(const struct grub_bls_file *file, const char *key)
{
	for (const struct grub_bls_pair *pair = file->pairs; pair; pair = pair->next)
		if (strcmp(pair->key, key) == 0)
			return pair->value;
	return NULL;
}

/* A value, while variables are put in. */
struct expansion {
	struct grub_run *run;
	bool upstream;
	char *text;
	bool any; /* something has been put into it, though it may be empty */
	const struct grub_doubt *doubt;
};

static int append(struct expansion *expansion, const char *text, const char *behind)
{
	if (strlen(text) + 1 > ENTRY_TEXT_MAX - strlen(expansion->text))
		return expansion->run->arena.code = -E2BIG;
	expansion->any = true;
	expansion->text =
	    grub_arena_format(&expansion->run->arena, "%s%s%s", expansion->text, text, behind);
	return expansion->text ? 0 : expansion->run->arena.code;
}

/* Puts in what a part stands for: a variable, or the part itself. */
static int append_part(struct expansion *expansion, const char *part, size_t length,
		       bool is_variable)
{
	struct grub_run *run = expansion->run;
	char *copy = grub_arena_copy(&run->arena, part, length);
	const struct grub_variable *variable;
	const struct grub_doubt *doubt;
	const char *value;

	if (!copy)
		return run->arena.code;
	if (!is_variable)
		return append(expansion, copy, "");
	variable = grub_environment_get(run->environment, copy);
	value = grub_run_get(run, copy, &doubt);
	if (doubt && !expansion->doubt)
		expansion->doubt = doubt;
	if (!doubt && (!variable || !variable->value))
		return 0;
	return append(expansion, value, expansion->upstream ? " " : "");
}

static bool is_name(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

/*
 * Fedora's GRUB loses a part of one byte before a '$' and at the end, and everything when nothing
 * is there by then: so does this. GRUB 2.14 puts a space behind each variable.
 */
static int append_parts(struct expansion *expansion, const char *value)
{
	const char *start = value;
	bool is_variable = false;
	int r = 0;

	for (const char *at = value; r == 0; at++) {
		bool ends = *at == '$' || *at == '\0';
		size_t length = (size_t)(at - start);

		if (ends && at > start && length > 1) {
			r = append_part(expansion, start, length, is_variable);
			if (r == 0 && !expansion->any)
				return 0;
		} else if (!ends && is_variable && !is_name(*at)) {
			r = append_part(expansion, start, length, true);
			is_variable = false;
			start = expansion->upstream && *at == ' ' ? at + 1 : at;
		}
		if (*at == '\0')
			break;
		if (*at == '$') {
			is_variable = true;
			start = at + 1;
		}
	}
	return r;
}

/* Puts variables into a value. *result is NULL when it comes to nothing. */
static int expand_value(struct grub_run *run, bool upstream, const char *value, const char **result,
			const struct grub_doubt **doubt)
{
	struct expansion expansion = {
	    .run = run, .upstream = upstream, .text = grub_arena_text(&run->arena, "")};
	int r = expansion.text ? append_parts(&expansion, value) : run->arena.code;

	*result = expansion.any ? expansion.text : NULL;
	if (expansion.doubt)
		*doubt = expansion.doubt;
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
static int append_early_initrds(struct grub_run *run, char **line, const struct grub_bls_file *file)
{
	const struct grub_doubt *doubt;
	const char *names = grub_run_get(run, "early_initrd", &doubt);
	const char *beside = grub_bls_value(file, "initrd"), *slash;
	int r = 0;

	if (!beside)
		beside = grub_bls_value(file, "linux");
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

static int make_initrd_line(struct grub_run *run, const struct grub_bls_file *file, char **line)
{
	int r;

	*line = grub_arena_text(&run->arena, "initrd");
	r = *line ? append_early_initrds(run, line, file) : run->arena.code;
	for (const struct grub_bls_pair *pair = file->pairs; r == 0 && pair; pair = pair->next)
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
static int make_text(struct grub_run *run, const struct grub_bls_file *file, bool upstream,
		     char **text, const struct grub_doubt **doubt)
{
	const char *options = grub_bls_value(file, "options"), *expanded = NULL, *devicetree;
	const struct grub_doubt *cause;
	bool saves = is_true(grub_run_get(run, "save_default", &cause)) ||
		     is_true(grub_run_get(run, "blsuki_save_default", &cause));
	char *initrd = NULL;
	int r = options ? expand_value(run, upstream, options, &expanded, doubt) : 0;

	if (r == 0 && !expanded) {
		options = grub_run_get(run, "default_kernelopts", &cause);
		if (cause)
			*doubt = cause;
		r = expand_value(run, upstream, options, &expanded, doubt);
	}
	if (r == 0)
		r = make_initrd_line(run, file, &initrd);
	if (r < 0)
		return r;
	devicetree = grub_bls_value(file, "devicetree");
	*text = grub_arena_format(
	    &run->arena, "%slinux ($root)%s %s\n%s\n%s%s\n", saves ? "savedefault\n" : "",
	    grub_bls_value(file, "linux"), expanded ? expanded : "", initrd,
	    devicetree ? "devicetree ($root)" : "", devicetree ? devicetree : "");
	return *text ? 0 : run->arena.code;
}

int grub_bls_add_entry(struct grub_run *run, const struct grub_bls_file *file, bool upstream)
{
	struct grub_command command = {.kind = GRUB_SIMPLE};
	struct grub_arguments arguments = {0};
	const struct grub_doubt *doubt = NULL, *doubt_before = run->doubt;
	const char *title = grub_bls_value(file, "title"), *file_before = run->file;
	unsigned int line_before = run->line;
	char *text;
	int r = make_text(run, file, upstream, &text, &doubt);

	if (r == 0)
		r = grub_arguments_add(run, &arguments, "menuentry", NULL);
	if (r == 0)
		r = grub_arguments_add(run, &arguments,
				       title ? title : grub_bls_value(file, "linux"), NULL);
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
