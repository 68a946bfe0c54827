/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PE files, as far as unified kernel images need it: which machine, and where the sections lie in
 * the file. Source: Microsoft's PE Format, "COFF File Header" and "Section Table"; UAPI.5 for what
 * the sections of a unified kernel image are called.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
	PE_HEAD_SIZE = 65536, /* what pe_read() wants to see of the file */
	PE_SECTIONS_MAX = 512,
	PE_NAME_SIZE = 8,
};

struct pe_section {
	char name[PE_NAME_SIZE + 1]; /* ".linux"; longer names are not in image files */
	uint64_t offset, size;       /* its bytes in the file, without what only fills them up */
};

struct pe {
	uint16_t machine; /* IMAGE_FILE_MACHINE_…: 0x8664 */
	size_t count;
	struct pe_section sections[PE_SECTIONS_MAX];
};

/*
 * Reads the headers. `head` is the file's start: PE_HEAD_SIZE bytes of it, or all when it is
 * shorter. NULL, or why it is no such file, in plain words.
 */
const char *pe_read(struct pe *pe, struct bytes head, uint64_t file_size);

/* The machine by its EFI name, as in "BOOTx64.EFI": "x64", "aa64"; NULL: none of ours. */
const char *pe_architecture(uint16_t machine);

/*
 * A section of a unified kernel image, for one of its profiles (UAPI.5, "Multi-Profile UKIs"):
 * those before the first .profile are the base, which each profile's own sections replace. Of
 * several with one name the first one counts. NULL: there is none. Profile 0 is also there where
 * none is described.
 */
const struct pe_section *pe_find(const struct pe *pe, unsigned int profile, const char *name);

/* How many profiles there are: at least 1. */
unsigned int pe_profiles(const struct pe *pe);
