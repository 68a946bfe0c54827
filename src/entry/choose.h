/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Choosing one entry of the list, as the user asks for it.
 */
#pragma once

#include "entry/list.h"

enum entry_wish {
	WISH_DEFAULT, /* what an ordinary reboot would boot */
	WISH_NEWEST,  /* the newest kernel */
	WISH_RUNNING, /* the one that is running */
	WISH_ID,      /* the one with this id */
};

/* The step of the error where a boot partition must be mounted first. */
#define ENTRY_STEP_MOUNT "find the boot partition"

enum { CHOICE_REASON_SIZE = 512 };

struct entry_choice {
	const struct entry *entry;       /* one of the list's */
	char reason[CHOICE_REASON_SIZE]; /* why this one, in plain words */
};

/*
 * Chooses. `id` is for WISH_ID alone: an id, whole or without ".conf" or ".efi", letters in either
 * case; or a title that no other entry has. An entry that is meant and cannot be used is an error
 * that names it and why: no other is taken in its place. 0 or a negative errno.
 */
int entry_choose(struct entry_choice *choice, const struct entry_list *list, enum entry_wish wish,
		 const char *id, struct error *error);
