/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an initrd starts with: something that the kernel unpacks into its initramfs, or a
 * filesystem, which a kernel with RAM disks can mount (CONFIG_BLK_DEV_RAM).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct blob;
struct error;

enum initrd_content {
	INITRD_ARCHIVE,    /* a cpio archive, compressed data, or nothing but zeros */
	INITRD_FILESYSTEM, /* one that is known by its magic number */
	INITRD_UNKNOWN,    /* none of these: the kernel's unpacker stops there */
};

/*
 * Looks at the start of an initrd, of which the first `size` bytes count. `*filesystem` is its
 * name, as "squashfs", or NULL when it is none. 0 or a negative errno.
 */
int initrd_content_find(enum initrd_content *content, const char **filesystem,
			const struct blob *initrd, uint64_t size, struct error *error);

/* Whether the kernel's unpacker takes for compressed what begins so (lib/decompress.c). */
bool initrd_is_compressed(struct bytes head);

/* Moves `*offset` to the first byte, of the first `size` of the initrd, that is not 0, or to their
 * end: what the kernel's unpacker skips. 0 or a negative errno. */
int initrd_skip_zeros(const struct blob *initrd, uint64_t size, uint64_t *offset,
		      struct error *error);

/*
 * Whether the first thing in it that is neither zeros nor a whole archive is compressed: as a rule
 * what stands behind an early archive. 1, 0 or a negative errno.
 */
int initrd_has_compressed(const struct blob *initrd, struct error *error);
