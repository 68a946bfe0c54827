/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/bzimage.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/range.h"

enum {
	OFFSET_SETUP_SECTS = 0x1f1,
	OFFSET_SYSSIZE = 0x1f4,
	OFFSET_BOOT_FLAG = 0x1fe,
	OFFSET_JUMP_LENGTH = 0x201,
	OFFSET_MAGIC = 0x202,
	OFFSET_PROTOCOL = 0x206,
	OFFSET_KERNEL_VERSION = 0x20e,
	OFFSET_LOADFLAGS = 0x211,
	OFFSET_INITRD_ADDR_MAX = 0x22c,
	OFFSET_KERNEL_ALIGNMENT = 0x230,
	OFFSET_RELOCATABLE = 0x234,
	OFFSET_XLOADFLAGS = 0x236,
	OFFSET_CMDLINE_SIZE = 0x238,
	OFFSET_PAYLOAD_OFFSET = 0x248,
	OFFSET_PAYLOAD_LENGTH = 0x24c,
	OFFSET_PREF_ADDRESS = 0x258,
	OFFSET_INIT_SIZE = 0x260,

	SECTOR_SIZE = 512,
	PARAGRAPH_SIZE = 16,
	SETUP_SECTS_DEFAULT = 4,  /* what 0 stands for */
	PROTOCOL_OLDEST = 0x020a, /* 2.10 brought pref_address and init_size */
	PROTOCOL_64_BIT = 0x020c, /* 2.12 brought xloadflags and the 64-bit entry */
	PAGE_SIZE_X86 = 4096,
};

static const char magic[4] = {'H', 'd', 'r', 'S'};

bool bzimage_recognise(struct bytes head)
{
	return bytes_match(head, OFFSET_MAGIC, magic, sizeof(magic));
}

uint64_t bzimage_version_offset(struct bytes head)
{
	uint16_t offset;

	if (!bytes_le16(head, OFFSET_KERNEL_VERSION, &offset) || offset == 0)
		return 0;
	return (uint64_t)offset + SECTOR_SIZE;
}

static int bad(struct error *error, const char *name, const char *field, unsigned int offset,
	       uint64_t value, const char *why)
{
	return error_add(error, ERROR_IMAGE, 0, "read bzImage header", name,
			 "%s at offset 0x%x is 0x%" PRIx64 ": %s", field, offset, value, why);
}

/*
 * The size counts paragraphs of 16 bytes. Linux fills the last one up; memtest86+, which has no
 * payload of its own, does not.
 */
static bool ends_in_last_paragraph(const struct bzimage *image, struct bytes head,
				   uint64_t file_size)
{
	uint32_t payload_length = 0;

	return bytes_le32(head, OFFSET_PAYLOAD_LENGTH, &payload_length) && payload_length == 0 &&
	       image->kernel_offset + image->kernel_size - file_size < PARAGRAPH_SIZE;
}

/* The size that the header gives must be there. */
static int read_sizes(struct bzimage *image, struct bytes head, uint64_t file_size,
		      const char *name, struct error *error)
{
	uint8_t sectors = 0;
	uint32_t paragraphs = 0;

	if (!bytes_u8(head, OFFSET_SETUP_SECTS, &sectors) ||
	    !bytes_le32(head, OFFSET_SYSSIZE, &paragraphs))
		return bad(error, name, "setup_sects", OFFSET_SETUP_SECTS, 0, "the file ends here");
	if (sectors == 0)
		sectors = SETUP_SECTS_DEFAULT;
	if (paragraphs == 0)
		return bad(error, name, "syssize", OFFSET_SYSSIZE, 0, "there would be no kernel");
	image->kernel_offset = (sectors + UINT64_C(1)) * SECTOR_SIZE;
	image->kernel_size = (uint64_t)paragraphs * PARAGRAPH_SIZE;
	if (image->kernel_offset + image->kernel_size <= file_size)
		return 0;
	if (!ends_in_last_paragraph(image, head, file_size))
		return error_add(error, ERROR_IMAGE, 0, "read bzImage header", name,
				 "the file is truncated: it ends at offset %" PRIu64
				 ", and its header (setup_sects, syssize) needs %" PRIu64 " bytes",
				 file_size, image->kernel_offset + image->kernel_size);
	image->kernel_size = file_size - image->kernel_offset;
	return 0;
}

static int read_payload(struct bzimage *image, struct bytes head, const char *name,
			struct error *error)
{
	uint32_t offset = 0, length = 0;

	if (!bytes_le32(head, OFFSET_PAYLOAD_OFFSET, &offset) ||
	    !bytes_le32(head, OFFSET_PAYLOAD_LENGTH, &length))
		return bad(error, name, "payload_offset", OFFSET_PAYLOAD_OFFSET, 0,
			   "the file ends here");
	if ((uint64_t)offset + length > image->kernel_size)
		return bad(error, name, "payload_length", OFFSET_PAYLOAD_LENGTH, length,
			   "the compressed kernel would end behind the image");
	image->payload_offset = offset;
	image->payload_size = length;
	return 0;
}

