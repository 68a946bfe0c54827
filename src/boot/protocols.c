/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one table of boot protocols. */
#include "boot/boot.h"
#include "boot/linux-x86/linux-x86.h"

static const struct boot_protocol *const protocols[] = {
    &boot_linux_x86,
};

const struct boot_protocol *boot_protocol_find(enum image_kind kind)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (protocols[i]->kind == kind)
			return protocols[i];
	return NULL;
}
