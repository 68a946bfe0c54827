/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/efi-variables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf16.h"

#define VARIABLES "/sys/firmware/efi/efivars"

/* On every EFI machine, so that a folder without it is a mount point where nothing is mounted. */
#define BOOT_ORDER VARIABLES "/BootOrder-" EFI_GLOBAL_GUID

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

int machine_efi_variable(uint8_t **content, struct bytes *value, enum fact *fact,
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

int machine_loader_texts(char **texts, size_t *size, enum fact *fact, const struct root *root,
			 const char *name)
{
	cleanup_free uint8_t *content = NULL;
	struct bytes value = {};
	char whole[128];
	int r;

	*texts = NULL;
	*size = 0;
	snprintf(whole, sizeof(whole), "%s-" LOADER_GUID, name);
	r = machine_efi_variable(&content, &value, fact, root, whole);
	if (r < 0 || *fact != FACT_KNOWN)
		return r;
	r = utf16_to_utf8(texts, size, value);
	if (r == -EILSEQ)
		*fact = FACT_UNREADABLE;
	return r == -EILSEQ ? 0 : r;
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
	int r = machine_efi_variable(&content, &value, fact, root, "LoaderFeatures-" LOADER_GUID);

	if (r == 0 && *fact == FACT_KNOWN && (value.size != 8 || !bytes_le64(value, 0, features)))
		*fact = FACT_UNREADABLE;
	return r;
}

int machine_secure_boot(bool *enabled, const struct root *root)
{
	cleanup_free uint8_t *content = NULL;
	struct bytes value = {};
	enum fact fact;
	int r = machine_efi_variable(&content, &value, &fact, root, "SecureBoot-" EFI_GLOBAL_GUID);

	*enabled = r == 0 && fact == FACT_KNOWN && value.size == 1 && value.data[0] == 1;
	return r;
}
