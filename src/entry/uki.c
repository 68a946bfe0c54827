/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/uki.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "entry/bls.h"
#include "entry/config-line.h"
#include "entry/files.h"
#include "entry/uki-stub.h"
#include "image/pe.h"

enum { PROFILES_MAX = 256 }; /* systemd-boot's own limit */

/* What os-release(5) says, as far as it names an entry. Pointers into its text. */
struct os_release {
	const char *pretty_name, *image_id, *name, *id;
	const char *image_version, *version, *version_id, *build_id;
};

static void take_os_release(struct os_release *os, const char *key, const char *value)
{
	const struct {
		const char *key, **field;
	} fields[] = {
	    {"PRETTY_NAME", &os->pretty_name},
	    {"IMAGE_ID", &os->image_id},
	    {"NAME", &os->name},
	    {"ID", &os->id},
	    {"IMAGE_VERSION", &os->image_version},
	    {"VERSION", &os->version},
	    {"VERSION_ID", &os->version_id},
	    {"BUILD_ID", &os->build_id},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (strcmp(key, fields[i].key) == 0)
			*fields[i].field = value;
}

static int set_if(char **field, const char *text)
{
	return text ? entry_set_text(field, text) : 0;
}

/* Title, version and sort key as the boot loader makes them. `title` is the profile's, or NULL. */
static int name_entry(struct entry *entry, char *os_release, const char *title)
{
	struct config_lines lines = config_lines_of(os_release, "=");
	struct os_release os = {};
	cleanup_free char *whole = NULL;
	const char *name;
	char *key, *value;
	int r;

	while (config_lines_next(&lines, &key, &value))
		take_os_release(&os, key, value);
	name = os.pretty_name ?: os.image_id ?: os.name ?: os.id;
	if (!name) {
		entry->hidden = true;
		return entry_add_problem(entry, ENTRY_MALFORMED, entry->source,
					 "its section .osrel names nothing");
	}
	if (title && asprintf(&whole, "%s (%s)", name, title) < 0) {
		whole = NULL;
		return -ENOMEM;
	}
	r = entry_set_text(&entry->title, whole ?: name);
	if (r == 0)
		r = set_if(&entry->version, os.image_version ?: os.version ?: os.version_id
						?: os.build_id);
	return r == 0 ? set_if(&entry->sort_key, os.image_id ?: os.id) : r;
}

/* The profile's id and title, from its own section. */
static int read_profile(char **id, char **title, const struct uki *uki)
{
	cleanup_free char *text = NULL;
	struct config_lines lines;
	char *key, *value;
	int r = uki_section_text(&text, uki, ".profile");

	lines = config_lines_of(text, "=");
	while (r == 0 && config_lines_next(&lines, &key, &value))
		if (strcmp(key, "ID") == 0)
			r = entry_set_text(id, value);
		else if (strcmp(key, "TITLE") == 0)
			r = entry_set_text(title, value);
	return r;
}

/* A profile beyond the first one has its own id, "ID.efi@PROFILE", and always a title. */
static int set_profile(struct entry *entry, char **title, const struct uki *uki)
{
	cleanup_free char *id = NULL, *whole = NULL, *number = NULL;
	int r = read_profile(&id, title, uki);

	entry->profile = uki->profile;
	if (r < 0 || uki->profile == 0)
		return r;
	if (asprintf(&number, "%u", uki->profile) < 0) {
		number = NULL;
		return -ENOMEM;
	}
	if (asprintf(&whole, "%s@%s", entry->id, id ?: number) < 0) {
		whole = NULL;
		return -ENOMEM;
	}
	r = entry_set_text(&entry->id, whole);
	if (r == 0 && !*title && id)
		r = entry_set_text(title, id);
	if (r == 0 && !*title && asprintf(title, "Profile #%u", uki->profile + 1) < 0) {
		*title = NULL;
		return -ENOMEM;
	}
	return r;
}

static struct entry *new_entry(const char *name, const char *path)
{
	cleanup_free char *id = strdup(name);
	cleanup_entry struct entry *entry = NULL;
	unsigned int left = 0, done = 0;
	bool counted;

	if (!id)
		return NULL;
	counted = bls_boot_counter(name, ".efi", id, &left, &done);
	entry = entry_new(ENTRY_UKI, id, path, 0);
	if (!entry)
		return NULL;
	entry->counted = counted;
	entry->tries_left = counted ? left : 0;
	entry->tries_done = counted ? done : 0;
	entry->kernel.path = strdup(path);
	return entry->kernel.path ? steal_pointer(entry) : NULL;
}

static int describe(struct entry *entry, const struct uki *uki)
{
	cleanup_free char *os_release = NULL, *title = NULL;
	int r = set_profile(entry, &title, uki);

	if (r == 0)
		r = uki_section_text(&os_release, uki, ".osrel");
	if (r < 0)
		return r;
	if (os_release)
		return name_entry(entry, os_release, title);
	entry->hidden = true;
	return entry_add_problem(entry, ENTRY_MALFORMED, entry->source, "it has no section .osrel");
}

static int add_profile(struct entry_list *list, const struct entry_machine *machine,
		       const struct uki *uki, const char *name)
{
	cleanup_entry struct entry *entry = new_entry(name, uki->path);
	int r;

	if (!entry)
		return -ENOMEM;
	r = describe(entry, uki);
	if (r < 0 && r != -ENOMEM)
		r = entry_add_problem(entry, ENTRY_MALFORMED, uki->path,
				      "a section of it cannot be read: %s", entry_error_text(r));
	if (r == 0)
		r = uki_fill_from(entry, machine, uki);
	if (r == 0 && entry->problem == ENTRY_USABLE)
		r = entry_check_files(entry, machine->root);
	return r < 0 ? r : entry_list_add(list, steal_pointer(entry));
}

/* What cannot be opened as an image. The boot loader leaves it out. */
static int add_broken(struct entry_list *list, const char *name, const char *path, int code,
		      const char *why)
{
	cleanup_entry struct entry *entry = new_entry(name, path);
	int r;

	if (!entry)
		return -ENOMEM;
	entry->hidden = true;
	r = code == -EBADMSG
		? entry_add_problem(entry, ENTRY_MALFORMED, path, "it is no EFI program: %s", why)
		: entry_add_problem(entry, ENTRY_FILE_UNREADABLE, path, "%s",
				    entry_error_text(code));
	return r < 0 ? r : entry_list_add(list, steal_pointer(entry));
}

static int read_one(struct entry_list *list, const struct entry_machine *machine, const char *point,
		    const char *folder, const char *name)
{
	cleanup_free struct pe *pe = malloc(sizeof(*pe));
	cleanup_free char *path = NULL;
	struct uki uki = {.point = point, .fd = -1, .pe = pe};
	const char *why = NULL;
	unsigned int profiles;
	uint64_t size;
	int r;

	if (strncasecmp(name, "auto-", 5) == 0)
		return 0;
	r = pe ? entry_join_path(&path, folder, name) : -ENOMEM;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = entry_open_pe(pe, &uki.fd, &size, &why, machine->root, path);
	if (r < 0)
		return r == -ENOMEM ? r : add_broken(list, name, path, r, why);
	uki.path = path;
	profiles = pe_profiles(pe);
	for (; r == 0 && uki.profile < profiles && uki.profile < PROFILES_MAX; uki.profile++)
		r = add_profile(list, machine, &uki, name);
	close(uki.fd);
	return r;
}

int uki_read(struct entry_list *list, const struct entry_machine *machine, const char *point)
{
	cleanup_free char *folder = NULL;
	char **names;
	size_t count;
	bool more;
	int r = entry_join_path(&folder, point, "EFI/Linux");

	if (r < 0)
		return r;
	r = entry_list_names(&names, &count, &more, machine->root, folder, ".efi");
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0 && r != -ENOMEM)
		return entry_list_add_remark(list, REMARK_UNREADABLE, folder, 0, "%s",
					     entry_error_text(r));
	for (size_t i = 0; r == 0 && i < count; i++)
		r = read_one(list, machine, point, folder, names[i]);
	entry_free_names(names, count);
	if (r == 0 && more)
		r = entry_list_add_remark(list, REMARK_TOO_MUCH, folder, 0,
					  "only its first %d files are read", ENTRY_LIST_MAX);
	return r == -E2BIG ? 0 : r;
}
