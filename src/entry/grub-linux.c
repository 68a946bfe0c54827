/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "linux", "initrd" and "devicetree". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "entry/grub-run.h"

static void note_doubt(struct grub_run *run, const struct grub_doubt *doubt)
{
	if (!run->boot->doubt)
		run->boot->doubt = run->doubt ? run->doubt : doubt;
}

/* Finds the file that `name` names. */
static int find(struct grub_run *run, const struct grub_argument *name, struct grub_file **file)
{
	struct grub_place place;
	int r = grub_find_file(run, name, &place);

	*file = NULL;
	if (r < 0)
		return r;
	*file = grub_arena_get(&run->arena, sizeof(**file));
	if (!*file)
		return run->arena.code;
	(*file)->path = place.doubt ? name->text : place.path;
	/* A device's name of our own says nothing to people. */
	if (place.doubt && strncmp(name->text, "(" GRUB_OWN_DEVICE, 2) == 0 &&
	    strchr(name->text, ')'))
		(*file)->path = strchr(name->text, ')') + 1;
	(*file)->doubt = place.doubt;
	return 0;
}

static int status_of(struct grub_run *run, const struct grub_file *file)
{
	if (file->doubt)
		return grub_run_status(run, 0, file->doubt);
	return grub_run_status(run, grub_path_kind(run, file->path) == 'f' ? 0 : 5, NULL);
}

static bool is_hex(char c)
{
	return c != '\0' && strchr("0123456789abcdefABCDEF", c);
}

/* As GRUB's grub-core/lib/cmdline.c puts a word into a kernel's command line. */
static char *append_word(char *to, const char *word, bool fedora)
{
	bool has_space = strchr(word, ' ');

	if (has_space)
		*to++ = '"';
	for (; *word; word++) {
		/* Only Fedora's leaves these as they are. */
		bool hexadecimal = fedora && word[0] == '\\' && word[1] == 'x' && is_hex(word[2]) &&
				   is_hex(word[3]);

		if (strchr("\\'\"", *word) && !hexadecimal)
			*to++ = '\\';
		*to++ = *word;
	}
	if (has_space)
		*to++ = '"';
	return to;
}

static int make_options(struct grub_run *run, const struct grub_arguments *arguments)
{
	size_t size = 1;
	char *text, *to;

	for (size_t i = 2; i < arguments->count; i++)
		size += 2 * strlen(arguments->list[i].text) + 3;
	if (size > ENTRY_TEXT_MAX) {
		run->boot->options = "";
		note_doubt(run,
			   grub_doubt_new(run, ENTRY_MALFORMED, "its command line is too long"));
		return run->arena.code;
	}
	text = to = grub_arena_get(&run->arena, size);
	if (!text)
		return run->arena.code;
	for (size_t i = 2; i < arguments->count; i++) {
		if (i > 2)
			*to++ = ' ';
		to = append_word(to, arguments->list[i].text, run->fedora);
		if (arguments->list[i].doubt)
			note_doubt(run, arguments->list[i].doubt);
		else if (grub_names_device(arguments->list[i].text))
			note_doubt(run, grub_doubt_device(run));
	}
	run->boot->options = text;
	return run->arena.code;
}

int grub_linux(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct grub_boot *boot = run->boot;
	int r;

	if (arguments->count < 2)
		return grub_run_status(run, 18, NULL); /* GRUB_ERR_BAD_ARGUMENT */
	if (!run->doubt)
		boot->doubt = NULL;
	boot->initrds = NULL;
	boot->devicetree = NULL;
	boot->other = NULL;
	boot->kernel_name = arguments->list[1].text;
	note_doubt(run, NULL);
	r = find(run, &arguments->list[1], &boot->kernel);
	if (r == 0)
		r = make_options(run, arguments);
	return r == 0 ? status_of(run, boot->kernel) : r;
}

/* "newc:NAME:FILE": the file is packed into an archive under this name. */
static int find_initrd(struct grub_run *run, const struct grub_argument *argument,
		       struct grub_file **file)
{
	struct grub_argument name = *argument;
	const char *colon = NULL, *packed_as = NULL;
	int r;

	if (!name.doubt && strncmp(name.text, "newc:", 5) == 0)
		colon = strchr(name.text + 5, ':');
	if (colon) {
		packed_as =
		    grub_arena_copy(&run->arena, name.text + 5, (size_t)(colon - name.text - 5));
		if (!packed_as)
			return run->arena.code;
		name.text = colon + 1;
	}
	r = find(run, &name, file);
	if (r == 0)
		(*file)->packed_as = packed_as;
	return r;
}

int grub_initrd(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct grub_file **last = &run->boot->initrds;
	size_t first = 1;
	int r = 0;

	if (!run->boot->kernel)
		return grub_run_status(run, 18, NULL);
	if (first < arguments->count && strcmp(arguments->list[1].text, "--nounzip") == 0)
		first++;
	*last = NULL;
	note_doubt(run, NULL);
	for (size_t i = first; r == 0 && i < arguments->count; i++) {
		if (i - first >= ENTRY_FILES_MAX)
			return run->arena.code = -E2BIG;
		r = find_initrd(run, &arguments->list[i], last);
		if (r == 0)
			last = &(*last)->next;
	}
	if (r < 0)
		return r;
	return run->boot->initrds ? status_of(run, run->boot->initrds)
				  : grub_run_status(run, 18, NULL);
}

int grub_devicetree(struct grub_run *run, const struct grub_arguments *arguments)
{
	int r;

	if (arguments->count < 2)
		return grub_run_status(run, 18, NULL);
	note_doubt(run, NULL);
	r = find(run, &arguments->list[1], &run->boot->devicetree);
	return r == 0 ? status_of(run, run->boot->devicetree) : r;
}
