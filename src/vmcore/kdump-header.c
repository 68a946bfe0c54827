/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/kdump-header.h"

#include <elf.h>
#include <errno.h>

#include "base/error.h"
#include "vmcore/dump-file.h"

enum {
	VERSION_OFFSET = 8,
	UTSNAME_OFFSET = 12,
	UTSNAME_FIELD_SIZE = 65,
	MACHINE_FIELD = 4,
	HEADER_SIZE = 464,        /* as far as it is read, of the longer form */
	BLOCK_SIZE_MIN = 4 << 10, /* the smallest and the largest page that Linux has */
	BLOCK_SIZE_MAX = 256 << 10,
	SUB_HEADER_SIZE = 104,
};

/* Offsets in disk_dump_header, behind the time in words of the machine. */
struct layout {
	unsigned int status, block_size, sub_header_blocks, bitmap_blocks;
};

static const struct layout layout_32 = {412, 416, 420, 424};
static const struct layout layout_64 = {424, 428, 432, 436};

/* Offsets in kdump_sub_header. i386 aligns 8 bytes to 4. */
struct sub_layout {
	unsigned int split, start, end, vmcoreinfo, vmcoreinfo_size, notes, notes_size, start_64,
	    end_64;
};

static const struct sub_layout sub_layout_386 = {8, 12, 16, 20, 28, 32, 40, 56, 64};
static const struct sub_layout sub_layout_32 = {8, 12, 16, 24, 32, 40, 48, 72, 80};
static const struct sub_layout sub_layout_64 = {12, 16, 24, 32, 40, 48, 56, 80, 88};

struct machine {
	const char *name;
	uint16_t number;
	unsigned int word;
	bool prefix; /* names may go on */
};

static const struct machine machines[] = {
    {"x86_64", EM_X86_64, 8, false},   {"aarch64", EM_AARCH64, 8, true},
    {"arm", EM_ARM, 4, true},          {"i386", EM_386, 4, false},
    {"i486", EM_386, 4, false},        {"i586", EM_386, 4, false},
    {"i686", EM_386, 4, false},        {"ppc64", EM_PPC64, 8, true},
    {"ppc", EM_PPC, 4, false},         {"riscv64", EM_RISCV, 8, false},
    {"riscv32", EM_RISCV, 4, false},   {"s390x", EM_S390, 8, false},
    {"s390", EM_S390, 4, false},       {"loongarch64", 258 /* EM_LOONGARCH */, 8, false},
    {"mips64", EM_MIPS, 8, true},      {"mips", EM_MIPS, 4, true},
    {"sparc64", EM_SPARCV9, 8, false}, {"ia64", EM_IA_64, 8, false},
};

bool kdump_header_recognise(struct bytes head)
{
	return bytes_match(head, 0, "KDUMP   ", 8);
}

uint16_t kdump_machine(const char *name, unsigned int *word)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		const struct machine *machine = &machines[i];
		size_t length = strlen(machine->name);

		if (strncmp(name, machine->name, length) == 0 &&
		    (machine->prefix || name[length] == '\0')) {
			*word = machine->word;
			return machine->number;
		}
	}
	*word = 0;
	return EM_NONE;
}

static bool is_block_size(uint64_t size)
{
	return size >= BLOCK_SIZE_MIN && size <= BLOCK_SIZE_MAX && (size & (size - 1)) == 0;
}

static bool fits(const uint8_t *head, const struct layout *layout, enum byte_order order)
{
	return is_block_size(load_ordered(head + layout->block_size, 4, order)) &&
	       load_ordered(head + layout->sub_header_blocks, 4, order) > 0;
}

/*
 * Nothing tells the size of a word. The machine's name does where it is known and the sizes agree;
 * else the form whose sizes make sense.
 */
static bool find_word(struct kdump_header *header, const uint8_t *head)
{
	bool fits_32 = fits(head, &layout_32, header->order);
	bool fits_64 = fits(head, &layout_64, header->order);
	unsigned int word;

	kdump_machine(header->machine, &word);
	if ((word == 4 && fits_32) || !fits_64)
		header->word = 4;
	else
		header->word = 8;
	return fits_32 || fits_64;
}

