/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boot Loader Specification, type 1: one file an entry, loader/entries/ID.conf on a boot partition.
 * Sources: UAPI.1; where it is silent, systemd-boot (src/boot/boot.c).
 */
#pragma once

#include "entry/list.h"

/*
 * Adds the entries of the partition that is mounted at `point`, by name. Files that say nothing
 * that can be started are entries with a problem. 0 or -ENOMEM.
 */
int bls_read(struct entry_list *list, const struct entry_machine *machine, const char *point);

/*
 * Reads one file's text, which is taken apart, into a new entry. `name` is the file's own name,
 * `path` its path. The files that it names are looked for by bls_read(). NULL without memory.
 */
struct entry *bls_parse(char *text, const char *name, const char *path, const char *point,
			const struct entry_machine *machine);

/*
 * The boot counter in a file's name, "ID+LEFT-DONE.conf" (UAPI.1, "Boot counting"). False when
 * there is none. `id` gets the name without it, of at least the name's size.
 */
bool bls_boot_counter(const char *name, const char *end, char *id, unsigned int *left,
		      unsigned int *done);

/*
 * What the boot loader renames an entry's file to when it boots it: one try less, one more done
 * (systemd-boot, boot_entry_bump_counters()). Numbers keep their width, by zeros in front, and the
 * second one stays at the largest that fits (UAPI.1). `*counted` is the caller's to free; NULL
 * where the file has no boot counter. 0 or -ENOMEM. Nothing is renamed here.
 */
int bls_count_boot(char **counted, const char *path);
