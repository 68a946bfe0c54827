/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "machine/iomem.h"
#include "machine/memory-limit.h"
#include "machine/numbered.h"
#include "machine/poison.h"
#include "machine/withheld.h"

/* Below 1 MiB lie the firmware's data areas and the next kernel's own real-mode trampoline. */
#define LOWEST_DESTINATION UINT64_C(0x100000)

#define FIRMWARE_RANGES_MAX 65536

/* As in e820_type_to_string(), arch/x86/kernel/e820.c; older kernels wrote some in lower case. */
enum memory_type memory_type_from_name(const char *name)
{
	static const struct {
		const char *name;
		enum memory_type type;
	} names[] = {
	    {"System RAM", MEMORY_RAM},
	    {"ACPI Tables", MEMORY_ACPI_TABLES},
	    {"ACPI Non-volatile Storage", MEMORY_ACPI_NVS},
	    {"Unusable memory", MEMORY_UNUSABLE},
	    {"Persistent Memory", MEMORY_PERSISTENT},
	    {"Persistent Memory (legacy)", MEMORY_PERSISTENT_LEGACY},
	    {"Soft Reserved", MEMORY_SOFT_RESERVED},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcasecmp(names[i].name, name) == 0)
			return names[i].type;
	return MEMORY_RESERVED;
}

/* One folder /sys/firmware/memmap/N: start and end (inclusive) in hexadecimal, and a type. */
static enum fact firmware_read_range(const struct root *root, uint64_t index, struct range *range,
				     char *type, size_t type_size)
{
	char path[64];
	uint64_t last;
	enum fact fact;

	snprintf(path, sizeof(path), "/sys/firmware/memmap/%" PRIu64 "/start", index);
	fact = root_read_number(root, path, 16, &range->start);
	if (fact != FACT_KNOWN)
		return fact;
	snprintf(path, sizeof(path), "/sys/firmware/memmap/%" PRIu64 "/end", index);
	if (root_read_number(root, path, 16, &last) != FACT_KNOWN)
		return FACT_UNREADABLE;
	snprintf(path, sizeof(path), "/sys/firmware/memmap/%" PRIu64 "/type", index);
	if (root_read_line(root, path, type, type_size) != FACT_KNOWN)
		return FACT_UNREADABLE;
	if (last < range->start || last == UINT64_MAX)
		return FACT_UNREADABLE;
	range->end = last + 1;
	return FACT_KNOWN;
}

static int firmware_read(struct machine_memory *memory, const struct root *root)
{
	cleanup_free uint64_t *indexes = NULL;
	size_t count;
	int r =
	    numbered_list(root, "/sys/firmware/memmap", "", FIRMWARE_RANGES_MAX, &indexes, &count);

	if (r == -ENOMEM)
		return r;
	memory->firmware_fact = r < 0 && r != -ENOENT ? FACT_UNREADABLE
				: r == 0 && count > 0 ? FACT_KNOWN
						      : FACT_ABSENT;
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct range range;
		char type[64];

		if (firmware_read_range(root, indexes[i], &range, type, sizeof(type)) !=
		    FACT_KNOWN) {
			memory->firmware_fact = FACT_UNREADABLE;
			break;
		}
		r = map_add(&memory->firmware, range, memory_type_from_name(type), type);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The running kernel's own image may be overwritten; whatever else lies inside RAM may not. */
static bool is_overwritable_child(const char *name)
{
	return strncmp(name, "Kernel ", 7) == 0;
}

/* All RAM, and what of it is taken. */
static int iomem_parse(struct map *ram, struct map *taken, const char *text, enum fact *fact)
{
	bool in_ram = false, any_line = false, any_address = false;

	for (const char *line = text; *line;
	     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		struct range range;
		char name[128];
		size_t depth;
		int r = 0;

		if (!iomem_line_parse(line, &depth, &range, name, sizeof(name)))
			continue;
		any_line = true;
		if (range.end > 1)
			any_address = true;
		if (depth == 0) {
			in_ram = strcmp(name, "System RAM") == 0;
			if (in_ram)
				r = map_add(ram, range, MEMORY_RAM, name);
		} else if (in_ram && !is_overwritable_child(name)) {
			r = map_add(taken, range, 0, NULL);
		}
		if (r < 0)
			return r;
	}
	*fact = !any_line ? FACT_ABSENT : any_address ? FACT_KNOWN : FACT_UNREADABLE;
	return 0;
}

int iomem_parse_usable(struct map *usable, const char *text, enum fact *fact)
{
	cleanup_with(map_fini) struct map taken = {};
	int r = iomem_parse(usable, &taken, text, fact);

	return r < 0 ? r : map_subtract_all(usable, &taken);
}

static int usable_read(struct machine_memory *memory, const struct root *root)
{
	cleanup_with(map_fini) struct map ram = {}, firmware_ram = {};
	cleanup_free char *text = NULL;
	size_t size;
	int r;

	memory->iomem_fact = FACT_UNREADABLE;
	r = root_read(root, "/proc/iomem", 16 << 20, &text, &size);
	if (r == -ENOENT)
		memory->iomem_fact = FACT_ABSENT;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = iomem_parse_usable(&ram, text, &memory->iomem_fact);
	if (r < 0 || memory->iomem_fact != FACT_KNOWN)
		return r;
	r = map_subtract(&ram, (struct range){0, LOWEST_DESTINATION});
	for (size_t i = 0; r == 0 && i < memory->firmware.count; i++) {
		const struct region *region = &memory->firmware.regions[i];

		if (region->type == MEMORY_RAM)
			r = map_add(&firmware_ram, region->range, region->type, region->name);
	}
	map_normalise(&firmware_ram);
	if (r == 0)
		r = map_intersect(&memory->usable, &ram, &firmware_ram);
	map_normalise(&memory->usable);
	if (r == 0)
		r = withheld_subtract(&memory->usable, root);
	if (r == 0)
		r = poison_subtract(&memory->usable, root, &memory->poison_fact);
	return r;
}

static uint64_t meminfo_bytes(const char *text, const char *name)
{
	const char *line = strstr(text, name);
	uint64_t kib = 0;

	if (!line || sscanf(line + strlen(name), " %" SCNu64 " kB", &kib) != 1)
		return 0;
	return kib * 1024;
}

static int totals_read(struct machine_memory *memory, const struct root *root)
{
	cleanup_free char *text = NULL;
	uint64_t room;
	size_t size;
	int r;

	r = root_read(root, "/proc/meminfo", 1 << 20, &text, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	memory->total = meminfo_bytes(text, "MemTotal:");
	memory->available = meminfo_bytes(text, "MemAvailable:");
	r = memory_limit_read(&room, root);
	if (r == 0 && room < memory->available)
		memory->available = room > PAGE_BYTES ? room : PAGE_BYTES; /* 0 is unknown */
	return r;
}

int machine_memory_read(struct machine_memory *memory, const struct root *root, struct error *error)
{
	int r;

	*memory = (struct machine_memory){};
	r = firmware_read(memory, root);
	if (r == 0)
		r = usable_read(memory, root);
	if (r == 0)
		r = totals_read(memory, root);
	if (r < 0) {
		machine_memory_fini(memory);
		return error_memory(error, "read the memory map");
	}
	return 0;
}

void machine_memory_fini(struct machine_memory *memory)
{
	map_fini(&memory->firmware);
	map_fini(&memory->usable);
}
