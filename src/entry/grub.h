/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What GRUB would boot: its configuration run as GRUB does (entry/grub-run.h), and what comes of it
 * as boot entries.
 */
#pragma once

#include "entry/grub-run.h"

/* Where the configuration is that GRUB reads first. *path NULL: there is none. 0 or -ENOMEM. */
int grub_find_configuration(char **path, struct entry_list *list,
			    const struct entry_machine *machine);

/* What GRUB itself sets before it reads anything. */
int grub_set_first_variables(struct grub_run *run, const char *path);

/* Adds the entries of a menu, and of its submenus, to the list. */
int grub_list_menu(struct grub_run *run, struct grub_menu *menu);

/* Says which of them GRUB boots; `top` is what the configuration itself has come to. */
int grub_list_default(struct grub_run *run, struct grub_menu *menu, const struct grub_boot *top);
