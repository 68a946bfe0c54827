/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Running a GRUB configuration, as far as it decides what is booted. Nothing is changed: what GRUB
 * would write into its environment block is remembered.
 *
 * Where a condition is in doubt both branches run "in doubt": each variable that they set is in
 * doubt then, each menu entry that they add is, and so on. So nothing is guessed, and what does
 * not depend on the condition stays known.
 *
 * Functions return 0, or a negative code that ends the run: -ENOMEM, or -E2BIG where a limit was
 * met.
 */
#pragma once

#include <string.h>

#include "entry/grub-environment.h"
#include "entry/grub-script.h"
#include "entry/list.h"

struct machine_mount;

enum {
	GRUB_ENTRY_STEPS_MAX = 20000, /* of them, in one entry */
	GRUB_STEPS_MAX = 200000,      /* commands that are run, in all */
	GRUB_DEPTH_MAX = 32,          /* functions, files and menus in each other */
	GRUB_LOOP_MAX = 1000,         /* times that a loop goes round */
	GRUB_FILES_MAX = 256,         /* files that are read as scripts, in all */
	GRUB_MEMORY_MAX = 48 << 20,   /* bytes */
	GRUB_ARGUMENTS_MAX = 4096,
};

/* A word, with its variables put in. */
struct grub_argument {
	const char *text; /* when it is in doubt, only what is known of it */
	const struct grub_doubt *doubt;
};

struct grub_arguments {
	struct grub_argument *list;
	size_t count, capacity;
};

/* What GRUB writes into an environment block. */
struct grub_change {
	const char *path; /* below the root */
	const char *name;
	const char *value; /* NULL: it is removed */
	const struct grub_doubt *doubt;
	struct grub_change *next;
};

struct grub_file {
	const char *path;      /* below the root, or as the configuration calls it */
	const char *packed_as; /* the name that it gets in an archive, or NULL */
	const struct grub_doubt
	    *doubt; /* why it cannot be found; NULL: path is one below the root */
	struct grub_file *next;
};

/*
 * Devices that are found by what is on them have names of our own, which begin so (grub-files.c).
 * What GRUB calls them is not known.
 */
#define GRUB_OWN_DEVICE "\x01"

static inline bool grub_names_device(const char *text)
{
	return strchr(text, GRUB_OWN_DEVICE[0]);
}

struct grub_menu;

/* What running an entry has come to. */
struct grub_boot {
	struct grub_file *kernel;
	struct grub_file *initrds;
	const char *kernel_name; /* as GRUB passes it in BOOT_IMAGE= */
	const char *options;
	struct grub_file *devicetree;
	const struct grub_doubt *doubt; /* why all that cannot be told */
	const struct grub_doubt
	    *other;             /* it starts something that is no Linux kernel, or nothing */
	struct grub_menu *menu; /* it shows another menu */
	bool started;           /* "boot" was reached */
	struct grub_change *changes;
};

struct grub_menu_entry {
	const char *title, *id;
	const struct grub_doubt *title_doubt, *id_doubt;
	const char *file;
	unsigned int line;
	bool submenu, restricted;
	const struct grub_command *body;
	struct grub_arguments arguments;
	const struct grub_doubt *doubt;      /* whether it is in the menu at all */
	const struct grub_doubt *body_doubt; /* what it does is not all known */
	struct grub_boot *boot;              /* when it has been run */
	struct entry *listed;                /* what the list has of it */
	struct grub_menu_entry *next;
};

struct grub_menu {
	struct grub_menu_entry *entries;
	size_t count;
	struct grub_environment *environment; /* when it is shown */
	const struct grub_doubt *doubt;       /* nobody knows what comes behind the last entry */
	const char *file;
	const struct grub_menu *parent; /* the menu of whose entry this is one, or NULL */
};

struct grub_function {
	const char *name;
	const struct grub_command *body;
	const char *file;
	struct grub_function *next;
};

/* How long a doubt stays that something has ended: whatever comes next may not run. */
enum grub_until {
	GRUB_UNTIL_NOW,
	GRUB_UNTIL_LOOP,     /* until the loop ends */
	GRUB_UNTIL_FUNCTION, /* until the function does */
	GRUB_UNTIL_END,      /* until the configuration or the entry does */
};

enum grub_flow {
	GRUB_GO_ON,
	GRUB_BREAK,
	GRUB_CONTINUE,
	GRUB_RETURN,
	GRUB_LEAVE, /* this configuration, or this entry, is at its end */
};

struct grub_run {
	struct entry_list *list;
	const struct entry_machine *machine;
	struct grub_arena arena;
	struct grub_environment *environment;
	struct grub_function *functions;
	struct grub_menu *menu; /* to which menu entries are added */
	struct grub_boot *boot; /* of the entry that runs, or of the configuration itself */
	const struct grub_arguments *parameters; /* $1, $2, … */
	const char *file;
	unsigned int line;
	const struct grub_doubt *doubt;  /* whether what runs now does run */
	const struct grub_doubt *sticky; /* likewise, and it stays */
	enum grub_until until;           /* that long */
	int status;                      /* $? */
	const struct grub_doubt *status_doubt;
	enum grub_flow flow;
	unsigned int breaks; /* loops to leave */
	unsigned int loops, depth;
	unsigned long steps, entry_steps, files;
	const struct grub_doubt *unread; /* why variables may be set that are not, or NULL */
	bool patterns;                   /* the module that expands * and ? is there */
	bool fedora;                     /* GRUB is the fork of Fedora and its relatives */
};

/* grub-run.c */
int grub_run_commands(struct grub_run *run, const struct grub_command *commands);
int grub_run_in_doubt(struct grub_run *run, const struct grub_command *commands,
		      const struct grub_doubt *doubt);

