/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/bls.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "entry/config-line.h"
#include "entry/files.h"
#include "entry/uki-stub.h"

/* What an entry starts. A file that names two kinds is bad, and left out by the boot loader. */
enum starts {
	STARTS_NOTHING,
	STARTS_LINUX,
	STARTS_UKI,
	STARTS_EFI,
	STARTS_URL,
};

struct parser {
	struct entry *entry;
	const struct entry_machine *machine;
	const char *point;
	enum starts starts;
};

static bool read_digits(const char **at, unsigned int *number)
{
	unsigned long value = 0;

	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		value = value * 10 + (unsigned long)(**at - '0');
		if (value > INT_MAX)
			return false;
	}
	*number = (unsigned int)value;
	return true;
}

bool bls_boot_counter(const char *name, const char *end, char *id, unsigned int *left,
		      unsigned int *done)
{
	const char *plus = strrchr(name, '+'), *at = plus ? plus + 1 : NULL;

	*done = 0;
	if (!at || !read_digits(&at, left))
		return false;
	if (*at == '-') {
		at++;
		if (!read_digits(&at, done))
			return false;
	}
	if (strcasecmp(at, end) != 0)
		return false;
	memcpy(id, name, (size_t)(plus - name));
	strcpy(id + (plus - name), end);
	return true;
}

/* The largest number of so many digits. */
static unsigned int largest(int width)
{
	unsigned int number = 9;

	for (; width > 1 && number < 999999999; width--)
		number = number * 10 + 9;
	return number;
}

