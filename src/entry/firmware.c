/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel that the EFI firmware starts by itself, without a boot loader: a unified kernel image, a
 * plain kernel by its EFI stub (Documentation/admin-guide/efi-stub.rst), or an image that shim
 * starts (its boot option then has the image's name).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/words.h"
#include "entry/files.h"
#include "entry/list.h"
#include "entry/uki-stub.h"
#include "image/pe.h"
#include "machine/boot-option.h"
#include "machine/boot-partitions.h"
#include "machine/mounts.h"
#include "machine/partitions.h"

/* A program, and the options that it is given, as the firmware or shim starts it. */
struct program {
	char *path;          /* on its partition, with slashes */
	const char *options; /* a part of the boot option's */
	char *point;         /* where its partition is mounted; NULL: nowhere */
};

static void fini_program(struct program *program)
{
	free(program->path);
	free(program->point);
}

static const char *last_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/' || *path == '\\')
			name = path + 1;
	return name;
}

/* shim starts what its first option names, beside it unless it is a whole path. */
static int find_program(struct program *program, const struct machine_boot_option *option)
{
	const char *rest = option->options, *word;
	size_t length;

	program->options = option->options;
	if (strncasecmp(last_name(option->path), "shim", 4) == 0 &&
	    words_next(&rest, &word, &length) && *word == '\\') {
		program->path = strndup(word, length);
		program->options = rest + strspn(rest, " ");
	} else {
		program->path = strdup(option->path);
	}
	if (!program->path)
		return -ENOMEM;
	for (char *at = program->path; *at; at++)
		*at = *at == '\\' ? '/' : *at;
	return 0;
}

/* By the partition's own id; without udev, the one ESP that is mounted. */
static int find_mount(struct program *program, const struct entry_machine *machine,
		      const char *partition_uuid)
{
	const struct machine_partition *partition =
	    machine_partition_by_partition_uuid(machine->partitions, partition_uuid);
	const struct machine_mount *mount = NULL;
	cleanup_free char *found = NULL;
	int r;

	if (partition) {
		r = machine_find_on_partition(&found, &mount, machine->mounts, machine->partitions,
					      partition, "/");
		if (r == 0)
			program->point = strdup(mount->point);
		return r == -ENOENT || program->point ? 0 : -ENOMEM;
	}
	for (size_t i = 0; machine->partitions->count == 0 && i < machine->boot->count; i++) {
		const struct boot_partition *boot = &machine->boot->partitions[i];

		if (boot->kind != BOOT_PARTITION_ESP || !boot->mounted)
			continue;
		program->point = strdup(boot->point);
		return program->point ? 0 : -ENOMEM;
	}
	return 0;
}

/* The kernel's EFI stub loads what initrd= names, from the kernel's own partition. */
static int take_options(struct entry *entry, const struct program *program)
{
	const char *rest = program->options, *word;
	size_t length;
	int r = 0;

	entry->has_options = true;
	while (r == 0 && words_next(&rest, &word, &length)) {
		cleanup_free char *copy = strndup(word, length), *path = NULL;

		if (!copy)
			return -ENOMEM;
		if (strncmp(copy, "initrd=", 7) != 0) {
			r = entry_append_text(&entry->options, copy);
			continue;
		}
		r = entry_join_path(&path, program->point, copy + 7);
		if (r == 0)
			r = entry_add_file(&entry->initrds, path);
	}
	return r;
}

enum program_kind {
	PROGRAM_OTHER,
	PROGRAM_KERNEL,
	PROGRAM_UKI,
};

/* What a program is. A boot loader, say, is another. */
static int look_at(enum program_kind *kind, struct pe *pe, const struct entry_machine *machine,
		   const struct entry *entry)
{
	const char *why;
	uint64_t size;
	int fd, r = entry_open_pe(pe, &fd, &size, &why, machine->root, entry->kernel.path);

	*kind = PROGRAM_OTHER;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (pe_find(pe, 0, ".linux"))
		*kind = PROGRAM_UKI;
	else if (entry_is_kernel(fd))
		*kind = PROGRAM_KERNEL;
	close(fd);
	return 0;
}

static int fill(struct entry *entry, const struct entry_machine *machine,
		const struct program *program, enum program_kind kind)
{
	int r;

	if (kind == PROGRAM_KERNEL) {
		r = take_options(entry, program);
	} else {
		r = entry_set_text(&entry->options, program->options);
		if (r == 0)
			r = uki_fill(entry, machine, program->point);
	}
	if (r == -E2BIG || r == -EINVAL)
		r = entry_add_problem(entry, ENTRY_MALFORMED, entry->source,
				      "its options are too long, or name an initrd that leads up");
	if (r == 0 && entry->problem == ENTRY_USABLE)
		r = entry_check_files(entry, machine->root);
	return r;
}

static int add_entry(struct entry_list *list, const struct entry_machine *machine,
		     const struct machine_boot_option *option, const struct program *program)
{
	struct entry_default *choice = &list->defaults[LOADER_FIRMWARE];
	cleanup_free struct pe *pe = malloc(sizeof(*pe));
	cleanup_entry struct entry *entry = NULL;
	enum program_kind kind;
	char name[16];
	int r;

	snprintf(name, sizeof(name), "Boot%04X", option->number);
	entry = entry_new(ENTRY_FIRMWARE, name, name, 0);
	if (!entry || !pe)
		return -ENOMEM;
	r = entry_join_path(&entry->kernel.path, program->point, program->path);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = look_at(&kind, pe, machine, entry);
	if (r < 0 || kind == PROGRAM_OTHER)
		return r;
	r = option->description ? entry_set_text(&entry->title, option->description) : 0;
	if (r == 0 || r == -E2BIG)
		r = fill(entry, machine, program, kind);
	if (r < 0)
		return r;
	choice->found = true;
	r = entry_default_set(choice, entry, option->once ? REASON_ONE_SHOT : REASON_DEFAULT, name,
			      option->once ? "BootNext" : "BootOrder", 0);
	if (r == 0)
		r = entry_list_add(list, steal_pointer(entry));
	if (r < 0)
		choice->entry = NULL;
	return r == -E2BIG ? 0 : r;
}

int entry_read_firmware(struct entry_list *list, const struct entry_machine *machine)
{
	__attribute__((cleanup(machine_boot_option_fini))) struct machine_boot_option option;
	__attribute__((cleanup(fini_program))) struct program program = {};
	int r = machine_boot_option_read(&option, machine->root);

	if (r < 0 || !option.found || !option.path)
		return r;
	r = find_program(&program, &option);
	if (r == 0)
		r = find_mount(&program, machine, option.partition_uuid);
	if (r < 0 || !program.point)
		return r;
	return add_entry(list, machine, &option, &program);
}
