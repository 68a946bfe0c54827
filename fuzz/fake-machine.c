/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-machine.h"

#include <string.h>

#include "machine/machine.h"

enum { TORN_RANGES = 200 };

#define RAM(start, end)                                                                            \
	{                                                                                          \
		{(start), (end)}, MEMORY_RAM, "System RAM"                                         \
	}
#define TAKEN(start, end)                                                                          \
	{                                                                                          \
		{(start), (end)}, MEMORY_RESERVED, "Reserved"                                      \
	}
#define MAP(array)                                                                                 \
	{                                                                                          \
		(array), sizeof(array) / sizeof(*(array)), sizeof(array) / sizeof(*(array))        \
	}

static struct region two_gib[] = {
    RAM(0, 0x9fc00),
    TAKEN(0x9fc00, 0x100000),
    RAM(0x100000, 0x3ffe0000),
    TAKEN(0x3ffe0000, 0x40000000),
    RAM(0x100000000, 0x140000000),
};
static struct region two_gib_usable[] = {
    RAM(0x100000, 0x3ffe0000),
    RAM(0x100000000, 0x140000000),
};
static struct region small[] = {RAM(0, 0x9fc00), RAM(0x100000, 0x3000000)};
static struct region small_usable[] = {RAM(0x100000, 0x3000000)};
static struct region last[] = {
    RAM(0x100000, 0x40000000),
    RAM(0xffffffff00000000, UINT64_MAX),
};
static struct region last_usable[] = {
    RAM(0x100000, 0x40000000),
    RAM(0xffffffff00000000, UINT64_MAX),
};
static struct region torn[TORN_RANGES];
static struct region torn_usable[TORN_RANGES];
static struct region efi_tables[] = {
    TAKEN(0x1000000, 0x1010000),
    TAKEN(0x3ffd0000, 0x3ffe0000),
    TAKEN(0x13fff0000, 0x140010000),
};
static struct efi_range efi_ranges[] = {
    {5, 0x3ffe0000, 0xfffffffeffe00000, 16, 0x800000000000000f},
    {6, 0x3fff0000, 0xfffffffefffe0000, 16, 0x800000000000000f},
};

static struct machine machines[FAKE_MACHINE_COUNT] = {
    [FAKE_MACHINE_BIOS] = {.memory = {.firmware = MAP(two_gib), .usable = MAP(two_gib_usable)}},
    [FAKE_MACHINE_EFI] = {.memory = {.firmware = MAP(two_gib), .usable = MAP(two_gib_usable)}},
    [FAKE_MACHINE_TORN] = {.memory = {.firmware = MAP(torn), .usable = MAP(torn_usable)}},
    [FAKE_MACHINE_SMALL] = {.memory = {.firmware = MAP(small), .usable = MAP(small_usable)}},
    [FAKE_MACHINE_LAST] = {.memory = {.firmware = MAP(last), .usable = MAP(last_usable)}},
};

/* 8 MiB each, with a page missing between them; one is large enough for a kernel. */
static void fill_torn(void)
{
	for (uint64_t i = 0; i < TORN_RANGES; i++) {
		uint64_t end = (i + 1) * 0x800000 - 0x1000;

		torn[i] = (struct region)RAM(i * 0x800000, end);
		torn_usable[i] = (struct region)RAM(i ? i * 0x800000 : 0x100000, end);
	}
	torn[TORN_RANGES - 1].range.end += 0x10000000;
	torn_usable[TORN_RANGES - 1].range.end += 0x10000000;
}

static void fill_efi(struct machine_firmware *firmware)
{
	memcpy(firmware->boot_params + 0x1c0, "EL64", 4);
	firmware->efi_fact = FACT_KNOWN;
	firmware->efi_vendor = 0xfffffffeffe18000;
	firmware->efi_runtime = 0xfffffffeffe19000;
	firmware->efi_config_table = 0xfffffffeffe1a000;
	firmware->acpi_rsdp = 0x3ffe1000;
	firmware->efi_ranges = efi_ranges;
	firmware->efi_range_count = sizeof(efi_ranges) / sizeof(*efi_ranges);
	firmware->efi_tables_fact = FACT_KNOWN;
	firmware->efi_tables = (struct map)MAP(efi_tables);
}

static void fill_common(struct machine *machine)
{
	machine->memory.firmware_fact = FACT_KNOWN;
	machine->memory.iomem_fact = FACT_KNOWN;
	machine->memory.total = map_total(&machine->memory.usable);
	machine->memory.available = 64 << 20; /* half of it bounds what a bomb takes */
	strcpy(machine->kernel.release, "6.12.0-fake");
	machine->kernel.privilege_fact = FACT_KNOWN;
	machine->kernel.may_load = true;
	machine->firmware.boot_params_fact = FACT_KNOWN;
	machine->firmware.efi_tables_fact = FACT_ABSENT;
	machine->console.serial_fact = FACT_KNOWN;
	strcpy(machine->console.serial_name, "ttyS0");
	machine->console.serial_port = 0x3f8;
}

const struct machine *fake_machine(unsigned int which)
{
	static bool filled;

	if (!filled) {
		fill_torn();
		for (unsigned int i = 0; i < FAKE_MACHINE_COUNT; i++)
			fill_common(&machines[i]);
		fill_efi(&machines[FAKE_MACHINE_EFI].firmware);
		filled = true;
	}
	return &machines[which % FAKE_MACHINE_COUNT];
}
