/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of GRUB that are known here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry/grub-run.h"

typedef int command_function(struct grub_run *run, const struct grub_arguments *arguments);

static int run_true(struct grub_run *run, const struct grub_arguments *arguments)
{
	(void)arguments;
	return grub_run_status(run, 0, NULL);
}

static int run_false(struct grub_run *run, const struct grub_arguments *arguments)
{
	(void)arguments;
	return grub_run_status(run, 1, NULL);
}

static int run_set(struct grub_run *run, const struct grub_arguments *arguments)
{
	if (arguments->count < 2)
		return grub_run_status(run, 0, NULL);
	return grub_assign(run, &arguments->list[1]);
}

/* What it does matters to nobody here; whether it succeeds is not known. */
static int run_ignored(struct grub_run *run, const struct grub_arguments *arguments)
{
	const struct grub_doubt *doubt = grub_doubt_new(
	    run, ENTRY_NOT_UNDERSTOOD, "whether \"%s\" succeeds", arguments->list[0].text);

	return doubt ? grub_run_status(run, 0, doubt) : run->arena.code;
}

static int run_insmod(struct grub_run *run, const struct grub_arguments *arguments)
{
	/* The module that knows patterns for names of files. */
	if (arguments->count > 1 && strcmp(arguments->list[1].text, "regexp") == 0)
		run->patterns = true;
	return run_ignored(run, arguments);
}

/* Leaves what runs: for good, or, where it is in doubt that it runs, nothing is known behind it. */
static void leave(struct grub_run *run, enum grub_flow flow)
{
	if (!run->doubt)
		run->flow = flow;
	else if (flow == GRUB_LEAVE)
		grub_stick(run, run->doubt, GRUB_UNTIL_END);
	else if (flow == GRUB_RETURN || run->breaks > 1)
		grub_stick(run, run->doubt, GRUB_UNTIL_FUNCTION);
	else
		grub_stick(run, run->doubt, GRUB_UNTIL_LOOP);
}

static int run_break(struct grub_run *run, const struct grub_arguments *arguments)
{
	unsigned long count = arguments->count > 1 ? strtoul(arguments->list[1].text, NULL, 10) : 1;

	if (run->loops == 0 || count == 0)
		return grub_run_status(run, count ? 0 : 18, NULL);
	run->breaks = count < run->loops ? (unsigned int)count : run->loops;
	leave(run, strcmp(arguments->list[0].text, "break") == 0 ? GRUB_BREAK : GRUB_CONTINUE);
	return grub_run_status(run, 0, NULL);
}

static int run_return(struct grub_run *run, const struct grub_arguments *arguments)
{
	if (!run->parameters)
		return grub_run_status(run, 18, NULL); /* GRUB_ERR_BAD_ARGUMENT */
	leave(run, GRUB_RETURN);
	if (arguments->count < 2)
		return 0;
	if (arguments->list[1].doubt)
		return grub_run_status(run, 0, arguments->list[1].doubt);
	return grub_run_status(run, strtoul(arguments->list[1].text, NULL, 10) ? 1 : 0, NULL);
}

static int run_shift(struct grub_run *run, const struct grub_arguments *arguments)
{
	unsigned long count = arguments->count > 1 ? strtoul(arguments->list[1].text, NULL, 10) : 1;
	struct grub_arguments *shifted;

	if (!run->parameters || count > run->parameters->count)
		return grub_run_status(run, 18, NULL);
	shifted = grub_arena_get(&run->arena, sizeof(*shifted));
	if (!shifted)
		return run->arena.code;
	*shifted = *run->parameters;
	shifted->list += count;
	shifted->count -= count;
	run->parameters = shifted;
	return grub_run_status(run, 0, NULL);
}

static int run_setparams(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct grub_arguments *parameters;

	if (!run->parameters)
		return grub_run_status(run, 18, NULL);
	parameters = grub_arena_get(&run->arena, sizeof(*parameters));
	if (!parameters)
		return run->arena.code;
	*parameters = (struct grub_arguments){arguments->list + 1, arguments->count - 1, 0};
	run->parameters = parameters;
	return grub_run_status(run, 0, NULL);
}

