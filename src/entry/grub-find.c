/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where GRUB's first configuration is, and what GRUB knows before it reads that. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "entry/grub.h"

static const char *const usual[] = {"/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"};
static const char *const efi_folders[] = {"/efi/EFI", "/boot/efi/EFI", "/boot/EFI"};

static bool is_there(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);

	return fd >= 0;
}

/* *folder stays NULL when there is none that can be read. 0 or -ENOMEM. */
static int open_folder(DIR **folder, const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_RDONLY | O_DIRECTORY);

	*folder = NULL;
	if (fd < 0)
		return fd == -ENOMEM ? fd : 0;
	*folder = fdopendir(fd);
	if (!*folder)
		return errno == ENOMEM ? -ENOMEM : 0;
	steal_fd(&fd);
	return 0;
}

/* The values of ID and ID_LIKE of the system that runs. 0 or -ENOMEM. */
static int read_system_id(const struct root *root, char *ids, size_t capacity)
{
	static const char *const places[] = {"/etc/os-release", "/usr/lib/os-release"};
	cleanup_free char *content = NULL;
	size_t size, used = 0;
	char *line, *rest;
	int r = -ENOENT;

	ids[0] = '\0';
	for (size_t i = 0; !content && r != -ENOMEM && i < 2; i++)
		r = root_read(root, places[i], 65536, &content, &size);
	if (r == -ENOMEM)
		return r;
	rest = content;
	while (rest && (line = strsep(&rest, "\n"))) {
		if (strncmp(line, "ID=", 3) != 0 && strncmp(line, "ID_LIKE=", 8) != 0)
			continue;
		for (line = strchr(line, '=') + 1; *line && used + 2 < capacity; line++)
			ids[used++] = *line == '"' || *line == '\'' ? ' ' : *line;
		ids[used++] = ' ';
		ids[used] = '\0';
	}
	return 0;
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	while ((text += strspn(text, " "))[0]) {
		size_t found = strcspn(text, " ");

		if (found == length && strncasecmp(text, word, length) == 0)
			return true;
		text += found;
	}
	return false;
}

/* The configurations on the EFI system partition. */
struct stubs {
	char path[512];          /* the one that is meant */
	unsigned int count, own; /* all, and those in a folder that is named as the system is */
};

static int look_for_stubs(struct stubs *stubs, const struct root *root, const char *parent,
			  const char *ids)
{
	cleanup_closedir DIR *folder = NULL;
	struct dirent *found;
	int r = open_folder(&folder, root, parent);

	while (folder && (found = readdir(folder))) {
		char path[sizeof(stubs->path)];
		bool own = has_word(ids, found->d_name);

		if (found->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s/grub.cfg", parent, found->d_name) >=
			(int)sizeof(path) ||
		    !is_there(root, path))
			continue;
		stubs->count++;
		stubs->own += own;
		if (own || stubs->own == 0)
			snprintf(stubs->path, sizeof(stubs->path), "%s", path);
	}
	return r;
}

/* *stub stays NULL when there is none, or nobody knows which. */
static int find_stub(const char **stub, struct stubs *stubs, const struct entry_machine *machine)
{
	char ids[256];
	int r = read_system_id(machine->root, ids, sizeof(ids));

	for (size_t i = 0; r == 0 && i < sizeof(efi_folders) / sizeof(*efi_folders); i++)
		r = look_for_stubs(stubs, machine->root, efi_folders[i], ids);
	*stub = stubs->own == 1 || stubs->count == 1 ? stubs->path : NULL;
	return r;
}

int grub_find_configuration(char **path, struct entry_list *list,
			    const struct entry_machine *machine)
{
	struct stubs stubs = {0};
	const char *found = NULL;
	int r = machine->efi ? find_stub(&found, &stubs, machine) : 0;

	*path = NULL;
	if (r < 0)
		return r;
	for (size_t i = 0; !found && i < sizeof(usual) / sizeof(*usual); i++)
		if (is_there(machine->root, usual[i]))
			found = usual[i];
	if (!found && stubs.count > 1)
		r = entry_list_add_remark(list, REMARK_NOT_UNDERSTOOD, stubs.path, 0,
					  "one of %u, and which of them GRUB reads is not known",
					  stubs.count);
	if (found == usual[0] && is_there(machine->root, usual[1]))
		r = entry_list_add_remark(list, REMARK_IGNORED, usual[1], 0,
					  "%s is there too, and is read instead", usual[0]);
	if (r < 0 || !found)
		return r;
	*path = strdup(found);
	return *path ? 0 : -ENOMEM;
}

static int set_exported(struct grub_run *run, const char *name, const char *value,
			const struct grub_doubt *doubt)
{
	int r = grub_environment_set(run->environment, name, value, doubt);

	return r == 0 ? grub_environment_export(run->environment, name) : r;
}

