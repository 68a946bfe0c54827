/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"

#define EFI_VARIABLES   "/sys/firmware/efi/efivars/"
#define EFI_GLOBAL_GUID "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* Bits of OsIndications (UEFI 2.10, section 8.5.4). */
enum {
	INDICATION_BOOT_TO_FIRMWARE_UI = 0x01,
	INDICATION_FILE_CAPSULE_DELIVERY = 0x04,
	INDICATION_START_OS_RECOVERY = 0x20,
	INDICATION_START_PLATFORM_RECOVERY = 0x40,
	INDICATION_JSON_CONFIG_DATA_REFRESH = 0x80,
};

enum { ATTRIBUTES_SIZE = 4 }; /* efivarfs puts the variable's attributes before its value */

/* A variable's value of `size` bytes, little-endian. */
static enum fact read_variable(const struct root *root, const char *path, size_t size,
			       uint64_t *value)
{
	cleanup_free char *content = NULL;
	size_t length;
	int r;

	r = root_read(root, path, 64, &content, &length);
	if (r == -ENOENT)
		return FACT_ABSENT;
	if (r < 0 || length != ATTRIBUTES_SIZE + size)
		return FACT_UNREADABLE;
	*value = load_le((const uint8_t *)content + ATTRIBUTES_SIZE, (unsigned int)size);
	return FACT_KNOWN;
}

/* An empty folder is a mount point where nothing is mounted; a variable that is always there tells.
 */
static enum fact variables_fact(const struct root *root)
{
	cleanup_close int firmware = root_open_file(root, "/sys/firmware/efi", O_PATH);
	cleanup_close int order = -1;

	if (firmware < 0)
		return firmware == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
	order = root_open_file(root, EFI_VARIABLES "BootOrder" EFI_GLOBAL_GUID, O_PATH);
	return order < 0 ? FACT_UNREADABLE : FACT_KNOWN;
}

void machine_pending_read(struct machine_pending *pending, const struct root *root)
{
	uint64_t value;

	*pending = (struct machine_pending){.fact = variables_fact(root)};
	if (pending->fact != FACT_KNOWN)
		return;
	switch (read_variable(root, EFI_VARIABLES "BootNext" EFI_GLOBAL_GUID, 2, &value)) {
	case FACT_KNOWN:
		pending->boot_next = true;
		pending->boot_next_entry = (uint16_t)value;
		break;
	case FACT_UNREADABLE:
		pending->fact = FACT_UNREADABLE;
		break;
	case FACT_ABSENT:
		break;
	}
	switch (read_variable(root, EFI_VARIABLES "OsIndications" EFI_GLOBAL_GUID, 8, &value)) {
	case FACT_KNOWN:
		pending->setup_screen = value & INDICATION_BOOT_TO_FIRMWARE_UI;
		pending->capsules =
		    value &
		    (INDICATION_FILE_CAPSULE_DELIVERY | INDICATION_JSON_CONFIG_DATA_REFRESH |
		     INDICATION_START_OS_RECOVERY | INDICATION_START_PLATFORM_RECOVERY);
		break;
	case FACT_UNREADABLE:
		pending->fact = FACT_UNREADABLE;
		break;
	case FACT_ABSENT:
		break;
	}
}

bool machine_pending_any(const struct machine_pending *pending)
{
	return pending->boot_next || pending->setup_screen || pending->capsules;
}
