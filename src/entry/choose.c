/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/choose.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "machine/installed.h"

static const char *const step = "choose a boot entry";

/* The words about who asks for the default: "systemd-boot: LoaderEntryOneShot asks for x". */
static void explain_default(struct entry_choice *choice, const struct entry_list *list)
{
	const struct entry_default *why = &list->defaults[list->loader];
	const char *loader =
	    list->loader == LOADER_FIRMWARE ? "the firmware" : entry_loader_name(list->loader);
	char line[24] = "";

	if (why->line)
		snprintf(line, sizeof(line), ", line %u", why->line);
	switch (why->reason) {
	case REASON_FIRST:
		snprintf(choice->reason, sizeof(choice->reason),
			 "%s boots it: it is the first of its menu", loader);
		break;
	case REASON_NEWEST:
		snprintf(choice->reason, sizeof(choice->reason),
			 "no boot loader is known, and it is the newest kernel");
		break;
	case REASON_ONE_SHOT:
	case REASON_PREFERRED:
	case REASON_SAVED:
	case REASON_DEFAULT:
	case REASON_UNKNOWN:
		snprintf(choice->reason, sizeof(choice->reason),
			 "%s boots it: %s%s asks for \"%s\"%s", loader, why->source ?: loader, line,
			 why->value ?: "",
			 why->reason == REASON_ONE_SHOT ? ", once"
			 : why->reason == REASON_SAVED  ? ", which was saved"
							: "");
		break;
	}
	if (why->detail) {
		size_t length = strlen(choice->reason);

		snprintf(choice->reason + length, sizeof(choice->reason) - length, "; %s",
			 why->detail);
	}
}

static int fail_default(const struct entry_list *list, struct error *error)
{
	const struct entry_default *why = &list->defaults[list->loader];

	for (size_t i = 0; i < list->remark_count; i++)
		if (list->remarks[i].kind == REMARK_NOT_MOUNTED &&
		    list->loader == LOADER_SYSTEMD_BOOT)
			return error_add(error, ERROR_FILE, 0, ENTRY_STEP_MOUNT,
					 list->remarks[i].subject, "%s", list->remarks[i].detail);
	if (list->loader == LOADER_NONE)
		return error_add(error, ERROR_FILE, 0, step, "the default",
				 "neither a boot loader's configuration nor a kernel was found");
	return error_add(error, ERROR_FILE, 0, step, why->source ?: "the default",
			 "what %s would boot cannot be told: %s", entry_loader_name(list->loader),
			 why->detail ?: "its configuration was not found");
}

static int choose_default(struct entry_choice *choice, const struct entry_list *list,
			  struct error *error)
{
	choice->entry = list->defaults[list->loader].entry;
	if (!choice->entry)
		return fail_default(list, error);
	explain_default(choice, list);
	return 0;
}

/* A newer one that cannot be used, because of its files: it is named. */
static void tell_newer(struct entry_choice *choice, const struct entry_list *list)
{
	const char *chosen = entry_release(choice->entry);
	size_t length = strlen(choice->reason);

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = list->entries[i];

		if ((entry->problem != ENTRY_FILE_MISSING &&
		     entry->problem != ENTRY_FILE_UNREADABLE &&
		     entry->problem != ENTRY_NOT_MOUNTED) ||
		    !entry_release(entry) ||
		    machine_compare_releases(entry_release(entry), chosen) <= 0)
			continue;
		snprintf(choice->reason + length, sizeof(choice->reason) - length,
			 " that can be used; %s, of %s, cannot: %s: %s", entry->id,
			 entry_release(entry), entry->problem_subject, entry->problem_detail);
		return;
	}
}

