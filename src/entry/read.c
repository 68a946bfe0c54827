/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading all boot loaders' entries of a machine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/root.h"
#include "entry/list.h"
#include "entry/mark.h"
#include "machine/boot-partitions.h"
#include "machine/efi-variables.h"
#include "machine/mounts.h"
#include "machine/partitions.h"

enum { COMMAND_LINE_MAX = 65536 };

/* In the order of the list. */
static int (*const readers[])(struct entry_list *list, const struct entry_machine *machine) = {
    entry_read_firmware,
    entry_read_systemd_boot,
    entry_read_grub,
    entry_read_extlinux,
    entry_read_installed,
};

/* uname -m, and what EFI calls it (UEFI 2.10, section 3.5.1.1). */
static const struct {
	const char *machine, *name;
} architectures[] = {
    {"x86_64", "x64"},
    {"i386", "ia32"},
    {"i486", "ia32"},
    {"i586", "ia32"},
    {"i686", "ia32"},
    {"aarch64", "aa64"},
    {"armv7l", "arm"},
    {"armv6l", "arm"},
    {"riscv64", "riscv64"},
    {"riscv32", "riscv32"},
    {"loongarch64", "loongarch64"},
};

/* /proc/sys/kernel/arch is there since Linux 6.1; before, only this very machine tells. */
static const char *architecture_of(const struct root *root)
{
	struct utsname here;
	char machine[64];

	if (root_read_line(root, "/proc/sys/kernel/arch", machine, sizeof(machine)) != FACT_KNOWN) {
		if (uname(&here) < 0)
			return "";
		memcpy(machine, here.machine, sizeof(machine) - 1);
		machine[sizeof(machine) - 1] = '\0';
	}
	for (size_t i = 0; i < sizeof(architectures) / sizeof(*architectures); i++)
		if (strcmp(architectures[i].machine, machine) == 0)
			return architectures[i].name;
	return "";
}

/* What the readers look at, with the owners of it. */
struct view {
	struct machine_mounts mounts;
	struct machine_partitions partitions;
	struct machine_boot_partitions boot;
	char release[256];
	char *command_line, *info, *selected;
};

static void fini_view(struct view *view)
{
	machine_mounts_fini(&view->mounts);
	machine_partitions_fini(&view->partitions);
	free(view->command_line);
	free(view->info);
	free(view->selected);
}

static int read_command_line(struct view *view, const struct root *root)
{
	size_t size;
	int r = root_read(root, "/proc/cmdline", COMMAND_LINE_MAX, &view->command_line, &size);

	if (r == 0)
		view->command_line[strcspn(view->command_line, "\n")] = '\0';
	else if (r != -ENOMEM)
		view->command_line = strdup("");
	return view->command_line ? 0 : -ENOMEM;
}

static int read_view(struct view *view, const struct root *root)
{
	enum fact fact;
	int r = machine_mounts_read(&view->mounts, root);

	if (r == 0)
		r = machine_partitions_read(&view->partitions, root);
	if (r == 0)
		r = machine_boot_partitions_read(&view->boot, root, &view->mounts,
						 &view->partitions);
	if (r == 0)
		r = machine_loader_text(&view->info, &fact, root, "LoaderInfo");
	if (r == 0)
		r = machine_loader_text(&view->selected, &fact, root, "LoaderEntrySelected");
	if (root_read_line(root, "/proc/sys/kernel/osrelease", view->release,
			   sizeof(view->release)) != FACT_KNOWN)
		view->release[0] = '\0';
	return r < 0 ? r : read_command_line(view, root);
}

static int read_list(struct entry_list *list, struct view *view, const struct root *root)
{
	struct entry_machine machine = {
	    .root = root,
	    .mounts = &view->mounts,
	    .partitions = &view->partitions,
	    .boot = &view->boot,
	    .efi = machine_efi(root) == FACT_KNOWN,
	    .architecture = architecture_of(root),
	    .release = view->release,
	};
	int r = read_view(view, root);

	machine.command_line = view->command_line;
	if (r == 0)
		r = machine_secure_boot(&machine.secure_boot, root);
	if (r == 0 && machine_efi_variables(root) == FACT_UNREADABLE)
		r = entry_list_add_remark(list, REMARK_UNREADABLE, "/sys/firmware/efi/efivars", 0,
					  "EFI variables cannot be read: what the boot loader was "
					  "asked for by them is not known");
	for (size_t i = 0; r == 0 && i < sizeof(readers) / sizeof(*readers); i++)
		r = readers[i](list, &machine);
	if (r == 0)
		r = entry_find_loader(list, &machine, view->info);
	if (r < 0)
		return r;
	entry_drop_doubles(list);
	return entry_mark(list, &machine, view->selected);
}

int entry_list_read(struct entry_list *list, const struct root *root, struct error *error)
{
	__attribute__((cleanup(fini_view))) struct view view = {};
	int r;

	*list = (struct entry_list){};
	r = read_list(list, &view, root);
	return r < 0 ? error_memory(error, "read boot entries") : 0;
}