/* GRUB's modules lie in a folder that is named by what it was built for: "i386-pc". */
static int find_modules(bool *known, const struct grub_run *run, const char *folder, char *cpu,
			size_t capacity, char *platform)
{
	cleanup_closedir DIR *open = NULL;
	struct dirent *found;
	unsigned int count = 0;
	int r = open_folder(&open, run->machine->root, folder);

	while (open && (found = readdir(open))) {
		const char *dash = strrchr(found->d_name, '-');
		bool efi = dash && strcmp(dash, "-efi") == 0;
		char list[1024];

		if (!dash || (size_t)(dash - found->d_name) >= capacity ||
		    strlen(dash + 1) >= capacity || (efi != run->machine->efi) ||
		    snprintf(list, sizeof(list), "%s/%s/moddep.lst", folder, found->d_name) >=
			(int)sizeof(list) ||
		    !is_there(run->machine->root, list))
			continue;
		count++;
		snprintf(cpu, capacity, "%.*s", (int)(dash - found->d_name), found->d_name);
		snprintf(platform, capacity, "%s", dash + 1);
	}
	*known = count == 1;
	return r;
}

/* By EFI's names for the machine, where there are no modules to tell. */
static const char *cpu_of(const struct entry_machine *machine)
{
	static const struct {
		const char *efi, *pc, *grub;
	} names[] = {
	    {"x64", "i386", "x86_64"}, {"ia32", "i386", "i386"},     {"aa64", NULL, "arm64"},
	    {"arm", NULL, "arm"},      {"riscv64", NULL, "riscv64"},
	};

	for (size_t i = 0; machine->architecture && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(machine->architecture, names[i].efi) == 0)
			return machine->efi ? names[i].grub : names[i].pc;
	return NULL;
}

static int set_platform(struct grub_run *run, const char *folder)
{
	char cpu[32] = "", platform[32] = "";
	const struct grub_doubt *doubt = NULL;
	const char *known = cpu_of(run->machine);
	bool found = false;
	int r = find_modules(&found, run, folder, cpu, sizeof(cpu), platform);

	if (r < 0)
		return run->arena.code = r;
	if (!found) {
		snprintf(cpu, sizeof(cpu), "%s", known ? known : "");
		snprintf(platform, sizeof(platform), "%s", run->machine->efi ? "efi" : "pc");
		if (!known) {
			doubt = grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD,
					       "what machine GRUB was built for");
			if (!doubt)
				return run->arena.code;
		}
	}
	r = set_exported(run, "grub_cpu", cpu, doubt);
	return r == 0
		   ? set_exported(run, "grub_platform", platform, run->machine->efi ? NULL : doubt)
		   : r;
}

/* grub-core/normal/main.c. */
static int set_features(struct grub_run *run)
{
	static const char *const features[] = {
	    "feature_chainloader_bpb",      "feature_ntldr",
	    "feature_platform_search_hint", "feature_default_font_path",
	    "feature_all_video_module",     "feature_menuentry_id",
	    "feature_menuentry_options",    "feature_200_final",
	    "feature_nativedisk_cmd",       "feature_timeout_style",
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(features) / sizeof(*features); i++)
		r = set_exported(run, features[i], "y", NULL);
	return r;
}

/* What depends on how GRUB itself was started. */
static int set_unknowable(struct grub_run *run)
{
	static const char *const names[] = {"cmdpath", "lockdown", "shim_lock", "check_signatures"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(names) / sizeof(*names); i++) {
		const struct grub_doubt *doubt =
		    grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "what GRUB sets $%s to", names[i]);

		r = doubt ? set_exported(run, names[i], "", doubt) : run->arena.code;
	}
	return r;
}

static int find_fork(struct grub_run *run)
{
	char ids[256];
	int r = read_system_id(run->machine->root, ids, sizeof(ids));

	run->fedora = has_word(ids, "fedora") || has_word(ids, "rhel") || has_word(ids, "centos");
	return r < 0 ? run->arena.code = r : 0;
}

int grub_set_first_variables(struct grub_run *run, const char *path)
{
	const char *device, *name, *slash = strrchr(path, '/');
	char *folder = grub_arena_copy(&run->arena, path, (size_t)(slash - path)), *prefix;
	int r = folder ? grub_name_file(run, folder, &device, &name) : run->arena.code;

	if (r == 0)
		r = find_fork(run);
	if (r < 0)
		return r;
	prefix = grub_arena_format(&run->arena, "(%s)%s", device, name);
	r = prefix ? set_exported(run, "prefix", prefix, NULL) : run->arena.code;
	if (r == 0)
		r = set_exported(run, "root", device, NULL);
	if (r == 0)
		r = set_exported(run, "config_directory", prefix, NULL);
	if (r == 0)
		r = set_features(run);
	if (r == 0)
		r = set_unknowable(run);
	return r == 0 ? set_platform(run, folder) : r;
}
