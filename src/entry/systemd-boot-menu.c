/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "entry/config-line.h"
#include "entry/glob.h"
#include "entry/systemd-boot.h"

void systemd_boot_wishes_fini(struct systemd_boot_wishes *wishes)
{
	free(wishes->one_shot);
	free(wishes->preferred_variable);
	free(wishes->preferred_config);
	free(wishes->default_variable);
	free(wishes->default_config);
	free(wishes->saved);
	free(wishes->config);
}

int systemd_boot_read_config(struct systemd_boot_wishes *wishes, char *text)
{
	struct config_lines lines = config_lines_of(text, " \t");
	char *key, *value;
	int r = 0;

	while (r == 0 && config_lines_next(&lines, &key, &value)) {
		bool preferred = strcmp(key, "preferred") == 0;

		if (!preferred && strcmp(key, "default") != 0)
			continue;
		if (*value == '@' && strcasecmp(value, "@saved") != 0)
			continue;
		r = entry_set_text(preferred ? &wishes->preferred_config : &wishes->default_config,
				   value);
		*(preferred ? &wishes->preferred_line : &wishes->default_line) = lines.number;
	}
	return r == -E2BIG ? 0 : r;
}

static int order(bool a, bool b)
{
	return (int)a - (int)b;
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ?: "", b ?: "");
}

static int compare_versions(const char *a, const char *b)
{
	return version_compare(a ?: "", b ?: "");
}

/*
 * The id in small letters, as the loader has it, and without a profile's name: the profiles of one
 * image are one behind the other. Names of files have at most 255 bytes.
 */
static void fold_id(char *to, size_t capacity, const struct entry *entry)
{
	const char *at = entry->profile > 0 ? strrchr(entry->id, '@') : NULL;
	size_t length = at ? (size_t)(at - entry->id) : strlen(entry->id), i;

	for (i = 0; i < length && i + 1 < capacity; i++)
		to[i] = entry->id[i] >= 'A' && entry->id[i] <= 'Z'
			    ? (char)(entry->id[i] - 'A' + 'a')
			    : entry->id[i];
	to[i] = '\0';
}

static int compare_ids(const struct entry *a, const struct entry *b)
{
	char a_id[512], b_id[512];

	fold_id(a_id, sizeof(a_id), a);
	fold_id(b_id, sizeof(b_id), b);
	return version_compare(a_id, b_id);
}

static int compare_sort_keys(const struct entry *a, const struct entry *b)
{
	int r = compare_texts(a->sort_key, b->sort_key);

	if (r == 0)
		r = compare_texts(a->machine_id, b->machine_id);
	return r != 0 ? r : -compare_versions(a->version, b->version);
}

static int compare(const struct entry *a, const struct entry *b)
{
	int r = order(entry_is_bad(a), entry_is_bad(b));

	if (r == 0)
		r = order(!a->sort_key, !b->sort_key);
	if (r == 0 && a->sort_key)
		r = compare_sort_keys(a, b);
	if (r == 0)
		r = -compare_ids(a, b);
	if (r == 0 && a->profile != b->profile)
		r = a->profile < b->profile ? -1 : 1;
	if (r != 0 || !a->counted || !b->counted)
		return r;
	if (a->tries_left != b->tries_left)
		return a->tries_left > b->tries_left ? -1 : 1;
	return (a->tries_done > b->tries_done) - (a->tries_done < b->tries_done);
}

static int compare_shown_first(const struct entry *a, const struct entry *b)
{
	int r = order(a->hidden, b->hidden);

	return r != 0 ? r : compare(a, b);
}

/* By insertion, as the loader does it: equal ones stay in their order, and there are few. */
void systemd_boot_sort(struct entry_list *list, size_t first)
{
	for (size_t i = first + 1; i < list->count; i++) {
		struct entry *entry = list->entries[i];
		size_t at = i;

		for (; at > first && compare_shown_first(list->entries[at - 1], entry) > 0; at--)
			list->entries[at] = list->entries[at - 1];
		list->entries[at] = entry;
	}
}

struct search {
	const struct entry_list *list;
	size_t first;
	const struct systemd_boot_wishes *wishes;
	bool not_bad;         /* what was tried as often as it may be does not count */
	struct entry *hidden; /* the first that would have been it, if the loader showed it */
	const char *unmet, *unmet_source; /* the first wish that no entry fits */
};

