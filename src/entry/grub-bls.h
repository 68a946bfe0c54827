/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entries that GRUB's "blscfg" reads from loader/entries (grub-bls.c), and makes menu entries of
 * (grub-bls-entry.c).
 */
#pragma once

#include "entry/grub-run.h"

struct grub_bls_pair {
	const char *key, *value;
	struct grub_bls_pair *next;
};

struct grub_bls_file {
	const char *path;
	const char *id; /* the name without ".conf" */
	struct grub_bls_pair *pairs;
	struct grub_bls_file *next;
};

/* The first value of a key, or NULL. */
const char *grub_bls_value(const struct grub_bls_file *file, const char *key);

/* Adds the menu entry. `upstream`: as GRUB 2.14 does, and not as Fedora's. 0 or a negative code. */
int grub_bls_add_entry(struct grub_run *run, const struct grub_bls_file *file, bool upstream);

/* In which order they stand in the menu: positive where `a` is the newer. */
int grub_bls_compare(struct grub_run *run, const char *a, const char *b);