static int wrong(const struct dump_file *file, const char *what, struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, "read", dump_file_name(file), "%s", what);
}

/* A version is a small number in the order of the machine. */
static bool find_version(struct kdump_header *header, const uint8_t *head)
{
	uint64_t little = load_le(head + VERSION_OFFSET, 4);
	uint64_t big = load_be(head + VERSION_OFFSET, 4);

	header->order = little <= big ? ORDER_LITTLE : ORDER_BIG;
	if (little == 0 && !fits(head, &layout_32, ORDER_LITTLE) &&
	    !fits(head, &layout_64, ORDER_LITTLE))
		header->order = ORDER_BIG; /* version 0 reads the same both ways, sizes do not */
	header->version = (uint32_t)(little <= big ? little : big);
	return header->version <= KDUMP_VERSION_MAX;
}

static int read_main(struct kdump_header *header, const uint8_t *head, const struct dump_file *file,
		     struct error *error)
{
	const struct layout *layout;

	if (!find_version(header, head))
		return error_add(error, ERROR_UNSUPPORTED, 0, "read", dump_file_name(file),
				 "it is a kdump-compressed dump of version %u; versions up to %d "
				 "are known",
				 header->version, KDUMP_VERSION_MAX);
	memcpy(header->machine, head + UTSNAME_OFFSET + MACHINE_FIELD * UTSNAME_FIELD_SIZE,
	       KDUMP_MACHINE_SIZE);
	if (!find_word(header, head))
		return wrong(file, "corrupt: the sizes in its header make no sense", error);
	layout = header->word == 4 ? &layout_32 : &layout_64;
	header->status = (uint32_t)load_ordered(head + layout->status, 4, header->order);
	header->block_size = load_ordered(head + layout->block_size, 4, header->order);
	header->sub_header_blocks =
	    load_ordered(head + layout->sub_header_blocks, 4, header->order);
	header->bitmap_blocks = load_ordered(head + layout->bitmap_blocks, 4, header->order);
	return 0;
}

static const struct sub_layout *sub_layout(const struct kdump_header *header)
{
	unsigned int word;

	if (header->word == 8)
		return &sub_layout_64;
	return kdump_machine(header->machine, &word) == EM_386 ? &sub_layout_386 : &sub_layout_32;
}

static void read_sub(struct kdump_header *header, const uint8_t *sub)
{
	const struct sub_layout *layout = sub_layout(header);
	unsigned int word = header->word;
	enum byte_order order = header->order;

	header->phys_base = load_ordered(sub, word, order);
	if (header->version >= 2 && load_ordered(sub + layout->split, 4, order)) {
		header->split = true;
		header->first_page = load_ordered(sub + layout->start, word, order);
		header->end_page = load_ordered(sub + layout->end, word, order);
	}
	if (header->version >= 3) {
		header->vmcoreinfo_offset = load_ordered(sub + layout->vmcoreinfo, 8, order);
		header->vmcoreinfo_size = load_ordered(sub + layout->vmcoreinfo_size, word, order);
	}
	if (header->version >= 4) {
		header->notes_offset = load_ordered(sub + layout->notes, 8, order);
		header->notes_size = load_ordered(sub + layout->notes_size, word, order);
	}
	if (header->version >= 6 && header->split) {
		header->first_page = load_ordered(sub + layout->start_64, 8, order);
		header->end_page = load_ordered(sub + layout->end_64, 8, order);
	}
}

int kdump_header_read(struct kdump_header *header, const struct dump_file *file,
		      struct error *error)
{
	uint8_t head[HEADER_SIZE], sub[SUB_HEADER_SIZE];
	int r = dump_file_read(file, 0, head, sizeof(head), error);

	*header = (struct kdump_header){};
	if (r == 0)
		r = read_main(header, head, file, error);
	if (r == 0)
		r = dump_file_read(file, header->block_size, sub, sizeof(sub), error);
	if (r == 0)
		read_sub(header, sub);
	return r;
}
