/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What systemd's stub in a unified kernel image hands to the kernel: sections of one profile,
 * addons, and the files beside the image. Sources: UAPI.5, systemd-stub(7), and for the order of
 * the initrds src/boot/stub.c.
 */
#pragma once

#include "entry/list.h"

struct pe;

/* An image that was opened. */
struct uki {
	const char *path;
	const char *point; /* where its partition is mounted */
	int fd;
	const struct pe *pe;
	unsigned int profile;
};

/*
 * Opens the image that an entry's kernel.path names and fills the entry as the stub would start
 * entry->profile of it: kernel, initrds, options, release. Options that the entry has already stand
 * in place of the image's, except under Secure Boot. What is no such image, or is not for this
 * machine, is the entry's problem. 0 or -ENOMEM.
 */
int uki_fill(struct entry *entry, const struct entry_machine *machine, const char *point);

/* The same for an image that is open. */
int uki_fill_from(struct entry *entry, const struct entry_machine *machine, const struct uki *uki);

/*
 * Adds a file that is packed for the initrd: a credential, a system or configuration extension.
 * 0, or as entry_join_path() and entry_add_file(); -ENOTSUP for a name that is none of them.
 */
int uki_add_extra(struct entry *entry, const char *point, const char *path);

/*
 * A section's text, up to its first NUL. 0, and NULL when there is none; -E2BIG for more than
 * ENTRY_TEXT_MAX bytes, -ENOMEM, or another negative errno.
 */
int uki_section_text(char **text, const struct uki *uki, const char *section);
