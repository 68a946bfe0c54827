/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A whole machine's boot entries, all but unified kernels: mounts, devices, EFI variables,
 * loader.conf, entries, extlinux.conf. Input: the parts that have no fixed content below.
 */
#include "entry-machine.h"
#include "target.h"

#define VARIABLE(name) "/sys/firmware/efi/efivars/" name "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

static const struct entry_part parts[] = {
    {"/efi/loader/loader.conf", NULL},
    {"/efi/loader/entries/a.conf", NULL},
    {"/efi/loader/entries/b+3-1.conf", NULL},
    {"/boot/loader/entries/c+0.conf", NULL},
    {"/boot/extlinux/extlinux.conf", NULL},
    {"/boot/extlinux/more.cfg", NULL},
    {VARIABLE("LoaderEntryOneShot"), NULL},
    {VARIABLE("LoaderEntryDefault"), NULL},
    {VARIABLE("LoaderEntries"), NULL},
    {VARIABLE("LoaderInfo"), NULL},
    {"/proc/self/mountinfo", NULL},
    {"/run/udev/data/b8:1", NULL},
    {"/run/udev/data/b8:2", NULL},
    {"/proc/cmdline", NULL},
    {"/proc/sys/kernel/arch", "x86_64\n"},
    {"/proc/sys/kernel/osrelease", "6.12.8\n"},
    {"/boot/vmlinuz-6.12.8", "a kernel"},
    {"/boot/initrd.img-6.12.8", "an initrd"},
    {"/efi/k", "another kernel"},
    {"/efi/i", "another initrd"},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_boot_entries(parts, sizeof(parts) / sizeof(*parts), data, size);
	return 0;
}
