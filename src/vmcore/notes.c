/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/notes.h"

#include "vmcore/vmcoreinfo.h"

enum { NOTE_HEADER_SIZE = 12, NOTE_TYPE_VMCOREINFO = 0 };

static uint64_t padded(uint64_t size)
{
	return (size + 3) & ~(uint64_t)3;
}

bool notes_find_vmcoreinfo(struct bytes notes, enum byte_order order, struct vmcoreinfo *info)
{
	static const char name[] = "VMCOREINFO";
	uint64_t name_size, text_size, type;

	for (uint64_t at = 0; !info->text; at += padded(text_size)) {
		uint64_t name_at = at + NOTE_HEADER_SIZE;

		if (!bytes_number(notes, at, 4, order, &name_size) ||
		    !bytes_number(notes, at + 4, 4, order, &text_size) ||
		    !bytes_number(notes, at + 8, 4, order, &type))
			return true;
		at = name_at + padded(name_size);
		if (!bytes_have(notes, at, text_size))
			return true;
		if (type == NOTE_TYPE_VMCOREINFO && text_size > 0 && name_size == sizeof(name) &&
		    bytes_match(notes, name_at, name, sizeof(name)) &&
		    !vmcoreinfo_set(info, notes.data + at, text_size))
			return false;
	}
	return true;
}
