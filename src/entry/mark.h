/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is told of entries once the list is complete: which loader would be run, which entry is its
 * default, the newest, and the running one.
 */
#pragma once

#include "entry/list.h"

/* Sets list->loader and how that is known. `info` is LoaderInfo, or NULL. 0 or -ENOMEM. */
int entry_find_loader(struct entry_list *list, const struct entry_machine *machine,
		      const char *info);

/*
 * Takes out entries that stand in another loader's menu too, from the same file, and there belong:
 * GRUB reads loader/entries, and what is installed is what the menus are made of.
 */
void entry_drop_doubles(struct entry_list *list);

/* Sets is_default, is_newest and is_running. 0 or -ENOMEM. */
int entry_mark(struct entry_list *list, const struct entry_machine *machine, const char *selected);
