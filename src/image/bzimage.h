/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The x86 bzImage: reading and checking its setup header.
 *
 * Source for all fields: Documentation/arch/x86/boot.rst in the kernel. The header is copied from
 * the file once, checked here, and only this struct is used afterwards.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct error;

/* Offsets in the file's first sectors, which are also offsets in struct boot_params. */
enum {
	SETUP_HEADER_START = 0x1f1,
	SETUP_HEADER_MAX_END = 0x290, /* edd_mbr_sig_buffer follows in struct boot_params */
	BZIMAGE_HEAD_SIZE = 0x400,    /* what bzimage_read() wants to see of the file */
	/* The entries, from the start of the protected-mode part. */
	BZIMAGE_ENTRY_32 = 0,
	BZIMAGE_ENTRY_64 = 0x200,
};

/* Bits of loadflags and xloadflags (asm/bootparam.h, asm/setup.h). */
enum {
	BZIMAGE_LOADED_HIGH = 1 << 0,
	BZIMAGE_KASLR = 1 << 1, /* for the kernel: its addresses were randomised */
	BZIMAGE_XLF_KERNEL_64 = 1 << 0,
	BZIMAGE_XLF_ABOVE_4G = 1 << 1,
	BZIMAGE_XLF_EFI_KEXEC = 1 << 4,
	BZIMAGE_XLF_5LEVEL = 1 << 5,         /* it can be entered so */
	BZIMAGE_XLF_5LEVEL_ENABLED = 1 << 6, /* it goes on so */
};

struct bzimage {
	uint16_t protocol;   /* 0x020f is 2.15 */
	uint16_t xloadflags; /* 0 before protocol 2.12 */
	bool entry_64; /* it has a 64-bit entry; without one it is entered in protected mode */
	bool relocatable;
	uint64_t kernel_offset;  /* of the protected-mode part in the file */
	uint64_t kernel_size;    /* of that part, without what is appended to the file */
	uint64_t payload_offset; /* of the compressed kernel in that part */
	uint64_t payload_size;   /* 0: it has none */
	uint64_t alignment;      /* wanted for the load address: a power of two, at least 4096 */
	uint64_t preferred_address;
	uint64_t initrd_max; /* highest address of an initrd's last byte, for kernels that want
			      * everything below 4 GiB */
	uint64_t init_size;  /* memory needed from the load address on until the kernel runs */
	uint32_t command_line_max;                                 /* characters, without the NUL */
	uint8_t header[SETUP_HEADER_MAX_END - SETUP_HEADER_START]; /* as in the file */
	uint8_t header_size; /* bytes of it that the file's own length byte claims */
	char version[80];    /* the kernel's version text, empty when there is none */
};

/* Whether the file's first bytes say that it is a bzImage (or an old zImage), intact or not. */
bool bzimage_recognise(struct bytes head);

/*
 * Reads the header. `head` is the file's start, up to BZIMAGE_HEAD_SIZE bytes; `file_size` its
 * length; `name` for messages. Checks every field that placing and entering the kernel rely on.
 * The version text may lie behind `head`; bzimage_version_offset() says where, or 0. Returns 0 or a
 * negative errno with a failure added.
 */
int bzimage_read(struct bzimage *image, struct bytes head, uint64_t file_size, const char *name,
		 struct error *error);
uint64_t bzimage_version_offset(struct bytes head);
