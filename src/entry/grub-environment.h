/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GRUB's variables, and its environment block (grubenv).
 *
 * A variable has a value, or it is in doubt: what it depends on is not known here (a key that may
 * be held down, a command that this program does not understand). A doubt names its cause, and goes
 * on to whatever is made of the variable.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "entry/entry.h"
#include "entry/grub-arena.h"

/* Why something cannot be told. */
struct grub_doubt {
	const char *file;
	unsigned int line;
	enum entry_problem problem; /* what becomes of an entry that depends on it */
	const char *detail;         /* in plain words */
};

struct grub_variable {
	const char *name;
	const char *value;              /* "" when it is in doubt; NULL: unset */
	const struct grub_doubt *doubt; /* NULL: none */
	bool exported;                  /* submenus see it */
	const char *file;               /* where it was set; NULL: by GRUB itself */
	unsigned int line;
};

enum {
	GRUB_VARIABLES_MAX = 512,
	GRUB_BLOCK_MAX = 65536, /* bytes of an environment block; grub-editenv makes them of 1024 */
};

struct grub_environment {
	struct grub_arena *arena;
	struct grub_variable *variables; /* of GRUB_VARIABLES_MAX; the arena's */
	size_t count, capacity;
};

/* NULL when there is no memory; `from` NULL: an empty one. Or what a submenu sees of it. */
struct grub_environment *grub_environment_copy(struct grub_arena *arena,
					       const struct grub_environment *from,
					       bool exported_only);

/* What it is, or NULL: it never was set. */
struct grub_variable *grub_environment_get(const struct grub_environment *environment,
					   const char *name);

/* Value NULL unsets it. 0 or the arena's code. */
int grub_environment_set(struct grub_environment *environment, const char *name, const char *value,
			 const struct grub_doubt *doubt);
int grub_environment_export(struct grub_environment *environment, const char *name);

/* A variable of an environment block. */
struct grub_block_entry {
	const char *name, *value;
	struct grub_block_entry *next;
};

/*
 * Reads an environment block, as GRUB's grub-core/lib/envblk.c does: what is broken ends it. False
 * when it is none; *entries is NULL without memory, too, see the arena's code.
 */
bool grub_block_parse(struct grub_block_entry **entries, struct grub_arena *arena,
		      const char *bytes, size_t size);