static struct entry *find(struct search *search, const char *pattern)
{
	for (size_t i = search->first; pattern && i < search->list->count; i++) {
		struct entry *entry = search->list->entries[i];

		if (!glob_match(pattern, entry->id) || (search->not_bad && entry_is_bad(entry)))
			continue;
		if (!entry->hidden)
			return entry;
		if (!search->hidden)
			search->hidden = entry;
	}
	return NULL;
}

/* "@saved" stands for the entry that was booted last. */
static int try_wish(struct entry_default *choice, struct search *search, enum entry_reason reason,
		    const char *wish, const char *source, unsigned int line)
{
	bool saved = wish && strcasecmp(wish, "@saved") == 0;
	const char *pattern = saved ? search->wishes->saved : wish;
	struct entry *entry = find(search, pattern);

	if (!entry && wish && *wish && !search->unmet) {
		search->unmet = wish;
		search->unmet_source = source;
	}
	if (!entry)
		return 0;
	return entry_default_set(choice, entry, saved ? REASON_SAVED : reason,
				 saved ? search->wishes->saved : wish,
				 saved ? "LoaderEntryLastBooted" : source, saved ? 0 : line);
}

static int try_first(struct entry_default *choice, struct search *search)
{
	for (size_t i = search->first; i < search->list->count; i++) {
		struct entry *entry = search->list->entries[i];

		if (entry->hidden || entry->kind == ENTRY_AUTO)
			continue;
		return entry_default_set(choice, entry, REASON_FIRST, NULL, NULL, 0);
	}
	return entry_default_explain(choice, "its menu has no entry that it could boot by itself");
}

/* An entry that would be before the chosen one, if its files were there. */
static const struct entry *left_out_before(const struct search *search, const struct entry *chosen)
{
	for (size_t i = search->first; i < search->list->count; i++) {
		const struct entry *entry = search->list->entries[i];

		if (entry->hidden && entry->problem != ENTRY_OTHER_ARCHITECTURE &&
		    compare(entry, chosen) < 0)
			return entry;
	}
	return NULL;
}

/* Something that was asked for, or would come first, is left out by the loader: that is told. */
static int tell_left_out(struct entry_default *choice, const struct search *search)
{
	const struct entry *left_out = search->hidden;

	if (!left_out && choice->reason == REASON_FIRST)
		left_out = left_out_before(search, choice->entry);
	if (!left_out && search->unmet)
		return entry_default_explain(choice, "%s asks for \"%s\", which it does not find",
					     search->unmet_source, search->unmet);
	if (!left_out || !left_out->problem_subject)
		return 0;
	return entry_default_explain(choice,
				     "%s would come before it, but the boot loader leaves "
				     "it out: %s: %s",
				     left_out->id, left_out->problem_subject,
				     left_out->problem_detail);
}

int systemd_boot_choose(struct entry_default *choice, const struct entry_list *list, size_t first,
			const struct systemd_boot_wishes *wishes)
{
	struct search search = {.list = list, .first = first, .wishes = wishes};
	int r =
	    try_wish(choice, &search, REASON_ONE_SHOT, wishes->one_shot, "LoaderEntryOneShot", 0);

	search.not_bad = true;
	if (r == 0 && !choice->entry)
		r = try_wish(choice, &search, REASON_PREFERRED, wishes->preferred_variable,
			     "LoaderEntryPreferred", 0);
	if (r == 0 && !choice->entry)
		r = try_wish(choice, &search, REASON_PREFERRED, wishes->preferred_config,
			     wishes->config, wishes->preferred_line);
	search.not_bad = false;
	if (r == 0 && !choice->entry)
		r = try_wish(choice, &search, REASON_DEFAULT, wishes->default_variable,
			     "LoaderEntryDefault", 0);
	if (r == 0 && !choice->entry)
		r = try_wish(choice, &search, REASON_DEFAULT, wishes->default_config,
			     wishes->config, wishes->default_line);
	if (r == 0 && !choice->entry)
		r = try_first(choice, &search);
	return r == 0 && choice->entry ? tell_left_out(choice, &search) : r;
}
