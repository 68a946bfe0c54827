/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing newc cpio archives, which the kernel unpacks into its first root filesystem
 * (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { NEWC_PATH_MAX = 4095 }; /* characters; the kernel refuses longer names (init/initramfs.c) */

/* A regular file or a folder, owned by root, of time 0. */
struct newc_member {
	const char *path;       /* without a leading slash; its folders come before it */
	uint32_t mode;          /* as in stat(2): type and permissions */
	const uint8_t *content; /* of a regular file */
	uint32_t size;          /* of it, in bytes */
};

/* Bytes that an archive of these members has, with its end. 0 when it would pass 2^32 - 1. */
size_t newc_size(const struct newc_member *members, size_t count);

/* Writes that archive to `to`, newc_size() bytes. */
void newc_write(uint8_t *to, const struct newc_member *members, size_t count);