int bls_count_boot(char **counted, const char *path)
{
	const char *end = strrchr(path, '.'), *plus = strrchr(path, '+'), *dash;
	cleanup_free char *id = strdup(path);
	unsigned int left, done;
	int left_width, done_width = 1;

	*counted = NULL;
	if (!id)
		return -ENOMEM;
	if (!end || !bls_boot_counter(path, end, id, &left, &done))
		return 0;
	left_width = (int)strcspn(plus + 1, "-.");
	dash = plus + 1 + left_width;
	if (*dash == '-')
		done_width = (int)strcspn(dash + 1, ".");
	if (left > 0)
		left--;
	if (done < largest(done_width))
		done++;
	if (asprintf(counted, "%.*s+%0*u-%0*u%s", (int)(plus - path), path, left_width, left,
		     done_width, done, end) < 0) {
		*counted = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* A value that is too long, a path that leads nowhere, a kind of file that is not known. */
static int refuse(struct parser *parser, const char *key, int r)
{
	if (r == -E2BIG)
		return entry_add_problem(parser->entry, ENTRY_MALFORMED, key,
					 "it is too long, or there are too many");
	if (r == -ENOTSUP)
		return entry_add_problem(parser->entry, ENTRY_NOT_UNDERSTOOD, key,
					 "it names neither a credential nor an extension");
	if (r == -EINVAL)
		return entry_add_problem(parser->entry, ENTRY_MALFORMED, key,
					 "its path is empty or has \"..\"");
	return r;
}

static int add_file(struct parser *parser, struct entry_files *files, const char *path)
{
	cleanup_free char *joined = NULL;
	int r = entry_join_path(&joined, parser->point, path);

	return r < 0 ? r : entry_add_file(files, joined);
}

static int add_overlays(struct parser *parser, char *value)
{
	char *path;
	int r = 0;

	while (r == 0 && (path = strsep(&value, " \t")))
		if (*path)
			r = add_file(parser, &parser->entry->overlays, path);
	return r;
}

static int set_path(struct parser *parser, char **field, const char *path)
{
	cleanup_free char *joined = NULL;
	int r = entry_join_path(&joined, parser->point, path);

	if (r < 0)
		return r;
	free(*field);
	*field = steal_pointer(joined);
	return 0;
}

static int set_start(struct parser *parser, enum starts starts, const char *value)
{
	struct entry *entry = parser->entry;

	if (parser->starts != STARTS_NOTHING && parser->starts != starts) {
		entry->hidden = true;
		return entry_add_problem(entry, ENTRY_MALFORMED, "linux, uki, uki-url, efi",
					 "it has more than one of them");
	}
	parser->starts = starts;
	return starts == STARTS_URL ? 0 : set_path(parser, &entry->kernel.path, value);
}

static int set_architecture(struct parser *parser, const char *value)
{
	struct entry *entry = parser->entry;
	int r = entry_set_text(&entry->architecture, value);

	if (r < 0 || !*parser->machine->architecture ||
	    strcasecmp(value, parser->machine->architecture) == 0)
		return r;
	entry->hidden = true;
	return entry_add_problem(entry, ENTRY_OTHER_ARCHITECTURE, "architecture",
				 "it is for %.40s, and this machine is %s", value,
				 parser->machine->architecture);
}

static int set_profile(struct parser *parser, const char *value)
{
	unsigned int profile;

	/* systemd-boot ignores what is no number, too. */
	if (read_digits(&value, &profile) && !*value)
		parser->entry->profile = profile;
	return 0;
}

static int take(struct parser *parser, const char *key, char *value)
{
	struct entry *entry = parser->entry;

	if (strcmp(key, "title") == 0)
		return entry_set_text(&entry->title, value);
	if (strcmp(key, "version") == 0)
		return entry_set_text(&entry->version, value);
	if (strcmp(key, "machine-id") == 0)
		return entry_set_text(&entry->machine_id, value);
	if (strcmp(key, "sort-key") == 0)
		return entry_set_text(&entry->sort_key, value);
	if (strcmp(key, "architecture") == 0)
		return set_architecture(parser, value);
	if (strcmp(key, "profile") == 0)
		return set_profile(parser, value);
	if (strcmp(key, "linux") == 0)
		return set_start(parser, STARTS_LINUX, value);
	if (strcmp(key, "uki") == 0)
		return set_start(parser, STARTS_UKI, value);
	if (strcmp(key, "efi") == 0)
		return set_start(parser, STARTS_EFI, value);
	if (strcmp(key, "uki-url") == 0)
		return set_start(parser, STARTS_URL, value);
	if (strcmp(key, "initrd") == 0)
		return add_file(parser, &entry->initrds, value);
	if (strcmp(key, "extra") == 0)
		return uki_add_extra(entry, parser->point, value);
	if (strcmp(key, "devicetree") == 0)
		return set_path(parser, &entry->devicetree, value);
	if (strcmp(key, "devicetree-overlay") == 0)
		return add_overlays(parser, value);
	if (strcmp(key, "options") == 0) {
		entry->has_options = true;
		return entry_append_text(&entry->options, value);
	}
	return 0; /* keys that are not known are for others */
}

/* What is to be said when the whole file was read. */
static int judge(struct parser *parser)
{
	struct entry *entry = parser->entry;

	switch (parser->starts) {
	case STARTS_NOTHING:
		entry->hidden = true;
		return entry_add_problem(entry, ENTRY_NO_KERNEL, entry->source,
					 "it has no line \"linux\", \"uki\" or \"efi\"");
	case STARTS_URL:
		return entry_add_problem(
		    entry, ENTRY_NOT_UNDERSTOOD, "uki-url",
		    "the kernel is fetched from the network by the boot loader");
	case STARTS_LINUX:
		return entry->profile == 0
			   ? 0
			   : entry_add_problem(entry, ENTRY_NOT_UNDERSTOOD, "profile",
					       "only unified kernels have profiles");
	case STARTS_UKI:
	case STARTS_EFI:
		entry->kind = ENTRY_UKI; /* until what the file is was looked at */
		return 0;
	}
	return 0;
}

struct entry *bls_parse(char *text, const char *name, const char *path, const char *point,
			const struct entry_machine *machine)
{
	struct config_lines lines = config_lines_of(text, " \t");
	cleanup_free char *id = strdup(name);
	cleanup_entry struct entry *entry = NULL;
	struct parser parser = {.machine = machine, .point = point};
	unsigned int left, done;
	char *key, *value;
	int r = 0;

	if (!id)
		return NULL;
	if (bls_boot_counter(name, ".conf", id, &left, &done)) {
		entry = entry_new(ENTRY_BLS, id, path, 0);
		if (entry)
			entry->counted = true, entry->tries_left = left, entry->tries_done = done;
	} else {
		entry = entry_new(ENTRY_BLS, name, path, 0);
	}
	parser.entry = entry;
	while (entry && r == 0 && config_lines_next(&lines, &key, &value))
		r = refuse(&parser, key, take(&parser, key, value));
	if (!entry || r < 0 || judge(&parser) < 0)
		return NULL;
	return steal_pointer(entry);
}

/* The boot loader hands "initrd" lines to kernels alone; what "extra" packs goes to images, too. */
static void drop_initrds(struct entry_files *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->count; i++) {
		if (files->files[i].packed_as)
			files->files[kept++] = files->files[i];
		else
			free(files->files[i].path);
	}
	files->count = kept;
}

/* An "efi" line may name a unified kernel, which is then booted as any other. */
static int look_inside(struct entry *entry, const struct entry_machine *machine, const char *point)
{
	if (entry->kind != ENTRY_UKI)
		return 0;
	entry->kind = ENTRY_BLS;
	if (entry->problem != ENTRY_USABLE)
		return 0;
	drop_initrds(&entry->initrds);
	return uki_fill(entry, machine, point);
}

/* The boot loader leaves out what it cannot start, but not what it fails to load beside that. */
static int look_at_files(struct entry *entry, const struct root *root)
{
	int r;

	if (entry->problem != ENTRY_USABLE)
		return 0;
	r = entry_check_files(entry, root);
	if (entry->problem == ENTRY_FILE_MISSING && entry->kernel.path &&
	    strcmp(entry->problem_subject, entry->kernel.path) == 0)
		entry->hidden = true;
	return r;
}

static int read_one(struct entry_list *list, const struct entry_machine *machine, const char *point,
		    const char *folder, const char *name)
{
	cleanup_entry struct entry *entry = NULL;
	cleanup_free char *path = NULL, *text = NULL;
	size_t size = 0;
	int r, unreadable;

	if (strncasecmp(name, "auto-", 5) == 0)
		return 0;
	r = entry_join_path(&path, folder, name);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	unreadable = entry_read_config(machine->root, path, &text, &size);
	if (unreadable == -ENOMEM)
		return unreadable;
	if (unreadable == 0 && strlen(text) != size) {
		r = entry_list_add_remark(list, REMARK_NOT_UNDERSTOOD, path, 0,
					  "it has a NUL at byte %zu, behind which the boot loader "
					  "does not read",
					  strlen(text));
		if (r < 0)
			return r;
	}
	entry = unreadable == 0 ? bls_parse(text, name, path, point, machine)
				: entry_new(ENTRY_BLS, name, path, 0);
	if (!entry)
		return -ENOMEM;
	if (unreadable < 0)
		r = entry_add_problem(entry, ENTRY_FILE_UNREADABLE, path, "%s",
				      entry_error_text(unreadable));
	else
		r = look_inside(entry, machine, point);
	if (r == 0)
		r = look_at_files(entry, machine->root);
	return r < 0 ? r : entry_list_add(list, steal_pointer(entry));
}

int bls_read(struct entry_list *list, const struct entry_machine *machine, const char *point)
{
	cleanup_free char *folder = NULL;
	char **names;
	size_t count;
	bool more;
	int r = entry_join_path(&folder, point, "loader/entries");

	if (r < 0)
		return r;
	r = entry_list_names(&names, &count, &more, machine->root, folder, ".conf");
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
