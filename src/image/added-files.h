/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files that the next kernel finds in its first root filesystem beside those of its initrds: an
 * archive that is put behind them, in memory for secrets. All belong to root.
 *
 * The kernel gives a folder of an archive its mode also where the folder exists, and replaces a
 * symbolic link of the same name by the folder (do_name(), init/initramfs.c). So folders have the
 * mode that they have on every system, and those that are symbolic links on many, as /lib, are left
 * to the initrds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blob;
struct error;

#define CREDENTIALS_FOLDER "/.extra/credentials" /* where systemd-stub(7) puts them */

struct added_file {
	const char *path; /* one that added_path_problem() has nothing against */
	uint32_t mode;    /* permissions */
	const uint8_t *content;
	size_t size;
};

/* Why a file cannot be added under this path: a clause, static text. NULL: it can. */
const char *added_path_problem(const char *path);

/* Whether both cannot be there: they are the same, or `other` lies below `path`. */
bool added_paths_collide(const char *path, const char *other);

/* Whether a folder that is mounted over early in every boot hides the path; its name or NULL. */
const char *added_path_hidden_below(const char *path);

/*
 * Makes the archive of one or more files and the folders that lead to them. `alone`: there is no
 * initrd before it, so that no folder can be left to one. 0 or a negative errno.
 */
int added_files_pack(struct blob **archive, const struct added_file *files, size_t count,
		     bool alone, struct error *error);
