/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "search": GRUB's grub-core/commands/search_wrap.c. */
#include <string.h>

#include "entry/grub-run.h"
#include "machine/mounts.h"
#include "machine/partitions.h"

/* What "search" is asked. */
struct search {
	char by; /* 'f' a file, 'l' a label, 'u' the UUID of a file system */
	const char *variable;
	const struct grub_argument *key, *set; /* `set` is the value of --set */
	bool unknown;                          /* there is an option that is not known here */
};

static const struct search_option {
	const char *name;
	char letter, by; /* `by` as in struct search, or 's' --set, 'h' a hint, '-' nothing here */
	bool has_value;
} search_options[] = {
    {"--file", 'f', 'f', false},          {"--label", 'l', 'l', false},
    {"--fs-uuid", 'u', 'u', false},       {"--set", 's', 's', true},
    {"--hint", 'h', 'h', true},           {"--hint-ieee1275", 0, 'h', true},
    {"--hint-bios", 0, 'h', true},        {"--hint-baremetal", 0, 'h', true},
    {"--hint-efi", 0, 'h', true},         {"--hint-arc", 0, 'h', true},
    {"--no-floppy", 'n', '-', false},     {"--efidisk-only", 0, '-', false},
    {"--root-dev-only", 'r', '-', false},
};

static const struct search_option *find_search_option(const char *text)
{
	size_t length = strcspn(text, "=");

	for (size_t i = 0; i < sizeof(search_options) / sizeof(*search_options); i++) {
		const struct search_option *option = &search_options[i];

		if (text[1] == '-'
			? strlen(option->name) == length && strncmp(option->name, text, length) == 0
			: text[1] == option->letter && !text[2])
			return option;
	}
	return NULL;
}

/*
 * Reads an option; how many arguments it took. A value is behind '=', or the next argument, if that
 * is no option (GRUB's grub-core/lib/arg.c).
 */
static size_t read_search_option(struct grub_run *run, struct search *search,
				 const struct grub_arguments *arguments, size_t i)
{
	const struct search_option *option = find_search_option(arguments->list[i].text);
	const char *equals = strchr(arguments->list[i].text, '=');
	bool takes_next = option && option->has_value && !equals && i + 1 < arguments->count &&
			  arguments->list[i + 1].text[0] != '-';

	if (!option) {
		search->unknown = true;
	} else if (option->by == 's') {
		struct grub_argument *set = grub_arena_get(&run->arena, sizeof(*set));

		search->variable = "root";
		if (set && takes_next)
			*set = arguments->list[i + 1];
		else if (set && equals)
			*set = (struct grub_argument){equals + 1, arguments->list[i].doubt};
		search->set = takes_next || equals ? set : NULL;
		search->variable = search->set ? search->set->text : "root";
	} else if (strchr("flu", option->by)) {
		search->by = option->by;
	}
	return takes_next ? 2 : 1;
}

static int read_search(struct grub_run *run, struct search *search,
		       const struct grub_arguments *arguments)
{
	for (size_t i = 1; i < arguments->count;) {
		const char *text = arguments->list[i].text;

		if (text[0] == '-' && text[1]) {
			i += read_search_option(run, search, arguments, i);
			continue;
		}
		if (!search->key)
			search->key = &arguments->list[i];
		i++;
	}
	/* "--set UUID", as it once was written: the value is what is looked for. */
	if (!search->key && search->set) {
		search->key = search->set;
		search->variable = "root";
	}
	return run->arena.code;
}

/* "search.fs_uuid UUID VARIABLE HINT…" and its like. */
static void read_short_search(struct search *search, const struct grub_arguments *arguments,
			      const char *kind)
{
	search->by = strcmp(kind, "fs_uuid") == 0 ? 'u' : strcmp(kind, "file") == 0 ? 'f' : 'l';
	search->key = arguments->count > 1 ? &arguments->list[1] : NULL;
	search->variable = arguments->count > 2 ? arguments->list[2].text : NULL;
}

/* The one mounted file system that has the file; *result stays NULL: none, or several. */
static int mount_with_file(struct grub_run *run, const char *path,
			   const struct machine_mount **result)
{
	const struct machine_mounts *mounts = run->machine->mounts;

	*result = NULL;
	for (size_t i = 0; i < mounts->count; i++) {
		const struct machine_mount *mount = &mounts->mounts[i], *found = *result;
		struct grub_place place;
		int r = grub_find_on_mount(run, mount, path, &place);

		if (r < 0)
			return r;
		if (!place.path || place.doubt ||
		    !machine_partition_of_mount(run->machine->partitions, mount) ||
		    !strchr("f0", grub_path_kind(run, place.path)))
			continue;
		if (found && (found->major != mount->major || found->minor != mount->minor)) {
			*result = NULL;
			return 0;
		}
		*result = mount;
	}
	return 0;
}

/* *device stays NULL when it is not found. */
static int find_device(struct grub_run *run, const struct search *search, const char **device)
{
	const struct machine_partitions *partitions = run->machine->partitions;
	const struct machine_partition *partition = NULL;
	const struct machine_mount *mount;
	int r;

	*device = NULL;
	if (search->by == 'f') {
		r = mount_with_file(run, search->key->text, &mount);
		return r == 0 && mount ? grub_name_device(run, mount, device) : r;
	}
	partition = search->by == 'u' ? machine_partition_by_uuid(partitions, search->key->text)
				      : machine_partition_by_label(partitions, search->key->text);
	if (!partition)
		return 0;
	*device = grub_arena_format(&run->arena, GRUB_OWN_DEVICE "b%u:%u", partition->major,
				    partition->minor);
	return *device ? 0 : run->arena.code;
}

static const struct grub_doubt *not_found(struct grub_run *run, const struct search *search)
{
	if (search->by == 'f')
		return grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD,
				      "which file system GRUB finds the file %.200s on",
				      search->key->text);
	return grub_doubt_new(run, ENTRY_NOT_MOUNTED, "no file system with the %s %.200s is known",
			      search->by == 'u' ? "UUID" : "label", search->key->text);
}

/* Finds the device, or why it is not known. */
static int search_device(struct grub_run *run, const struct search *search, const char **device,
			 const struct grub_doubt **doubt)
{
	int r;

	*doubt = search->key->doubt;
	if (!*doubt && search->unknown) {
		*doubt = grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "an option of \"search\"");
		return *doubt ? 0 : run->arena.code;
	}
	if (*doubt)
		return 0;
	r = find_device(run, search, device);
	if (r < 0 || *device)
		return r;
	*doubt = not_found(run, search);
	return *doubt ? 0 : run->arena.code;
}

int grub_search(struct grub_run *run, const struct grub_arguments *arguments, const char *name)
{
	struct search search = {0};
	const struct grub_doubt *doubt;
	const char *device = NULL;
	int r = 0;

	if (strncmp(name, "search.", 7) == 0)
		read_short_search(&search, arguments, name + 7);
	else
		r = read_search(run, &search, arguments);
	if (r < 0)
		return r;
	if ((!search.by && !search.unknown) || !search.key)
		return grub_run_status(run, 18, NULL); /* GRUB_ERR_BAD_ARGUMENT */
	r = search_device(run, &search, &device, &doubt);
	if (r == 0 && search.variable)
		r = grub_run_set(run, search.variable, device ? device : "", doubt);
	return r == 0 ? grub_run_status(run, 0, doubt) : r;
}
