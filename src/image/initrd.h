/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Initrds: several files that the next kernel gets as one, and the newc cpio archives that they are
 * made of (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "image/initrd-bootconfig.h"
#include "image/initrd-content.h"
#include "image/initrd-unpack.h"

struct blob;
struct error;

/* What becomes of a valid bootconfig: the kernel takes only one, at the very end of the whole. */
enum bootconfig_place {
	BOOTCONFIG_STAYS,
	BOOTCONFIG_MOVED,    /* behind all initrds */
	BOOTCONFIG_LEFT_OUT, /* a later initrd has one, too */
};

/* One of the files. */
struct initrd {
	const char *path;  /* the caller's */
	struct blob *blob; /* NULL once it is joined */
	bool early;        /* an early archive and nothing else */
	enum initrd_content content;
	const char *filesystem; /* static text; NULL when it is none that is known */
	struct bootconfig bootconfig;
	enum bootconfig_place bootconfig_place;
	struct initrd_unpacked unpacked;
};

struct initrds {
	struct blob *joined;
	struct initrd *files; /* in the order in which they are joined */
	size_t count;
	bool reordered;  /* an early archive was moved before others */
	bool appended;   /* something is behind the files */
	bool compressed; /* there is compressed data in one; without `unpacking` */
	enum initrd_short_of short_of;
	uint64_t unpacked_most; /* bytes that unpacked members could have had */
};

/*
 * Opens the initrds of one load, each once, and joins them in their order, with two
 * exceptions: early archives (microcode, ACPI tables) come first, because the kernel looks for them
 * only at the start, and the bootconfig of the last file that has a valid one goes to the very end.
 * With `unpacking` compressed members are unpacked where they can be (image/initrd-unpack.h). An
 * archive that is `appended` comes behind all files; NULL: none does, and then there is at least
 * one file; on success it is taken over, and NULL. A single file of which nothing is unpacked, and
 * with nothing behind it, is handed on as it is. 0 or a negative errno, and then there is nothing
 * to end.
 */
int initrds_open(struct initrds *initrds, const char *const *paths, size_t count,
		 const struct initrd_unpacking *unpacking, struct blob **appended,
		 struct error *error);

void initrds_fini(struct initrds *initrds);
#define cleanup_initrds __attribute__((cleanup(initrds_fini)))

/*
 * Whether the blob is an early archive and nothing else: one uncompressed cpio whose names all lie
 * below kernel/ (Documentation/arch/x86/microcode.rst). A file that holds an early archive and an
 * initramfs behind it is not: moving that one would change which files win. 1, 0 or negative errno.
 */
int initrd_is_early_archive(const struct blob *initrd, struct error *error);
