/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/efi-variables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"

#define VARIABLES "/sys/firmware/efi/efivars"

#define GLOBAL_GUID "8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* On every EFI machine, so that a folder without it is a mount point where nothing is mounted. */
#define BOOT_ORDER VARIABLES "/BootOrder-" GLOBAL_GUID

enum {
	ATTRIBUTES_SIZE = 4,
	VALUE_MAX = 65536,
};

static enum fact is_there(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);

	if (fd >= 0)
		return FACT_KNOWN;
	return fd == -ENOENT || fd == -ENOTDIR ? FACT_ABSENT : FACT_UNREADABLE;
}

enum fact machine_efi(const struct root *root)
{
	return is_there(root, "/sys/firmware/efi") == FACT_ABSENT ? FACT_ABSENT : FACT_KNOWN;
}

enum fact machine_efi_variables(const struct root *root)
{
	if (machine_efi(root) == FACT_ABSENT)
		return FACT_ABSENT;
	return is_there(root, BOOT_ORDER) == FACT_KNOWN ? FACT_KNOWN : FACT_UNREADABLE;
}

static int read_variable(uint8_t **content, struct bytes *value, enum fact *fact,
			 const struct root *root, const char *name)
{
	char path[256], *text = NULL;
	size_t size;
	int r;

	snprintf(path, sizeof(path), VARIABLES "/%s", name);
	r = root_read(root, path, ATTRIBUTES_SIZE + VALUE_MAX, &text, &size);
	*content = (uint8_t *)text;
	*fact = r == -ENOENT || r == -ENOTDIR ? FACT_ABSENT : FACT_UNREADABLE;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (size < ATTRIBUTES_SIZE)
		return 0;
	*value = (struct bytes){*content + ATTRIBUTES_SIZE, size - ATTRIBUTES_SIZE};
	*fact = FACT_KNOWN;
	return 0;
}

/* The next code point; false behind the end, and where there is none. */
static bool next_point(struct bytes value, uint64_t *at, uint32_t *point)
{
	uint16_t unit, low;

	if (!bytes_le16(value, *at, &unit))
		return false;
	*at += 2;
	*point = unit;
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || !bytes_le16(value, *at, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*at += 2;
	*point = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
	return true;
}

/* At most three bytes for each unit of two, four for each pair of them. */
static size_t put_utf8(char *to, uint32_t point)
{
	static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	for (size_t i = length; i-- > 1; point >>= 6)
		to[i] = (char)(0x80 | (point & 0x3f));
	to[0] = (char)(length == 1 ? point : first[length] | point);
	return length;
}

int machine_loader_texts(char **texts, size_t *size, enum fact *fact, const struct root *root,
			 const char *name)
{
	cleanup_free uint8_t *content = NULL;
	cleanup_free char *converted = NULL;
	struct bytes value = {};
	size_t length = 0;
	uint32_t point;
	uint64_t at = 0;
	char whole[128];
	int r;

	*texts = NULL;
	*size = 0;
	snprintf(whole, sizeof(whole), "%s-" LOADER_GUID, name);
	r = read_variable(&content, &value, fact, root, whole);
	if (r < 0 || *fact != FACT_KNOWN)
		return r;
	converted = malloc(value.size / 2 * 3 + 2);
	if (!converted)
		return -ENOMEM;
	while (at < value.size) {
		if (!next_point(value, &at, &point)) {
			*fact = FACT_UNREADABLE;
			return 0;
		}
		length += put_utf8(converted + length, point);
	}
	if (length == 0 || converted[length - 1] != '\0')
		converted[length++] = '\0';
	*texts = steal_pointer(converted);
	*size = length;
	return 0;
}

int machine_loader_text(char **text, enum fact *fact, const struct root *root, const char *name)
{
	size_t size;

	return machine_loader_texts(text, &size, fact, root, name);
}

int machine_loader_features(uint64_t *features, enum fact *fact, const struct root *root)
{
	cleanup_free uint8_t *content = NULL;
	struct bytes value = {};
	int r = read_variable(&content, &value, fact, root, "LoaderFeatures-" LOADER_GUID);

	if (r == 0 && *fact == FACT_KNOWN && (value.size != 8 || !bytes_le64(value, 0, features)))
		*fact = FACT_UNREADABLE;
	return r;
}

int machine_secure_boot(bool *enabled, const struct root *root)
{
	cleanup_free uint8_t *content = NULL;
	struct bytes value = {};
	enum fact fact;
	int r = read_variable(&content, &value, &fact, root, "SecureBoot-" GLOBAL_GUID);

	*enabled = r == 0 && fact == FACT_KNOWN && value.size == 1 && value.data[0] == 1;
	return r;
}