static int read_placement(struct bzimage *image, struct bytes head, const char *name,
			  struct error *error)
{
	uint32_t alignment = 0, init_size = 0, initrd_max = 0;
	uint8_t relocatable = 0;

	if (!bytes_le32(head, OFFSET_INITRD_ADDR_MAX, &initrd_max) ||
	    !bytes_le32(head, OFFSET_KERNEL_ALIGNMENT, &alignment) ||
	    !bytes_u8(head, OFFSET_RELOCATABLE, &relocatable) ||
	    !bytes_le64(head, OFFSET_PREF_ADDRESS, &image->preferred_address) ||
	    !bytes_le32(head, OFFSET_INIT_SIZE, &init_size))
		return bad(error, name, "init_size", OFFSET_INIT_SIZE, 0, "the file ends here");
	if (!is_power_of_two(alignment) || alignment < PAGE_SIZE_X86)
		return bad(error, name, "kernel_alignment", OFFSET_KERNEL_ALIGNMENT, alignment,
			   "it must be a power of two and at least 4096");
	if (init_size < image->kernel_size)
		return bad(error, name, "init_size", OFFSET_INIT_SIZE, init_size,
			   "it must be at least the size of the image itself");
	if (!relocatable && image->preferred_address % PAGE_SIZE_X86)
		return bad(error, name, "pref_address", OFFSET_PREF_ADDRESS,
			   image->preferred_address, "it must be a multiple of 4096");
	image->relocatable = relocatable != 0;
	image->alignment = alignment;
	image->init_size = init_size;
	image->initrd_max = initrd_max;
	return 0;
}

static int read_protocol(struct bzimage *image, struct bytes head, const char *name,
			 struct error *error)
{
	uint16_t boot_flag = 0;
	uint8_t loadflags = 0;

	if (!bytes_le16(head, OFFSET_BOOT_FLAG, &boot_flag) || boot_flag != 0xaa55)
		return bad(error, name, "boot_flag", OFFSET_BOOT_FLAG, boot_flag,
			   "it must be 0xaa55");
	if (!bytes_le16(head, OFFSET_PROTOCOL, &image->protocol) ||
	    !bytes_u8(head, OFFSET_LOADFLAGS, &loadflags))
		return bad(error, name, "version", OFFSET_PROTOCOL, 0, "the file ends here");
	if (!(loadflags & BZIMAGE_LOADED_HIGH))
		return bad(error, name, "loadflags", OFFSET_LOADFLAGS, loadflags,
			   "this is a zImage, which loads below 1 MiB");
	if (image->protocol < PROTOCOL_OLDEST)
		return bad(error, name, "version", OFFSET_PROTOCOL, image->protocol,
			   "boot protocol 2.10 (kernel 2.6.31) is the oldest that can be loaded");
	if (!bytes_le16(head, OFFSET_XLOADFLAGS, &image->xloadflags) ||
	    !bytes_le32(head, OFFSET_CMDLINE_SIZE, &image->command_line_max))
		return bad(error, name, "xloadflags", OFFSET_XLOADFLAGS, 0, "the file ends here");
	if (image->protocol < PROTOCOL_64_BIT)
		image->xloadflags = 0;
	image->entry_64 = image->xloadflags & BZIMAGE_XLF_KERNEL_64;
	return 0;
}

static int copy_header(struct bzimage *image, struct bytes head, const char *name,
		       struct error *error)
{
	uint8_t jump = 0;
	uint64_t end;

	if (!bytes_u8(head, OFFSET_JUMP_LENGTH, &jump))
		return bad(error, name, "jump", OFFSET_JUMP_LENGTH, 0, "the file ends here");
	end = (uint64_t)OFFSET_MAGIC + jump;
	if (end < OFFSET_INIT_SIZE + 4)
		return bad(error, name, "jump", OFFSET_JUMP_LENGTH, jump,
			   "the header would end before its field init_size");
	if (end > SETUP_HEADER_MAX_END)
		end = SETUP_HEADER_MAX_END;
	if (!bytes_have(head, SETUP_HEADER_START, end - SETUP_HEADER_START))
		return bad(error, name, "jump", OFFSET_JUMP_LENGTH, jump, "the file ends here");
	image->header_size = (uint8_t)(end - SETUP_HEADER_START);
	memcpy(image->header, head.data + SETUP_HEADER_START, image->header_size);
	return 0;
}

int bzimage_read(struct bzimage *image, struct bytes head, uint64_t file_size, const char *name,
		 struct error *error)
{
	int r;

	*image = (struct bzimage){};
	r = read_protocol(image, head, name, error);
	if (r == 0)
		r = read_sizes(image, head, file_size, name, error);
	if (r == 0)
		r = read_payload(image, head, name, error);
	if (r == 0)
		r = read_placement(image, head, name, error);
	if (r == 0)
		r = copy_header(image, head, name, error);
	return r;
}