/* Its words are a command of their own. */
static int run_eval(struct grub_run *run, const struct grub_arguments *arguments)
{
	size_t size = 1;
	char *text, *to;

	for (size_t i = 1; i < arguments->count; i++) {
		if (arguments->list[i].doubt) {
			grub_stick(run, arguments->list[i].doubt, GRUB_UNTIL_END);
			return grub_run_status(run, 0, run->doubt);
		}
		size += strlen(arguments->list[i].text) + 1;
	}
	text = to = grub_arena_get(&run->arena, size);
	if (!text)
		return run->arena.code;
	for (size_t i = 1; i < arguments->count; i++) {
		to = stpcpy(to, arguments->list[i].text);
		*to++ = ' ';
	}
	grub_run_status(run, 0, NULL);
	return grub_run_text(run, run->file, text, (size_t)(to - text));
}

static int starts_other(struct grub_run *run, enum entry_problem problem, const char *name)
{
	const struct grub_doubt *other =
	    grub_doubt_new(run, problem, "\"%s\" starts something that is no Linux kernel", name);

	if (!other)
		return run->arena.code;
	if (!run->boot->doubt)
		run->boot->doubt = run->doubt;
	run->boot->kernel = NULL;
	run->boot->initrds = NULL;
	run->boot->other = other;
	return grub_run_status(run, 0, NULL);
}

static int run_other(struct grub_run *run, const struct grub_arguments *arguments)
{
	return starts_other(run, ENTRY_NOT_LINUX, arguments->list[0].text);
}

/* It starts a Linux kernel, but not in a way that is understood here. */
static int run_hypervisor(struct grub_run *run, const struct grub_arguments *arguments)
{
	int r = starts_other(run, ENTRY_NOT_UNDERSTOOD, arguments->list[0].text);
	const char *file = arguments->count > 1 ? arguments->list[1].text : "";
	const struct grub_doubt *other;

	if (r < 0)
		return r;
	other = grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD,
			       "it starts %.200s by \"%s\", which this program cannot yet", file,
			       arguments->list[0].text);
	if (!other)
		return run->arena.code;
	run->boot->other = other;
	return 0;
}

static int run_boot(struct grub_run *run, const struct grub_arguments *arguments)
{
	(void)arguments;
	grub_run_status(run, 0, NULL);
	if (!run->boot->kernel && !run->boot->other)
		return 0;
	run->boot->started = true;
	leave(run, GRUB_LEAVE);
	return 0;
}

/* "exit", "halt", "reboot", "fwsetup". */
static int run_end(struct grub_run *run, const struct grub_arguments *arguments)
{
	int r = 0;

	if (arguments->count > 1 && strcmp(arguments->list[1].text, "--is-supported") == 0)
		return run_ignored(run, arguments);
	if (!run->doubt)
		r = run_other(run, arguments);
	leave(run, GRUB_LEAVE);
	return r;
}

/* It may add menu entries, or show others. */
static int run_not_understood(struct grub_run *run, const struct grub_arguments *arguments)
{
	const struct grub_doubt *doubt = grub_doubt_new(
	    run, ENTRY_NOT_UNDERSTOOD, "what \"%s\" puts into the menu", arguments->list[0].text);

	if (!doubt)
		return run->arena.code;
	grub_stick(run, doubt, GRUB_UNTIL_END);
	return grub_run_status(run, 0, doubt);
}

static int run_normal(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct grub_argument list[2] = {{"normal", NULL}, {NULL, NULL}};
	struct grub_arguments with_file = {list, 2, 2};
	const char *prefix;

	if (arguments->count > 1)
		return grub_configfile(run, arguments);
	prefix = grub_run_get(run, "prefix", &list[1].doubt);
	list[1].text = grub_arena_format(&run->arena, "%s/grub.cfg", prefix);
	return list[1].text ? grub_configfile(run, &with_file) : run->arena.code;
}

static int run_search(struct grub_run *run, const struct grub_arguments *arguments)
{
	return grub_search(run, arguments, arguments->list[0].text);
}