static int choose_marked(struct entry_choice *choice, const struct entry_list *list,
			 enum entry_wish wish, struct error *error)
{
	for (size_t i = 0; i < list->count && !choice->entry; i++) {
		const struct entry *entry = list->entries[i];

		if (wish == WISH_NEWEST ? entry->is_newest : entry->is_running)
			choice->entry = entry;
	}
	if (!choice->entry)
		return error_add(
		    error, ERROR_FILE, 0, step,
		    wish == WISH_NEWEST ? "the newest" : "the running one",
		    wish == WISH_NEWEST
			? "no entry that can be used tells its kernel's version"
			: "no entry has the running kernel's version and command line");
	snprintf(choice->reason, sizeof(choice->reason),
		 wish == WISH_NEWEST ? "its kernel, %s, is the newest"
				     : "it is the running kernel, %s, with its command line",
		 entry_release(choice->entry) ?: "of unknown version");
	if (wish == WISH_NEWEST)
		tell_newer(choice, list);
	return 0;
}

static bool id_is(const char *entry_id, const char *id)
{
	static const char *const ends[] = {"", ".conf", ".efi"};
	size_t length = strlen(id);

	if (strncasecmp(entry_id, id, length) != 0)
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (strcasecmp(entry_id + length, ends[i]) == 0)
			return true;
	return false;
}

/* The same id may be in several loaders' menus: the one that would be run comes first. */
static bool is_of_loader(const struct entry *entry, enum entry_loader loader)
{
	switch (entry->kind) {
	case ENTRY_BLS:
	case ENTRY_UKI:
	case ENTRY_AUTO:
		return loader == LOADER_SYSTEMD_BOOT;
	case ENTRY_FIRMWARE:
		return loader == LOADER_FIRMWARE;
	case ENTRY_GRUB:
		return loader == LOADER_GRUB;
	case ENTRY_EXTLINUX:
		return loader == LOADER_EXTLINUX;
	case ENTRY_INSTALLED:
		return loader == LOADER_NONE;
	}
	return false;
}

static const struct entry *find_id(const struct entry_list *list, const char *id)
{
	const struct entry *found = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = list->entries[i];

		if (!id_is(entry->id, id))
			continue;
		if (is_of_loader(entry, list->loader) && strcmp(entry->id, id) == 0)
			return entry;
		if (!found ||
		    (is_of_loader(entry, list->loader) && !is_of_loader(found, list->loader)))
			found = entry;
	}
	return found;
}

static const struct entry *find_title(const struct entry_list *list, const char *title,
				      size_t *count)
{
	const struct entry *found = NULL;

	*count = 0;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->entries[i]->title, title) == 0 && ++*count == 1)
			found = list->entries[i];
	return found;
}

static int choose_id(struct entry_choice *choice, const struct entry_list *list, const char *id,
		     struct error *error)
{
	size_t count = 0;

	choice->entry = *id ? find_id(list, id) : NULL;
	if (!choice->entry && *id)
		choice->entry = find_title(list, id, &count);
	if (count > 1)
		return error_add(error, ERROR_USAGE, 0, step, id,
				 "%zu entries have this title; their ids tell them apart", count);
	if (!choice->entry)
		return error_add(error, ERROR_FILE, 0, step, id,
				 "none of the %zu entries has this id or title", list->count);
	snprintf(choice->reason, sizeof(choice->reason), "it was asked for");
	return 0;
}

static int check_usable(const struct entry *entry, struct error *error)
{
	enum error_kind kind = ERROR_FILE;

	if (entry->problem == ENTRY_USABLE)
		return 0;
	if (entry->problem == ENTRY_NOT_LINUX || entry->problem == ENTRY_OTHER_ARCHITECTURE ||
	    entry->problem == ENTRY_NOT_UNDERSTOOD)
		kind = ERROR_UNSUPPORTED;
	return error_add(error, kind, 0, step, entry->id, "%s: %s", entry->problem_subject,
			 entry->problem_detail);
}

int entry_choose(struct entry_choice *choice, const struct entry_list *list, enum entry_wish wish,
		 const char *id, struct error *error)
{
	int r = 0;

	*choice = (struct entry_choice){};
	switch (wish) {
	case WISH_DEFAULT:
		r = choose_default(choice, list, error);
		break;
	case WISH_NEWEST:
	case WISH_RUNNING:
		r = choose_marked(choice, list, wish, error);
		break;
	case WISH_ID:
		r = choose_id(choice, list, id, error);
		break;
	}
	return r < 0 ? r : check_usable(choice->entry, error);
}
