/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/recognise.h"

#include <elf.h>
#include <stddef.h>

#include "image/bzimage.h"
#include "image/unwrap/formats.h"

struct signature {
	uint16_t offset;
	uint8_t length;
	const char *bytes;
	const char *description;
};

/* First match wins: the narrower pattern stands before the wider. */
static const struct signature signatures[] = {
    {4, 4, "zimg", "an EFI zboot kernel (compressed, for arm64, riscv or loongarch)"},
    {56, 4, "ARM\x64", "an arm64 kernel Image"},
    {56, 4, "RSC\x05", "a riscv kernel Image"},
    {0, 4,
     "\x7f"
     "ELF",
     "an ELF file (perhaps a vmlinux)"},
    {0, 6, "070701", "a cpio archive (an initrd?)"},
    {0, 6, "070702", "a cpio archive (an initrd?)"},
    {0, 4, "\xd0\x0d\xfe\xed", "a device tree or a FIT image"},
    {0, 4, "\x27\x05\x19\x56", "a U-Boot uImage"},
    {0, 8, "!<arch>\n", "an archive of ar (a Debian package?)"},
};

/* e_machine of little-endian ELF files that somebody may take for a kernel here. */
static const struct {
	uint16_t machine;
	const char *description;
} elf_machines[] = {
    {EM_386, "an ELF file for 32-bit x86 (perhaps a vmlinux)"},
    {EM_ARM, "an ELF file for 32-bit arm"},
    {EM_X86_64, "an ELF file for x86-64 (perhaps a vmlinux)"},
    {EM_AARCH64, "an ELF file for arm64"},
    {EM_RISCV, "an ELF file for riscv"},
    {EM_LOONGARCH, "an ELF file for loongarch"},
    {EM_PPC64, "an ELF file for ppc64le"},
};

static const char *elf_description(struct bytes head)
{
	uint16_t machine;

	if (!bytes_match(head, 0, ELFMAG, SELFMAG) ||
	    !bytes_le16(head, offsetof(Elf64_Ehdr, e_machine), &machine))
		return NULL;
	for (size_t i = 0; i < sizeof(elf_machines) / sizeof(*elf_machines); i++)
		if (elf_machines[i].machine == machine)
			return elf_machines[i].description;
	return NULL;
}

/* "Machine Types" in Microsoft's PE Format. */
static const struct {
	uint16_t machine;
	const char *description;
} efi_machines[] = {
    {0x014c, "an EFI program for 32-bit x86 (perhaps a unified kernel image)"},
    {0x01c0, "an EFI program for 32-bit arm (perhaps a unified kernel image)"},
    {0x01c2, "an EFI program for 32-bit arm (perhaps a unified kernel image)"},
    {0x01c4, "an EFI program for 32-bit arm (perhaps a unified kernel image)"},
    {0x5032, "an EFI program for 32-bit riscv (perhaps a unified kernel image)"},
    {0x5064, "an EFI program for riscv (perhaps a unified kernel image)"},
    {0x6232, "an EFI program for 32-bit loongarch (perhaps a unified kernel image)"},
    {0x6264, "an EFI program for loongarch (perhaps a unified kernel image)"},
    {0x8664, "an EFI program for x86-64 (perhaps a unified kernel image)"},
    {0xaa64, "an EFI program for arm64 (perhaps a unified kernel image)"},
};

/* The PE header, whose place is at offset 0x3c, may lie behind the head. */
static const char *efi_description(struct bytes head)
{
	uint32_t header;
	uint16_t machine;

	if (!bytes_match(head, 0, "MZ", 2))
		return NULL;
	if (bytes_le32(head, 0x3c, &header) && bytes_match(head, header, "PE\0\0", 4) &&
	    bytes_le16(head, header + UINT64_C(4), &machine))
		for (size_t i = 0; i < sizeof(efi_machines) / sizeof(*efi_machines); i++)
			if (efi_machines[i].machine == machine)
				return efi_machines[i].description;
	return "an EFI program (perhaps a unified kernel image)";
}

static bool looks_like_text(struct bytes head)
{
	for (uint64_t i = 0; i < head.size; i++) {
		uint8_t c = head.data[i];

		if (c < 0x20 && c != '\n' && c != '\t' && c != '\r' && c != '\f')
			return false;
		if (c == 0x7f)
			return false;
	}
	return head.size > 0;
}

static bool is_all_zero(struct bytes head)
{
	for (uint64_t i = 0; i < head.size; i++)
		if (head.data[i])
			return false;
	return true;
}

struct recognised recognise(struct bytes head)
{
	const struct format *format = format_find(head);

	if (bzimage_recognise(head))
		return (struct recognised){IMAGE_BZIMAGE, "an x86 bzImage"};
	if (elf_description(head))
		return (struct recognised){IMAGE_UNKNOWN, elf_description(head)};
	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++)
		if (bytes_match(head, signatures[i].offset, signatures[i].bytes,
				signatures[i].length))
			return (struct recognised){IMAGE_UNKNOWN, signatures[i].description};
	if (efi_description(head))
		return (struct recognised){IMAGE_UNKNOWN, efi_description(head)};
	if (format)
		return (struct recognised){IMAGE_UNKNOWN, format->description};
	if (is_all_zero(head))
		return (struct recognised){IMAGE_UNKNOWN, "nothing but zeros at its start"};
	if (looks_like_text(head))
		return (struct recognised){IMAGE_UNKNOWN, "text"};
	return (struct recognised){IMAGE_UNKNOWN, "data of no known format"};
}
