/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The trailer that holds a boot configuration at the end of an initrd
 * (Documentation/admin-guide/bootconfig.rst in the kernel):
 *
 *     data, padded with zeros | le32 size of both | le32 sum of their bytes | "#BOOTCONFIG\n"
 *
 * The kernel looks for it at the very end of the whole initrd, with up to 3 bytes behind it, and
 * takes it off before it unpacks what comes before (get_boot_config_from_initrd(), init/main.c).
 */
#pragma once

#include <stdint.h>

struct blob;
struct error;

enum bootconfig_state {
	BOOTCONFIG_NONE,
	BOOTCONFIG_VALID,
	BOOTCONFIG_TOO_LONG,  /* its size is larger than what is before it */
	BOOTCONFIG_WRONG_SUM, /* its checksum is not that of its data */
};

struct bootconfig {
	enum bootconfig_state state;
	uint64_t start; /* offset of its data; this and the end mean something if it is valid */
	uint64_t end;   /* offset behind the magic word: the initrd's size less 0 to 3 bytes */
};

/* Looks at the end of an initrd, by the kernel's own rules. 0 or a negative errno. */
int bootconfig_find(struct bootconfig *bootconfig, const struct blob *initrd, struct error *error);
