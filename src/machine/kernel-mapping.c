/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the kernel maps itself: the program headers of /proc/kcore, an ELF core of the live kernel.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "machine/crash.h"

#define KCORE "/proc/kcore"

/* A PT_LOAD of RAM, which has a physical address; others say -1, or 0 before 4.11. */
struct mapped {
	struct range physical;
	uint64_t virtual;
};

static bool read_header(struct bytes headers, uint64_t offset, struct mapped *mapped)
{
	uint32_t type;
	uint64_t start, size;

	return bytes_le32(headers, offset + offsetof(Elf64_Phdr, p_type), &type) &&
	       type == PT_LOAD &&
	       bytes_le64(headers, offset + offsetof(Elf64_Phdr, p_paddr), &start) &&
	       bytes_le64(headers, offset + offsetof(Elf64_Phdr, p_memsz), &size) &&
	       bytes_le64(headers, offset + offsetof(Elf64_Phdr, p_vaddr), &mapped->virtual) &&
	       size && range_from_size(start, size, &mapped->physical);
}

/* The map of all RAM lies below the kernel's own image on all 64-bit machines. */
static bool find_linear(struct bytes headers, uint64_t first, uint64_t end, const struct map *ram,
			uint64_t *linear)
{
	struct mapped found = {.virtual = UINT64_MAX};

	for (uint64_t at = first; at < end; at += sizeof(Elf64_Phdr)) {
		struct mapped mapped;

		if (read_header(headers, at, &mapped) && map_contains(ram, mapped.physical) &&
		    mapped.virtual < found.virtual)
			found = mapped;
	}
	*linear = found.virtual - found.physical.start;
	return found.virtual != UINT64_MAX;
}

static void find_text(struct kernel_mapping *mapping, struct bytes headers, uint64_t first,
		      uint64_t end, const struct map *ram, uint64_t kernel_start)
{
	for (uint64_t at = first; at < end; at += sizeof(Elf64_Phdr)) {
		struct mapped mapped;

		if (!read_header(headers, at, &mapped) || !map_contains(ram, mapped.physical) ||
		    mapped.virtual - mapped.physical.start == mapping->linear ||
		    kernel_start < mapped.physical.start || kernel_start >= mapped.physical.end)
			continue;
		mapping->text = mapped.physical;
		mapping->text_virtual = mapped.virtual;
		return;
	}
}

static bool parse(struct kernel_mapping *mapping, struct bytes file, const struct map *ram,
		  uint64_t kernel_start)
{
	uint16_t size, count;
	uint64_t first, end;

	if (!bytes_le64(file, offsetof(Elf64_Ehdr, e_phoff), &first) ||
	    !bytes_le16(file, offsetof(Elf64_Ehdr, e_phentsize), &size) ||
	    !bytes_le16(file, offsetof(Elf64_Ehdr, e_phnum), &count) ||
	    size != sizeof(Elf64_Phdr) || !bytes_have(file, first, (uint64_t)count * size))
		return false;
	end = first + (uint64_t)count * size;
	if (!find_linear(file, first, end, ram, &mapping->linear))
		return false;
	find_text(mapping, file, first, end, ram, kernel_start);
	return true;
}

/* Bytes up to the end of the program headers; 0 when it is no 64-bit ELF file of our order. */
static uint64_t headers_end(struct bytes file)
{
	static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB};
	uint64_t first;
	uint16_t count;

	if (!bytes_match(file, 0, ident, sizeof(ident)) ||
	    !bytes_le64(file, offsetof(Elf64_Ehdr, e_phoff), &first) ||
	    !bytes_le16(file, offsetof(Elf64_Ehdr, e_phnum), &count) || first > UINT16_MAX)
		return 0;
	return first + count * (uint64_t)sizeof(Elf64_Phdr);
}

int kernel_mapping_read(struct kernel_mapping *mapping, enum fact *fact, const struct root *root,
			const struct map *ram, uint64_t kernel_start)
{
	cleanup_free char *start = NULL, *content = NULL;
	uint64_t wanted;
	size_t size;
	int r;

	*mapping = (struct kernel_mapping){};
	*fact = FACT_UNREADABLE;
	r = root_read_start(root, KCORE, sizeof(Elf64_Ehdr), &start, &size);
	if (r < 0) {
		*fact = r == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
		return r == -ENOMEM ? r : 0;
	}
	wanted = headers_end((struct bytes){(const uint8_t *)start, size});
	if (!wanted)
		return 0;
	r = root_read_start(root, KCORE, wanted, &content, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (parse(mapping, (struct bytes){(const uint8_t *)content, size}, ram, kernel_start))
		*fact = FACT_KNOWN;
	return 0;
}
