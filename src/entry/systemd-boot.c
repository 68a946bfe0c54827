/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/systemd-boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "entry/bls.h"
#include "entry/files.h"
#include "entry/uki.h"
#include "machine/boot-partitions.h"
#include "machine/efi-variables.h"

/* Bit 19 of LoaderFeatures: the loader knows what is preferred. */
#define FEATURE_PREFERRED (UINT64_C(1) << 19)

/* What the kernel itself leaves in LoaderEntryOneShot at each kexec (drivers/firmware/efi/efibc.c).
 */
#define LEFT_BY_KEXEC "kexec reboot"

/* The ESP that the loader is from, or may be from: one that is mounted, if there is any. */
static const struct boot_partition *loaders_esp(const struct machine_boot_partitions *boot)
{
	const struct boot_partition *best = NULL;

	for (size_t i = 0; i < boot->count; i++) {
		const struct boot_partition *partition = &boot->partitions[i];

		if (partition->kind != BOOT_PARTITION_ESP)
			continue;
		if (partition->loader_is_from_it)
			return partition;
		if (!best || (partition->mounted && !best->mounted))
			best = partition;
	}
	return best;
}

/* Whether a device's name begins with its disk's. */
static bool names_its_disk(const char *device)
{
	return strncmp(device, "/dev/", 5) == 0 && strncmp(device, "/dev/mapper/", 12) != 0;
}

/* Names of partitions that differ only in their number; where names do not tell, they may be. */
static bool on_same_disk(const struct boot_partition *a, const struct boot_partition *b)
{
	static const char digits[] = "0123456789";
	size_t a_length = strlen(a->device), b_length = strlen(b->device);

	if (!names_its_disk(a->device) || !names_its_disk(b->device))
		return true;
	while (a_length > 0 && strchr(digits, a->device[a_length - 1]))
		a_length--;
	while (b_length > 0 && strchr(digits, b->device[b_length - 1]))
		b_length--;
	return a_length == b_length && strncmp(a->device, b->device, a_length) == 0;
}

/*
 * Whether /boot, which is no partition of ours, keeps to the specification: "type1" in its file
 * entries.srel. GRUB's entries in the same place need not.
 */
static int is_marked(bool *marked, const struct root *root, const char *point)
{
	cleanup_free char *path = NULL, *text = NULL;
	size_t size;
	int r = entry_join_path(&path, point, "loader/entries.srel");

	*marked = false;
	if (r == 0)
		r = entry_read_config(root, path, &text, &size);
	*marked = r == 0 && strcmp(text, "type1\n") == 0;
	return r == -ENOMEM ? r : 0;
}

/* Whether the loader reads this partition. */
static int is_read(bool *result, const struct entry_machine *machine,
		   const struct boot_partition *partition)
{
	const struct boot_partition *esp = loaders_esp(machine->boot);

	switch (partition->kind) {
	case BOOT_PARTITION_ESP:
		*result = partition == esp || (partition->mounted && !esp->loader_is_from_it);
		return 0;
	case BOOT_PARTITION_XBOOTLDR:
		*result = !esp || on_same_disk(partition, esp);
		return 0;
	case BOOT_PARTITION_FOLDER:
		return is_marked(result, machine->root, partition->point);
	}
	return 0;
}

static int remark_not_mounted(struct entry_list *list, const struct boot_partition *partition)
{
	return entry_list_add_remark(list, REMARK_NOT_MOUNTED, partition->device, 0,
				     "it is %s, belongs at %s, and is not mounted",
				     partition->kind == BOOT_PARTITION_ESP
					 ? "the EFI system partition"
					 : "the extended boot loader partition",
				     partition->point);
}

static int read_partition(struct entry_list *list, const struct entry_machine *machine,
			  const struct boot_partition *partition)
{
	bool wanted;
	int r = is_read(&wanted, machine, partition);

	if (r < 0 || !wanted)
		return r;
	if (!partition->mounted)
		return remark_not_mounted(list, partition);
	r = machine->efi ? uki_read(list, machine, partition->point) : 0;
	return r < 0 ? r : bls_read(list, machine, partition->point);
}

static int read_partitions(struct entry_list *list, const struct entry_machine *machine)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < machine->boot->count; i++)
		r = read_partition(list, machine, &machine->boot->partitions[i]);
	return r;
}

/* loader.conf is read from the loader's own partition alone. */
static int read_config(struct systemd_boot_wishes *wishes, bool *found, struct entry_list *list,
		       const struct entry_machine *machine)
{
	for (size_t i = 0; i < machine->boot->count; i++) {
		const struct boot_partition *partition = &machine->boot->partitions[i];
		cleanup_free char *path = NULL, *text = NULL;
		bool wanted;
		size_t size;
		int r = is_read(&wanted, machine, partition);

		if (r == 0 && (!wanted || !partition->mounted))
			continue;
		if (r == 0)
			r = entry_join_path(&path, partition->point, "loader/loader.conf");
		if (r < 0)
			return r;
		r = entry_read_config(machine->root, path, &text, &size);
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		if (r < 0)
			return r == -ENOMEM ? r
					    : entry_list_add_remark(list, REMARK_UNREADABLE, path,
								    0, "%s", entry_error_text(r));
		*found = true;
		wishes->config = steal_pointer(path);
		return systemd_boot_read_config(wishes, text);
	}
	return 0;
}

static int read_variable(char **text, struct entry_list *list, const struct entry_machine *machine,
			 const char *name)
{
	enum fact fact;
	int r = machine_loader_text(text, &fact, machine->root, name);

	if (r == 0 && fact == FACT_UNREADABLE)
		r = entry_list_add_remark(list, REMARK_UNREADABLE, name, 0,
					  "the EFI variable cannot be read, or is no text");
	return r;
}