/* Runs commands of another place, with parameters. */
int grub_run_elsewhere(struct grub_run *run, const char *file,
		       const struct grub_arguments *parameters,
		       const struct grub_command *commands);

/* grub-entry.c */
int grub_run_entry(struct grub_run *run, struct grub_menu_entry *entry,
		   const struct grub_environment *environment);

/* A doubt at the line that runs. NULL without memory. */
const struct grub_doubt *grub_doubt_new(struct grub_run *run, enum entry_problem problem,
					const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* From here on nobody knows what runs, because of `doubt`, or of the doubt that there is already.
 */
void grub_stick(struct grub_run *run, const struct grub_doubt *doubt, enum grub_until until);

/* Something goes on for ever: it ends here, and what it would have come to is not known. */
int grub_give_up(struct grub_run *run, const char *what);

/* The doubt of a text that has a device's name in it; NULL without memory. */
const struct grub_doubt *grub_doubt_device(struct grub_run *run);

/* Sets a variable, in doubt if what runs is, or `doubt` is not NULL. */
int grub_run_set(struct grub_run *run, const char *name, const char *value,
		 const struct grub_doubt *doubt);

/* A variable's value, "" when it is not set; *doubt is why it is not known, or NULL. */
const char *grub_run_get(struct grub_run *run, const char *name, const struct grub_doubt **doubt);

static inline int grub_run_status(struct grub_run *run, int status, const struct grub_doubt *doubt)
{
	run->status = status;
	run->status_doubt = doubt;
	return 0;
}

/* grub-expand.c */
int grub_expand(struct grub_run *run, const struct grub_word *words,
		struct grub_arguments *arguments);
int grub_arguments_add(struct grub_run *run, struct grub_arguments *arguments, const char *text,
		       const struct grub_doubt *doubt);

/* grub-assign.c: "set NAME=VALUE", or "NAME=VALUE" as a command. */
int grub_assign(struct grub_run *run, const struct grub_argument *assignment);
int grub_unset(struct grub_run *run, const struct grub_arguments *arguments);
int grub_export(struct grub_run *run, const struct grub_arguments *arguments);
int grub_count_up(struct grub_run *run, const struct grub_arguments *arguments);

/* A command whose result is not known here: the variables that it sets are in doubt. */
int grub_set_in_doubt(struct grub_run *run, const struct grub_arguments *arguments);

/* grub-commands.c: runs a command that is no function. `found` false: there is none of this name */
int grub_run_command(struct grub_run *run, const struct grub_command *command,
		     const struct grub_arguments *arguments, bool *found);

/* grub-condition.c: "test" and "[". */
int grub_test(struct grub_run *run, const struct grub_arguments *arguments);

/* grub-files.c */
struct grub_place {
	const char *path;               /* below the root */
	const struct grub_doubt *doubt; /* why there is none */
};

/* Where a file of GRUB, "(device)/path" or "/path", is here. It need not be there. */
int grub_find_file(struct grub_run *run, const struct grub_argument *name,
		   struct grub_place *place);

/* GRUB's name for what lies at a path, as grub_find_file() takes it. */
int grub_name_file(struct grub_run *run, const char *path, const char **device, const char **name);

/* The same of what is mounted there; place->path is NULL when the mount does not show the path. */
int grub_find_on_mount(struct grub_run *run, const struct machine_mount *mount, const char *path,
		       struct grub_place *place);

/* GRUB's name of what is mounted there, as grub_find_file() takes it. */
int grub_name_device(struct grub_run *run, const struct machine_mount *mount, const char **device);

/* grub-search.c */
int grub_search(struct grub_run *run, const struct grub_arguments *arguments, const char *name);

/* Reads a file. *content stays NULL, with *code set, when it cannot be read. */
int grub_read_file(struct grub_run *run, const char *path, size_t limit, const char **content,
		   size_t *size, int *code);

/* What a path is: 'f' a file, '0' one of 0 bytes, 'd' a folder, '-' nothing, '?' it cannot be told
 */
char grub_path_kind(struct grub_run *run, const char *path);

/* grub-env-commands.c */
int grub_load_env(struct grub_run *run, const struct grub_arguments *arguments);
int grub_save_env(struct grub_run *run, const struct grub_arguments *arguments);

/* grub-linux.c */
int grub_linux(struct grub_run *run, const struct grub_arguments *arguments);
int grub_initrd(struct grub_run *run, const struct grub_arguments *arguments);
int grub_devicetree(struct grub_run *run, const struct grub_arguments *arguments);

/* grub-source.c: other configurations. */
int grub_source(struct grub_run *run, const struct grub_arguments *arguments);
int grub_configfile(struct grub_run *run, const struct grub_arguments *arguments);
int grub_run_text(struct grub_run *run, const char *file, const char *text, size_t size);
int grub_run_file(struct grub_run *run, const char *path);

/* grub-hwmatch.c */
int grub_hwmatch(struct grub_run *run, const struct grub_arguments *arguments);

/* grub-bls.c */
int grub_blscfg(struct grub_run *run, const struct grub_arguments *arguments);

/* grub-rpm.c: compares as rpm does (rpmvercmp): negative, 0, positive. */
int grub_compare_rpm(const char *a, const char *b);

/*
 * grub-menu.c: which entry of a menu $default names. *entry NULL: it cannot be told, see *doubt.
 * False: it names none, and GRUB takes the first.
 */
bool grub_menu_choose(const struct grub_run *run, const struct grub_menu *menu, const char *value,
		      struct grub_menu_entry **entry, const struct grub_doubt **doubt);
int grub_menu_add(struct grub_run *run, const struct grub_command *command,
		  const struct grub_arguments *arguments, bool submenu);
