/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/boot-option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf16.h"
#include "machine/efi-variables.h"

enum {
	LOAD_OPTION_ACTIVE = 1,
	/* EFI_LOAD_OPTION, section 3.1.3. */
	OPTION_ATTRIBUTES = 0,
	OPTION_PATHS_SIZE = 4,
	OPTION_DESCRIPTION = 6,
	/* EFI_DEVICE_PATH_PROTOCOL, sections 10.3.1 and 10.3.5. */
	NODE_TYPE = 0,
	NODE_SUBTYPE = 1,
	NODE_SIZE = 2,
	NODE_HEAD = 4,
	TYPE_MEDIA = 4,
	TYPE_END = 0x7f,
	SUBTYPE_HARD_DRIVE = 1,
	SUBTYPE_FILE = 4,
	HARD_DRIVE_SIGNATURE = 24,
	HARD_DRIVE_SIGNATURE_TYPE = 41,
	SIGNATURE_IS_GUID = 2,
};

static struct bytes part(struct bytes whole, uint64_t offset, uint64_t size)
{
	return bytes_have(whole, offset, size) ? (struct bytes){whole.data + offset, size}
					       : (struct bytes){};
}

/* What is no text is none. */
static int set_text(char **field, struct bytes utf16)
{
	size_t size;
	int r = utf16_to_utf8(field, &size, utf16);

	return r == -EILSEQ ? 0 : r;
}

static void set_partition(struct machine_boot_option *option, struct bytes node)
{
	struct bytes guid = part(node, HARD_DRIVE_SIGNATURE, 16);
	uint8_t type;

	if (!bytes_u8(node, HARD_DRIVE_SIGNATURE_TYPE, &type) || type != SIGNATURE_IS_GUID ||
	    guid.size == 0)
		return;
	snprintf(option->partition_uuid, sizeof(option->partition_uuid),
		 "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 (unsigned int)load_le(guid.data, 4), (unsigned int)load_le(guid.data + 4, 2),
		 (unsigned int)load_le(guid.data + 6, 2), guid.data[8], guid.data[9], guid.data[10],
		 guid.data[11], guid.data[12], guid.data[13], guid.data[14], guid.data[15]);
}

/* Only the first of several paths is used by the firmware. */
static int read_path(struct machine_boot_option *option, struct bytes paths)
{
	uint64_t at = 0;
	uint8_t type, subtype;
	uint16_t size;

	while (bytes_u8(paths, at + NODE_TYPE, &type) &&
	       bytes_u8(paths, at + NODE_SUBTYPE, &subtype) &&
	       bytes_le16(paths, at + NODE_SIZE, &size) && type != TYPE_END) {
		struct bytes node = part(paths, at, size);

		if (size < NODE_HEAD || node.size == 0)
			return 0;
		if (type == TYPE_MEDIA && subtype == SUBTYPE_HARD_DRIVE)
			set_partition(option, node);
		if (type == TYPE_MEDIA && subtype == SUBTYPE_FILE && !option->path) {
			int r = set_text(&option->path,
					 part(node, NODE_HEAD, (uint64_t)size - NODE_HEAD));

			if (r < 0)
				return r;
		}
		at += size;
	}
	return 0;
}

/* Some firmware puts bytes of its own there. */
static int read_options(struct machine_boot_option *option, struct bytes data)
{
	int r = set_text(&option->options, data);

	for (char *at = option->options; r == 0 && at && *at; at++)
		if ((unsigned char)*at < ' ') {
			*option->options = '\0';
			break;
		}
	if (r == 0 && !option->options)
		option->options = strdup("");
	return r == 0 && !option->options ? -ENOMEM : r;
}

static int read_option(struct machine_boot_option *option, struct bytes value)
{
	uint64_t at = OPTION_DESCRIPTION;
	uint16_t paths_size, unit;
	int r;

	if (!bytes_le16(value, OPTION_PATHS_SIZE, &paths_size))
		return read_options(option, (struct bytes){});
	do {
		if (!bytes_le16(value, at, &unit))
			return read_options(option, (struct bytes){});
		at += 2;
	} while (unit != 0);
	r = set_text(&option->description,
		     part(value, OPTION_DESCRIPTION, at - OPTION_DESCRIPTION));
	if (r == 0)
		r = read_path(option, part(value, at, paths_size));
	at += paths_size;
	if (r == 0)
		r = read_options(option, at < value.size ? part(value, at, value.size - at)
							 : (struct bytes){});
	return r;
}

/* Whether the firmware would take it: it is there, and active, which BootNext need not be. */
static int try_number(struct machine_boot_option *option, const struct root *root, uint16_t number,
		      bool once)
{
	cleanup_free uint8_t *content = NULL;
	struct bytes value = {};
	uint32_t attributes;
	char name[64];
	enum fact fact;
	int r;

	snprintf(name, sizeof(name), "Boot%04X-" EFI_GLOBAL_GUID, number);
	r = machine_efi_variable(&content, &value, &fact, root, name);
	if (r < 0 || fact != FACT_KNOWN || !bytes_le32(value, OPTION_ATTRIBUTES, &attributes) ||
	    !(once || attributes & LOAD_OPTION_ACTIVE))
		return r;
	option->found = true;
	option->once = once;
	option->number = number;
	return read_option(option, value);
}

static int try_list(struct machine_boot_option *option, const struct root *root, const char *name,
		    bool once)
{
	cleanup_free uint8_t *content = NULL;
	struct bytes value = {};
	uint16_t number;
	enum fact fact;
	int r = machine_efi_variable(&content, &value, &fact, root, name);

	for (uint64_t at = 0; r == 0 && !option->found && bytes_le16(value, at, &number); at += 2)
		r = try_number(option, root, number, once);
	return r;
}

int machine_boot_option_read(struct machine_boot_option *option, const struct root *root)
{
	int r;

	*option = (struct machine_boot_option){};
	r = try_list(option, root, "BootNext-" EFI_GLOBAL_GUID, true);
	if (r == 0 && !option->found)
		r = try_list(option, root, "BootOrder-" EFI_GLOBAL_GUID, false);
	if (r < 0)
		machine_boot_option_fini(option);
	return r;
}

void machine_boot_option_fini(struct machine_boot_option *option)
{
	free(option->description);
	free(option->path);
	free(option->options);
	*option = (struct machine_boot_option){};
}