/* What an older loader does not look at is not asked for. */
static int drop_preferred(struct systemd_boot_wishes *wishes, struct entry_list *list,
			  const struct entry_machine *machine)
{
	uint64_t features = 0;
	enum fact fact;
	int r = machine_loader_features(&features, &fact, machine->root);

	if (r < 0 || fact != FACT_KNOWN || features & FEATURE_PREFERRED)
		return r;
	if (wishes->preferred_variable || wishes->preferred_config)
		r = entry_list_add_remark(list, REMARK_IGNORED,
					  wishes->preferred_variable ? "LoaderEntryPreferred"
								     : wishes->config,
					  wishes->preferred_variable ? 0 : wishes->preferred_line,
					  "this boot loader does not know preferred entries");
	free(wishes->preferred_variable);
	free(wishes->preferred_config);
	wishes->preferred_variable = wishes->preferred_config = NULL;
	return r;
}

static int drop_what_kexec_left(struct systemd_boot_wishes *wishes, struct entry_list *list)
{
	if (!wishes->one_shot || strcmp(wishes->one_shot, LEFT_BY_KEXEC) != 0)
		return 0;
	free(wishes->one_shot);
	wishes->one_shot = NULL;
	return entry_list_add_remark(list, REMARK_IGNORED, "LoaderEntryOneShot", 0,
				     "\"" LEFT_BY_KEXEC "\" was left by the kernel's last kexec");
}

static int read_wishes(struct systemd_boot_wishes *wishes, bool *found, struct entry_list *list,
		       const struct entry_machine *machine)
{
	const struct {
		const char *name;
		char **text;
	} variables[] = {
	    {"LoaderEntryOneShot", &wishes->one_shot},
	    {"LoaderEntryPreferred", &wishes->preferred_variable},
	    {"LoaderEntryDefault", &wishes->default_variable},
	    {"LoaderEntryLastBooted", &wishes->saved},
	};
	int r = read_config(wishes, found, list, machine);

	for (size_t i = 0; r == 0 && i < sizeof(variables) / sizeof(*variables); i++)
		r = read_variable(variables[i].text, list, machine, variables[i].name);
	if (r == 0)
		r = drop_what_kexec_left(wishes, list);
	return r < 0 ? r : drop_preferred(wishes, list, machine);
}

/* What the loader found by itself when it started this machine: it says so in LoaderEntries. */
static int add_auto_entries(struct entry_list *list, const struct entry_machine *machine)
{
	cleanup_free char *ids = NULL;
	enum fact fact;
	size_t size;
	int r = machine_loader_texts(&ids, &size, &fact, machine->root, "LoaderEntries");

	for (size_t at = 0; r == 0 && at < size; at += strlen(ids + at) + 1) {
		cleanup_entry struct entry *entry = NULL;

		if (strncmp(ids + at, "auto-", 5) != 0)
			continue;
		entry = entry_new(ENTRY_AUTO, ids + at, "LoaderEntries", 0);
		r = entry ? entry_add_problem(entry, ENTRY_NOT_LINUX, ids + at,
					      "the boot loader found it by itself; it is no Linux")
			  : -ENOMEM;
		if (r == 0)
			r = entry_list_add(list, steal_pointer(entry));
	}
	return r == -E2BIG ? 0 : r;
}

/* The partition that must be mounted before the loader's choice can be known; NULL: none. */
static int missing_partition(const struct boot_partition **missing,
			     const struct entry_machine *machine)
{
	*missing = NULL;
	for (size_t i = 0; i < machine->boot->count; i++) {
		const struct boot_partition *partition = &machine->boot->partitions[i];
		bool wanted;
		int r = is_read(&wanted, machine, partition);

		if (r < 0)
			return r;
		if (wanted && !partition->mounted) {
			*missing = partition;
			return 0;
		}
	}
	return 0;
}

/* What was not read, of folders and files: an entry in it could be the one that is booted. */
static const struct entry_remark *what_is_unread(const struct entry_list *list, size_t first)
{
	for (size_t i = first; i < list->remark_count; i++) {
		const struct entry_remark *remark = &list->remarks[i];

		if ((remark->kind == REMARK_UNREADABLE && *remark->subject == '/') ||
		    remark->kind == REMARK_TOO_MUCH)
			return remark;
	}
	return NULL;
}

int entry_read_systemd_boot(struct entry_list *list, const struct entry_machine *machine)
{
	__attribute__((cleanup(systemd_boot_wishes_fini))) struct systemd_boot_wishes wishes = {};
	struct entry_default *choice = &list->defaults[LOADER_SYSTEMD_BOOT];
	const struct boot_partition *missing = NULL;
	const struct entry_remark *unread;
	size_t first = list->count, first_remark = list->remark_count;
	int r = read_partitions(list, machine);

	choice->found = list->count > first;
	if (r == 0)
		r = read_wishes(&wishes, &choice->found, list, machine);
	if (r < 0)
		return r;
	systemd_boot_sort(list, first);
	r = add_auto_entries(list, machine);
	if (r == 0)
		r = missing_partition(&missing, machine);
	if (r < 0)
		return r;
	if (missing)
		return entry_default_explain(choice, "%s is not mounted at %s", missing->device,
					     missing->point);
	unread = what_is_unread(list, first_remark);
	if (unread)
		return entry_default_explain(choice, "%s: %s", unread->subject, unread->detail);
	return systemd_boot_choose(choice, list, first, &wishes);
}
