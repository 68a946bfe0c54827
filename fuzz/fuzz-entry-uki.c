/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unified kernel images: the PE file's headers, profiles, os-release, what the stub puts together.
 * Input: an image, an addon of its own, a global addon, the firmware's boot option.
 */
#include "entry-machine.h"
#include "target.h"

#define VARIABLE(name) "/sys/firmware/efi/efivars/" name "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static const struct entry_part parts[] = {
    {"/efi/EFI/Linux/image+3-0.efi", NULL},
    {"/efi/EFI/Linux/image.efi.extra.d/own.addon.efi", NULL},
    {"/efi/loader/addons/global.addon.efi", NULL},
    {VARIABLE("Boot4141"), NULL},
    {VARIABLE("BootOrder"), "\7...AA"}, /* the number is 0x4141 */
    {"/efi/EFI/Linux/image.efi.extra.d/a.cred", "credential"},
    {"/efi/loader/extensions/b.sysext.raw", "extension"},
    {"/efi/loader/entries/uki.conf", "uki /EFI/Linux/image+3-0.efi\nprofile 1\noptions x\n"},
    {"/proc/self/mountinfo", "1 1 8:1 / /efi rw - vfat /dev/sda1 rw\n"},
    {"/run/udev/data/b8:1", "E:ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b\n"
			    "E:ID_PART_ENTRY_UUID=1f2e3d4c-0001-4a4a-8b8b-000000000001\n"},
    {"/sys/firmware/efi/fw_platform_size", "64\n"},
    {"/proc/sys/kernel/arch", "x86_64\n"},
    {"/proc/sys/kernel/osrelease", "6.12.8\n"},
    {"/proc/cmdline", "root=/dev/sda3 quiet\n"},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_boot_entries(parts, sizeof(parts) / sizeof(*parts), data, size);
	return 0;
}
