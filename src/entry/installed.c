/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernels that are installed, where no boot loader is known: by the names under which
 * distributions lay them and their initrds down, with the running kernel's command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "boot/command-line.h"
#include "entry/files.h"
#include "entry/list.h"
#include "machine/installed.h"

/* Where the initrd of a release may be; the first that is there counts. */
static const struct {
	const char *before, *after;
} initrd_places[] = {
    {"/boot/initrd.img-", ""},               /* Debian */
    {"/boot/initramfs-", ".img"},            /* Fedora, Arch */
    {"/boot/initrd-", ""},                   /* openSUSE */
    {"/boot/initrd-", ".img"},               /* Mageia */
    {"/boot/initramfs-", ""},                /* Alpine */
    {"/usr/lib/modules/", "/initrd"},        /* openSUSE MicroOS */
    {"/usr/lib/modules/", "/initramfs.img"}, /* Fedora's images */
};

struct builder {
	struct entry_list *list;
	const struct entry_machine *machine;
	const char *options;
	size_t first;
};

static bool is_there(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);

	return fd >= 0;
}

static int add_initrd(struct entry *entry, const struct root *root, const char *name)
{
	for (size_t i = 0; i < sizeof(initrd_places) / sizeof(*initrd_places); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s%s%s", initrd_places[i].before, name,
			 initrd_places[i].after);
		if (is_there(root, path))
			return entry_add_file(&entry->initrds, path);
	}
	return 0;
}

/* One that lies in two places: /boot comes first, because the initrd is there. */
static bool is_known(const struct builder *builder, const char *id, const char *release)
{
	for (size_t i = builder->first; i < builder->list->count; i++) {
		const struct entry *entry = builder->list->entries[i];

		if (strcmp(entry->id, id) == 0 ||
		    (release && entry->release && strcmp(entry->release, release) == 0))
			return true;
	}
	return false;
}

/* `name` is what is behind "vmlinuz-", `release` NULL where it is no release. */
static int add_kernel(struct builder *builder, const char *path, const char *name,
		      const char *release)
{
	cleanup_entry struct entry *entry = NULL;
	char title[320];
	int r;

	if (is_known(builder, name, release))
		return 0;
	entry = entry_new(ENTRY_INSTALLED, name, path, 0);
	if (!entry)
		return -ENOMEM;
	entry->has_options = true;
	snprintf(title, sizeof(title), "Linux %s", name);
	r = entry_set_text(&entry->title, title);
	if (r == 0)
		r = entry_set_text(&entry->kernel.path, path);
	if (r == 0 && release)
		r = entry_set_text(&entry->release, release);
	if (r == 0)
		r = entry_set_text(&entry->options, builder->options);
	if (r == 0)
		r = add_initrd(entry, builder->machine->root, name);
	if (r == 0)
		r = entry_check_files(entry, builder->machine->root);
	if (r == 0 && entry->release)
		r = entry_set_text(&entry->version, entry->release);
	return r < 0 ? r : entry_list_add(builder->list, steal_pointer(entry));
}

static int add_release(void *context, const struct machine_installed *kernel)
{
	return add_kernel(context, kernel->path, kernel->release, kernel->release);
}

/* Arch's vmlinuz-linux, Alpine's vmlinuz-lts: their release is in the file alone. */
static int add_flavours(struct builder *builder)
{
	char **names;
	size_t count;
	bool more;
	int r = entry_list_names(&names, &count, &more, builder->machine->root, "/boot", "");

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; r == 0 && i < count; i++) {
		const char *name = names[i] + strlen("vmlinuz-");
		char path[300];

		if (strncmp(names[i], "vmlinuz-", strlen("vmlinuz-")) != 0 || !*name ||
		    (*name >= '0' && *name <= '9') || machine_is_a_backup(name))
			continue;
		snprintf(path, sizeof(path), "/boot/%s", names[i]);
		r = add_kernel(builder, path, name, NULL);
	}
	entry_free_names(names, count);
	return r;
}

/* The newest first; those that tell no release last, by name. */
static int by_release(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	int r;

	if (!x->release || !y->release)
		return (y->release != NULL) - (x->release != NULL) ?: strcmp(x->id, y->id);
	r = machine_compare_releases(y->release, x->release);
	return r ?: strcmp(x->id, y->id);
}

/* Where one kernel has an initrd each of them needs one: what has none is half installed. */
static int judge_initrds(struct builder *builder)
{
	bool any = false;
	int r = 0;

	for (size_t i = builder->first; i < builder->list->count; i++)
		any = any || builder->list->entries[i]->initrds.count > 0;
	for (size_t i = builder->first; r == 0 && any && i < builder->list->count; i++) {
		struct entry *entry = builder->list->entries[i];

		if (entry->initrds.count == 0)
			r = entry_add_problem(
			    entry, ENTRY_FILE_MISSING, entry->kernel.path,
			    "other kernels have an initrd, and this one has none");
	}
	return r;
}

static int choose(struct builder *builder)
{
	struct entry_default *choice = &builder->list->defaults[LOADER_NONE];

	if (builder->list->count == builder->first)
		return 0;
	choice->found = true;
	return entry_default_set(choice, builder->list->entries[builder->first], REASON_NEWEST,
				 NULL, NULL, 0);
}

int entry_read_installed(struct entry_list *list, const struct entry_machine *machine)
{
	cleanup_free char *options = command_line_clean(machine->command_line);
	struct builder builder = {list, machine, options, list->count};
	int r;

	if (!options)
		return -ENOMEM;
	r = add_flavours(&builder);
	if (r == 0)
		r = machine_walk_installed(machine->root, add_release, &builder);
	if (r < 0 && r != -E2BIG)
		return r;
	if (list->count > builder.first)
		qsort(list->entries + builder.first, list->count - builder.first,
		      sizeof(*list->entries), by_release);
	r = judge_initrds(&builder);
	return r < 0 ? r : choose(&builder);
}