static const struct {
	const char *name;
	command_function *function;
} commands[] = {
    {".", grub_source},
    {"[", grub_test},
    {"bls_import", grub_blscfg},
    {"blscfg", grub_blscfg},
    {"boot", run_boot},
    {"break", run_break},
    {"chainloader", run_other},
    {"configfile", grub_configfile},
    {"continue", run_break},
    {"cpuid", grub_set_in_doubt},
    {"decrement", grub_count_up},
    {"devicetree", grub_devicetree},
    {"efi-chainloader", run_other},
    {"eval", run_eval},
    {"exit", run_end},
    {"export", grub_export},
    {"false", run_false},
    {"freedos", run_other},
    {"fwsetup", run_end},
    {"halt", run_end},
    {"hwmatch", grub_hwmatch},
    {"increment", grub_count_up},
    {"initrd", grub_initrd},
    {"initrd16", grub_initrd},
    {"initrdefi", grub_initrd},
    {"insmod", run_insmod},
    {"kfreebsd", run_other},
    {"knetbsd", run_other},
    {"kopenbsd", run_other},
    {"linux", grub_linux},
    {"linux16", grub_linux},
    {"linuxefi", grub_linux},
    {"load_env", grub_load_env},
    {"multiboot", run_hypervisor},
    {"multiboot2", run_hypervisor},
    {"normal", run_normal},
    {"ntldr", run_other},
    {"plan9", run_other},
    {"probe", grub_set_in_doubt},
    {"read", grub_set_in_doubt},
    {"reboot", run_end},
    {"regexp", grub_set_in_doubt},
    {"return", run_return},
    {"save_env", grub_save_env},
    {"search", run_search},
    {"search.file", run_search},
    {"search.fs_label", run_search},
    {"search.fs_uuid", run_search},
    {"set", run_set},
    {"setparams", run_setparams},
    {"shift", run_shift},
    {"smbios", grub_set_in_doubt},
    {"source", grub_source},
    {"test", grub_test},
    {"true", run_true},
    {"unset", grub_unset},
    {"xen_hypervisor", run_hypervisor},
    {"xnu_kernel", run_other},
    {"xnu_kernel64", run_other},
};

/* Commands that say something, or that change how things look. */
static const char *const silent[] = {"clear", "echo"};

/* Commands that decide nothing here but by whether they succeed. */
static const char *const ignored[] = {
    "authenticate",
    "background_color",
    "background_image",
    "badram",
    "cat",
    "cmosclean",
    "cmosset",
    "cmostest",
    "cryptomount",
    "cutmem",
    "date",
    "drivemap",
    "keymap",
    "keystatus",
    "list_env",
    "list_trusted",
    "loadbios",
    "loadfont",
    "loopback",
    "ls",
    "lsefi",
    "module",
    "module2",
    "nativedisk",
    "net_add_addr",
    "net_bootp",
    "net_default_server",
    "parttool",
    "password",
    "password_pbkdf2",
    "play",
    "rmmod",
    "sendkey",
    "serial",
    "sleep",
    "terminal",
    "terminal_input",
    "terminal_output",
    "trust",
    "usb",
    "verify_detached",
    "videoinfo",
    "xen_module",
};

/* Commands whose menu entries nobody can tell. */
static const char *const not_understood[] = {
    "extract_entries_configfile",
    "extract_entries_source",
    "extract_legacy_entries_configfile",
    "extract_legacy_entries_source",
    "extract_syslinux_entries_configfile",
    "extract_syslinux_entries_source",
    "legacy_configfile",
    "legacy_source",
    "syslinux_configfile",
    "syslinux_source",
    "uki",
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

#define IS_AMONG(name, names) is_among(name, names, sizeof(names) / sizeof(*(names)))

static command_function *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].function;
	if (IS_AMONG(name, silent))
		return run_true;
	if (IS_AMONG(name, ignored))
		return run_ignored;
	return IS_AMONG(name, not_understood) ? run_not_understood : NULL;
}

int grub_run_command(struct grub_run *run, const struct grub_command *command,
		     const struct grub_arguments *arguments, bool *found)
{
	const char *name = arguments->list[0].text;
	command_function *function = find_command(name);

	*found = true;
	if (strcmp(name, "menuentry") == 0 || strcmp(name, "submenu") == 0)
		return grub_menu_add(run, command, arguments, name[0] == 's');
	if (function)
		return function(run, arguments);
	*found = false;
	return 0;
}
