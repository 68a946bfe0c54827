/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/vmcore.h"

#include <errno.h>

#include "vmcore/page-table-x86.h"
#include "vmcore/windows.h"

static void find_ways(struct vmcore *vmcore)
{
	windows_find(vmcore);
	page_table_x86_find(vmcore);
}

int vmcore_open(struct vmcore *vmcore, const char *path, struct error *error)
{
	int r;

	*vmcore = (struct vmcore){};
	r = dump_open(&vmcore->dump, path, error);
	if (r == 0)
		find_ways(vmcore);
	return r;
}

int vmcore_open_blob(struct vmcore *vmcore, struct blob *blob, struct error *error)
{
	int r;

	*vmcore = (struct vmcore){};
	r = dump_open_blob(&vmcore->dump, blob, error);
	if (r == 0)
		find_ways(vmcore);
	return r;
}

void vmcore_close(struct vmcore *vmcore)
{
	if (vmcore->dump.format)
		dump_close(&vmcore->dump);
	*vmcore = (struct vmcore){};
}

static bool lies_in(uint64_t address, uint64_t start, uint64_t size)
{
	return address >= start && address - start < size;
}

static bool find_in_ranges(const struct vmcore *vmcore, uint64_t address, uint64_t *physical,
			   uint64_t *size)
{
	const struct piece *range = pieces_at(&vmcore->dump.ranges, address);

	if (!range)
		return false;
	*physical = range->source + (address - range->start);
	*size = range->end - address;
	return true;
}

static bool find_in_windows(const struct vmcore *vmcore, uint64_t address, uint64_t *physical,
			    uint64_t *size)
{
	for (size_t i = 0; i < vmcore->window_count; i++) {
		const struct window *window = &vmcore->windows[i];

		if (!lies_in(address, window->virtual, window->size))
			continue;
		*physical = window->physical + (address - window->virtual);
		*size = window->size - (address - window->virtual);
		return true;
	}
	return false;
}

bool vmcore_translate(struct vmcore *vmcore, uint64_t address, uint64_t *physical, uint64_t *size,
		      struct error *error)
{
	return find_in_ranges(vmcore, address, physical, size) ||
	       find_in_windows(vmcore, address, physical, size) ||
	       page_table_x86_walk(vmcore, address, physical, size, error);
}

uint64_t vmcore_read(struct vmcore *vmcore, uint64_t address, void *to, uint64_t size,
		     struct error *error)
{
	uint64_t done = 0;

	while (done < size) {
		uint64_t physical, part, has;

		if (address > UINT64_MAX - done ||
		    !vmcore_translate(vmcore, address + done, &physical, &part, error)) {
			error_add(error, ERROR_IMAGE, 0, "translate",
				  dump_file_name(&vmcore->dump.file),
				  "nothing tells where the kernel's address 0x%llx lies in memory",
				  (unsigned long long)(address + done));
			break;
		}
		part = part < size - done ? part : size - done;
		has = dump_read(&vmcore->dump, physical, (uint8_t *)to + done, part, error);
		done += has;
		if (has < part)
			break;
	}
	return done;
}

int vmcore_read_number(struct vmcore *vmcore, uint64_t address, unsigned int width, uint64_t *value,
		       struct error *error)
{
	uint8_t bytes[8];

	if (vmcore_read(vmcore, address, bytes, width, error) < width)
		return -EINVAL;
	*value = load_ordered(bytes, width, vmcore->dump.order);
	return 0;
}

int vmcore_read_pointer(struct vmcore *vmcore, uint64_t address, uint64_t *value,
			struct error *error)
{
	return vmcore_read_number(vmcore, address, vmcore->dump.word, value, error);
}
