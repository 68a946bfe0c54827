/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/newc-walk.h"

#include <string.h>
#include <sys/stat.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/range.h"
#include "image/initrd-content.h"

enum {
	HEADER_SIZE = 110, /* 6 characters of magic, 13 fields of 8 hexadecimal digits */
	FIELD_MODE = 1,
	FIELD_FILE_SIZE = 6,
	FIELD_NAME_SIZE = 11,
	NAME_MAX_SIZE = 4096, /* PATH_MAX, also for a link's target */
	/* A header and the first bytes of the name: enough for the names below. */
	HEAD_SIZE = HEADER_SIZE + 32,
};

/* What find_cpio_data() is asked for (arch/x86/kernel/cpu/microcode, drivers/acpi/tables.c). */
static const char *const early_names[] = {"kernel/x86/microcode/", "kernel/firmware/acpi/"};

bool newc_begins(const uint8_t *head, uint64_t size)
{
	return size >= 6 && (memcmp(head, "070701", 6) == 0 || memcmp(head, "070702", 6) == 0);
}

static bool field(const uint8_t *head, unsigned int index, uint64_t *value)
{
	const uint8_t *digits = head + 6 + index * 8;

	*value = 0;
	for (unsigned int i = 0; i < 8; i++) {
		static const char all[] = "0123456789abcdef";
		int c = digits[i] >= 'A' && digits[i] <= 'F' ? digits[i] + 'a' - 'A' : digits[i];
		const char *at = c ? strchr(all, c) : NULL;

		if (!at)
			return false;
		*value = *value << 4 | (uint64_t)(at - all);
	}
	return true;
}

static bool is_for_early_boot(const uint8_t *head, uint64_t mode, uint64_t name_size)
{
	for (size_t i = 0; i < sizeof(early_names) / sizeof(*early_names); i++)
		if (S_ISREG(mode) && name_size > strlen(early_names[i]) &&
		    memcmp(head + HEADER_SIZE, early_names[i], strlen(early_names[i])) == 0)
			return true;
	return false;
}

struct entry {
	uint64_t mode, file_size, name_size;
	bool early;
};

/* The offset behind the entry that begins with `head`; 0 when there is none, or one that the kernel
 * takes in another way than its header says. */
static uint64_t entry_end(const uint8_t *head, uint64_t offset, uint64_t size, struct entry *entry)
{
	uint64_t mode, file_size, name_size, end;

	for (unsigned int i = 0; i < 13; i++)
		if (!field(head, i, &end))
			return 0;
	field(head, FIELD_MODE, &mode);
	field(head, FIELD_FILE_SIZE, &file_size);
	field(head, FIELD_NAME_SIZE, &name_size);
	if (name_size == 0 || name_size > NAME_MAX_SIZE ||
	    (S_ISLNK(mode) && file_size > NAME_MAX_SIZE) ||
	    (!S_ISLNK(mode) && !S_ISREG(mode) && file_size > 0))
		return 0;
	/* All of it is below 2^34 behind an offset inside a file: this cannot wrap. */
	align_up(offset + HEADER_SIZE + name_size, NEWC_WALK_ALIGNMENT, &end);
	align_up(end + file_size, NEWC_WALK_ALIGNMENT, &end);
	*entry =
	    (struct entry){mode, file_size, name_size, is_for_early_boot(head, mode, name_size)};
	return end <= size ? end : 0;
}

static int visit(const struct newc_visitor *visitor, const struct blob *blob, uint64_t offset,
		 const struct entry *entry, struct error *error)
{
	char name[NAME_MAX_SIZE + 1];
	int r = blob_read(blob, offset + HEADER_SIZE, name, (size_t)entry->name_size, error);

	if (r < 0)
		return r;
	name[entry->name_size] = '\0';
	return visitor->visit(visitor->context,
			      &(struct newc_walk_entry){name, entry->mode, entry->file_size});
}

int newc_walk(struct newc_walk *walk, const struct blob *blob, uint64_t start, uint64_t size,
	      struct error *error)
{
	return newc_walk_with(walk, blob, start, size, NULL, error);
}

int newc_walk_with(struct newc_walk *walk, const struct blob *blob, uint64_t start, uint64_t size,
		   const struct newc_visitor *visitor, struct error *error)
{
	*walk = (struct newc_walk){.end = start, .next = start};
	for (;;) {
		uint64_t end, left = size - walk->next;
		uint8_t head[HEAD_SIZE] = {};
		struct entry entry;
		int r = blob_read(blob, walk->next, head,
				  left < sizeof(head) ? (size_t)left : sizeof(head), error);

		if (r == 0 && left > 0 && head[0] == 0 && walk->end > start) {
			r = initrd_skip_zeros(blob, size, &walk->next, error);
			if (r == 0)
				continue;
		}
		if (r < 0)
			return r;
		if (left < HEADER_SIZE || !newc_begins(head, left) ||
		    (walk->next - start) % NEWC_WALK_ALIGNMENT != 0)
			break;
		end = entry_end(head, walk->next - start, size - start, &entry);
		if (end == 0)
			break;
		if (visitor)
			r = visit(visitor, blob, walk->next, &entry, error);
		if (r < 0)
			return r;
		walk->for_early_boot = walk->for_early_boot || entry.early;
		walk->end = walk->next = start + end;
	}
	walk->whole = walk->next == size && walk->end > start;
	return 0;
}
