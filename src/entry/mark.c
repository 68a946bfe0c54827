/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/words.h"
#include "boot/command-line.h"
#include "machine/installed.h"

static int set_loader(struct entry_list *list, enum entry_loader loader, const char *reason)
{
	list->loader = loader;
	return entry_set_text(&list->loader_reason, reason);
}

/* The loader that started this machine says so, if it keeps to the Boot Loader Interface. */
static int take_info(struct entry_list *list, const char *info, bool *taken)
{
	static const struct {
		const char *begins;
		enum entry_loader loader;
	} rows[] = {
	    {"systemd-boot ", LOADER_SYSTEMD_BOOT},
	    {"GRUB ", LOADER_GRUB},
	};
	cleanup_free char *reason = NULL;

	for (size_t i = 0; info && i < sizeof(rows) / sizeof(*rows); i++) {
		if (strncmp(info, rows[i].begins, strlen(rows[i].begins)) != 0)
			continue;
		reason = words_join("the EFI variable LoaderInfo says", info);
		*taken = true;
		return reason ? set_loader(list, rows[i].loader, reason) : -ENOMEM;
	}
	return 0;
}

static bool misses_a_partition(const struct entry_list *list)
{
	for (size_t i = 0; i < list->remark_count; i++)
		if (list->remarks[i].kind == REMARK_NOT_MOUNTED)
			return true;
	return false;
}

int entry_find_loader(struct entry_list *list, const struct entry_machine *machine,
		      const char *info)
{
	/* On EFI machines extlinux is rare, on others systemd-boot impossible. */
	static const enum entry_loader efi[] = {LOADER_GRUB, LOADER_SYSTEMD_BOOT, LOADER_EXTLINUX,
						LOADER_NONE};
	static const enum entry_loader other[] = {LOADER_GRUB, LOADER_EXTLINUX, LOADER_SYSTEMD_BOOT,
						  LOADER_NONE};
	const enum entry_loader *order = machine->efi ? efi : other;
	bool taken = false;
	int r;

	if (list->defaults[LOADER_FIRMWARE].found)
		return set_loader(list, LOADER_FIRMWARE,
				  "the firmware's next boot option is a kernel");
	r = take_info(list, info, &taken);
	if (r < 0 || taken)
		return r;
	for (size_t i = 0; i < sizeof(efi) / sizeof(*efi); i++) {
		enum entry_loader loader = order[i];

		if (!list->defaults[loader].found)
			continue;
		if (loader != LOADER_NONE)
			return set_loader(list, loader, "its configuration was found");
		/* What is not mounted may well have one. */
		if (machine->efi && misses_a_partition(list))
			return set_loader(list, LOADER_SYSTEMD_BOOT,
					  "a boot partition is not mounted, and no other boot "
					  "loader's configuration was found");
		return set_loader(list, loader, "no boot loader's configuration was found");
	}
	return set_loader(list, LOADER_NONE,
			  "neither a boot loader's configuration nor a kernel "
			  "was found");
}

/* Whose menu an entry belongs to, the one to be kept first. */
static unsigned int rank(const struct entry_list *list, const struct entry *entry)
{
	bool of_grub = entry->kind == ENTRY_GRUB;

	if (entry->kind == ENTRY_INSTALLED)
		return 2;
	return of_grub == (list->loader == LOADER_GRUB) ? 0 : 1;
}

static bool is_double(const struct entry_list *list, const struct entry *entry)
{
	if (entry->kind == ENTRY_AUTO)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *other = list->entries[i];

		if (rank(list, other) >= rank(list, entry))
			continue;
		if (strcmp(other->source, entry->source) == 0)
			return true;
		if (entry->kind == ENTRY_INSTALLED && other->kernel.path &&
		    strcmp(other->kernel.path, entry->kernel.path) == 0)
			return true;
	}
	return false;
}

static void forget(struct entry_list *list, const struct entry *entry)
{
	for (size_t i = 0; i < LOADER_COUNT; i++)
		if (list->defaults[i].entry == entry)
			list->defaults[i].entry = NULL;
}

void entry_drop_doubles(struct entry_list *list)
{
	bool drop[ENTRY_LIST_MAX];
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		drop[i] = is_double(list, list->entries[i]);
	for (size_t i = 0; i < list->count; i++) {
		if (!drop[i]) {
			list->entries[kept++] = list->entries[i];
			continue;
		}
		forget(list, list->entries[i]);
		entry_free(list->entries[i]);
	}
	list->count = kept;
}

/* Of several that are equally new, the one that is the default, or comes first in the list. */
static void mark_newest(struct entry_list *list)
{
	struct entry *newest = NULL;

	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = list->entries[i];
		int r;

		if (entry->problem != ENTRY_USABLE || entry_is_bad(entry) || !entry_release(entry))
			continue;
		r = newest ? machine_compare_releases(entry_release(entry), entry_release(newest))
			   : 1;
		if (r > 0 || (r == 0 && entry->is_default))
			newest = entry;
	}
	if (newest)
		newest->is_newest = true;
}

/* Whether one release stands in the text, and not as a part of a longer one. */
static bool names_release(const char *text, const char *release)
{
	size_t length = strlen(release);

	for (const char *at = text; length > 0 && (at = strstr(at, release)); at++) {
		char before = at > text ? at[-1] : '/', after = at[length];

		if (strchr("/-", before) && (!after || strchr("/.", after)))
			return true;
	}
	return false;
}

static bool is_release(const struct entry *entry, const char *release)
{
	if (!*release)
		return false;
	if (entry->release)
		return strcmp(entry->release, release) == 0;
	if (entry->version && strcmp(entry->version, release) == 0)
		return true;
	return entry->kernel.path && names_release(entry->kernel.path, release);
}

/* Words, with one blank between them. */
static bool same_words(const char *a, const char *b)
{
	const char *a_word, *b_word;
	size_t a_length, b_length;

	for (;;) {
		bool a_more = words_next(&a, &a_word, &a_length);
		bool b_more = words_next(&b, &b_word, &b_length);

		if (!a_more || !b_more)
			return a_more == b_more;
		if (a_length != b_length || memcmp(a_word, b_word, a_length) != 0)
			return false;
	}
}

/* Which of several that are equal it is. */
static int likeness(const struct entry *entry, const char *selected)
{
	if (selected && strcasecmp(entry->id, selected) == 0)
		return 2;
	return entry->is_default;
}

/*
 * The running kernel's release and command line: what the loader selected when the machine was
 * started says nothing once a kernel was handed over to. It only tells apart what is equal.
 */
static int mark_running(struct entry_list *list, const struct entry_machine *machine,
			const char *selected)
{
	cleanup_free char *running = command_line_clean(machine->command_line);
	struct entry *best = NULL;

	if (!running)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = list->entries[i];
		cleanup_free char *options = NULL;

		if (!entry->kernel.path || !is_release(entry, machine->release))
			continue;
		options = command_line_clean(entry->options);
		if (!options)
			return -ENOMEM;
		if (!same_words(options, running))
			continue;
		if (!best || likeness(entry, selected) > likeness(best, selected))
			best = entry;
	}
	if (best)
		best->is_running = true;
	return 0;
}

int entry_mark(struct entry_list *list, const struct entry_machine *machine, const char *selected)
{
	struct entry *chosen = list->defaults[list->loader].entry;

	if (chosen)
		chosen->is_default = true;
	mark_newest(list);
	return mark_running(list, machine, selected);
}
