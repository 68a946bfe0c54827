/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * VMCOREINFO: what a kernel tells of its own structures for those who read its memory later. Lines
 * of text like "SYMBOL(prb)=ffffffff82a5c6a8" (Documentation/admin-guide/kdump/vmcoreinfo.rst).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vmcoreinfo {
	char *text;  /* owned, NUL-terminated; NULL: there is none */
	size_t size; /* without the NUL */
};

/* Copies the text, up to its first NUL. False without memory. */
bool vmcoreinfo_set(struct vmcoreinfo *info, const void *text, size_t size);

void vmcoreinfo_fini(struct vmcoreinfo *info);

/*
 * Numbers under a key: SYMBOL(name), in hexadecimal; OFFSET(name), SIZE(name), LENGTH(name),
 * decimal; NUMBER(name), decimal, perhaps negative, or hexadecimal with 0x. False when it is not
 * there or is no number.
 */
bool vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *value);
bool vmcoreinfo_offset(const struct vmcoreinfo *info, const char *name, uint64_t *value);
bool vmcoreinfo_size(const struct vmcoreinfo *info, const char *name, uint64_t *value);
bool vmcoreinfo_length(const struct vmcoreinfo *info, const char *name, uint64_t *value);
bool vmcoreinfo_number(const struct vmcoreinfo *info, const char *name, uint64_t *value);

/* The value of a key without parentheses (OSRELEASE, CRASHTIME), cut to the room; false when it is
 * not there. */
bool vmcoreinfo_text(const struct vmcoreinfo *info, const char *key, char *value, size_t room);
