/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How systemd-boot orders its menu and chooses from it (src/boot/boot.c: boot_entry_compare(),
 * config_select_default_entry(); systemd.io/BOOT_LOADER_INTERFACE). Ids are without boot counters,
 * as they are since systemd 258.
 */
#pragma once

#include "entry/list.h"

/* What is asked for. NULL where nothing is. */
struct systemd_boot_wishes {
	char *one_shot;           /* LoaderEntryOneShot */
	char *preferred_variable; /* LoaderEntryPreferred */
	char *preferred_config;   /* "preferred" of loader.conf */
	char *default_variable;   /* LoaderEntryDefault */
	char *default_config;     /* "default" of loader.conf */
	char *saved;              /* LoaderEntryLastBooted: what "@saved" is */
	char *config;             /* path of loader.conf */
	unsigned int preferred_line, default_line;
};

void systemd_boot_wishes_fini(struct systemd_boot_wishes *wishes);

/* Takes what loader.conf's text asks for; the text is taken apart. 0 or -ENOMEM. */
int systemd_boot_read_config(struct systemd_boot_wishes *wishes, char *text);

/* Sorts entries from `first` on into the order of the menu; those that are hidden come last. */
void systemd_boot_sort(struct entry_list *list, size_t first);

/* Chooses from the entries from `first` on. 0 or -ENOMEM. */
int systemd_boot_choose(struct entry_default *choice, const struct entry_list *list, size_t first,
			const struct systemd_boot_wishes *wishes);
