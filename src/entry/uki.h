/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boot Loader Specification, type 2: unified kernel images, EFI/Linux/ID.efi on a boot partition.
 * Sources: UAPI.1, UAPI.5; where they are silent, systemd-boot (src/boot/boot.c).
 */
#pragma once

#include "entry/list.h"

/* Adds an entry for each profile of each image on the partition mounted at `point`. 0 or -ENOMEM.
 */
int uki_read(struct entry_list *list, const struct entry_machine *machine, const char *point);
