/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Initrds: several files that the next kernel gets as one, and the newc cpio archives that they are
 * made of (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct blob;
struct error;

/*
 * Opens initrds for one load, in their order, except that early archives (microcode, ACPI tables)
 * come first: the kernel looks for them only at the start. `*moved` tells whether that changed
 * anything. 0 or a negative errno.
 */
int initrds_open(struct blob **initrds, const char *const *paths, size_t count, bool *moved,
		 struct error *error);

/*
 * Whether the blob is an early archive and nothing else: one uncompressed cpio whose names all lie
 * below kernel/ (Documentation/arch/x86/microcode.rst). A file that holds an early archive and an
 * initramfs behind it is not: moving that one would change which files win. 1, 0 or negative errno.
 */
int initrd_is_early_archive(const struct blob *initrd, struct error *error);
