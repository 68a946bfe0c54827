/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine, as /proc, /sys, /dev/mem and a recording's machine.json tell of it. Input: a byte,
 * then parts, as parts.h has them. Byte 'j': one part, machine.json. Any other: the parts
 * that `parts` lists; a part that is missing is a file that is absent.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/physical.h"
#include "base/words.h"
#include "crash/elfcorehdr.h"
#include "crash/memory.h"
#include "crash/words.h"
#include "machine/machine.h"
#include "machine/recorded-facts.h"
#include "machine/scrub.h"
#include "parts.h"
#include "target.h"

enum { MEMMAP_RANGES = 12 };

enum part {
	PART_NUMBERS,  /* a line each: what files of which there are many hold */
	PART_PHYSICAL, /* memory from address 0 on */
	PART_PAGES,    /* a bit a page: the flag of those that are asked for */
	PART_FILES,    /* from here on */
};

static const char *const files[] = {
    "/proc/iomem",
    "/proc/meminfo",
    "/proc/cmdline",
    "/proc/cpuinfo",
    "/proc/self/status",
    "/proc/sys/kernel/osrelease",
    "/sys/kernel/security/lockdown",
    "/sys/kernel/security/ima/policy",
    "/sys/class/tty/console/active",
    "/sys/firmware/efi/systab",
    "/sys/firmware/efi/config_table",
    "/sys/firmware/efi/runtime",
    "/sys/firmware/efi/fw_vendor",
    "/sys/kernel/boot_params/data",
    "/proc/kcore",
    "/sys/kernel/kexec/crash_cma_ranges",
    "/etc/kexec/crash-words.conf",
};

enum { FILES = sizeof(files) / sizeof(*files), PARTS_MAX = PART_FILES + FILES };

struct input {
	unsigned int flags;
	size_t count;
	struct part_bytes parts[PARTS_MAX];
};

/* For files of which there are many, the path chooses a line. */
static size_t line_of(const struct input *input, const char *path, const char **line)
{
	const char *text = (const char *)input->parts[PART_NUMBERS].data;
	size_t size = input->count ? input->parts[PART_NUMBERS].size : 0, lines = 1, wanted = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	for (const char *at = path; *at; at++)
		wanted = wanted * 31 + (unsigned char)*at;
	for (wanted %= lines; wanted > 0; wanted--) {
		size_t length = (size_t)((const char *)memchr(text, '\n', size) - text) + 1;

		text += length;
		size -= length;
	}
	*line = text;
	return size && memchr(text, '\n', size)
		   ? (size_t)((const char *)memchr(text, '\n', size) - text)
		   : size;
}

static int fake_read(void *context, const char *path, size_t limit, char **content, size_t *size)
{
	const struct input *input = context;
	const char *data = NULL;
	size_t length = 0;

	for (size_t i = 0; i < FILES && !data; i++) {
		if (strcmp(path, files[i]) != 0)
			continue;
		if (PART_FILES + i >= input->count)
			return -ENOENT;
		data = (const char *)input->parts[PART_FILES + i].data;
		length = input->parts[PART_FILES + i].size;
	}
	if (!data)
		length = line_of(input, path, &data);
	if (!length && strstr(path, "runtime-map"))
		return -ENOENT; /* the end of the list */
	if (length > limit)
		return -EFBIG;
	*content = malloc(length + 1);
	require(*content);
	memcpy(*content, data, length);
	(*content)[length] = '\0';
	*size = length;
	return 0;
}

static int fake_read_start(void *context, const char *path, size_t limit, char **content,
			   size_t *size)
{
	int r = fake_read(context, path, SIZE_MAX, content, size);

	if (r == 0 && *size > limit)
		*size = limit;
	return r;
}

static char memmap_path[40];

static void remove_memmap_folder(void)
{
	for (unsigned int i = 0; i < MEMMAP_RANGES; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s/%u", memmap_path, i);
		rmdir(name);
	}
	rmdir(memmap_path);
}

/* A folder with the names that /sys/firmware/memmap has. */
static const char *memmap_folder(void)
{
	if (*memmap_path)
		return memmap_path;
	snprintf(memmap_path, sizeof(memmap_path), "/tmp/kexec-fuzz-XXXXXX");
	require(mkdtemp(memmap_path));
	atexit(remove_memmap_folder);
	for (unsigned int i = 0; i < MEMMAP_RANGES; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s/%u", memmap_path, i);
		require(mkdir(name, 0700) == 0);
	}
	return memmap_path;
}

static int fake_open_file(void *context, const char *path, int flags)
{
	const struct input *input = context;
	int fd;

	if (strcmp(path, "/sys/firmware/memmap") != 0 && !(input->flags & 1))
		return -ENOENT;
	fd = open(memmap_folder(), flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int fake_read_physical(void *context, uint64_t address, void *to, size_t size)
{
	const struct input *input = context;
	size_t have = input->count > PART_PHYSICAL ? input->parts[PART_PHYSICAL].size : 0;

	if (address > have || size > have - address)
		return -EIO;
	memcpy(to, input->parts[PART_PHYSICAL].data + address, size);
	return 0;
}

static int fake_find_pages(void *context, struct range bytes, unsigned int flag, struct map *found)
{
	const struct input *input = context;
	size_t size = input->count > PART_PAGES ? input->parts[PART_PAGES].size : 0;

	require(flag == PAGE_FLAG_POISONED && bytes.start < bytes.end);
	for (size_t i = 0; i < 8 * size; i++) {
		struct range page;

		if (!(input->parts[PART_PAGES].data[i / 8] >> (i % 8) & 1))
			continue;
		if (range_from_size(align_down(bytes.start, PAGE_BYTES) + i * PAGE_BYTES,
				    PAGE_BYTES, &page) &&
		    range_overlaps(page, bytes))
			require(map_add(found, page, 0, "") == 0);
	}
	return 0;
}

static const struct root_reader fake_reader = {
    .read = fake_read,
    .read_start = fake_read_start,
    .open_file = fake_open_file,
    .read_physical = fake_read_physical,
    .find_pages = fake_find_pages,
};

static void check_fact(enum fact fact)
{
	require(fact == FACT_KNOWN || fact == FACT_ABSENT || fact == FACT_UNREADABLE);
}

/* Usable is what the firmware calls RAM too, and nothing below 1 MiB, and nothing twice. */
static void check_memory(const struct machine_memory *memory)
{
	cleanup_with(map_fini) struct map ram = {};

	check_fact(memory->firmware_fact);
	check_fact(memory->iomem_fact);
	check_fact(memory->poison_fact);
	for (size_t i = 0; i < memory->firmware.count; i++) {
		const struct region *region = &memory->firmware.regions[i];

		require(region->range.start < region->range.end);
		if (region->type == MEMORY_RAM)
			require(map_add(&ram, region->range, 0, "") == 0);
	}
	map_normalise(&ram);
	for (size_t i = 0; i < memory->usable.count; i++) {
		struct range range = memory->usable.regions[i].range;

		require(range.start < range.end && range.start >= 0x100000);
		require(map_contains(&ram, range));
		require(i == 0 || memory->usable.regions[i - 1].range.end <= range.start);
	}
}

static void check_machine(const struct machine *machine)
{
	const struct machine_kernel *kernel = &machine->kernel;
	const struct machine_firmware *firmware = &machine->firmware;
	const struct machine_console *console = &machine->console;

	check_memory(&machine->memory);
	check_fact(kernel->lockdown_fact);
	check_fact(kernel->ima_fact);
	check_fact(kernel->privilege_fact);
	require(memchr(kernel->release, '\0', sizeof(kernel->release)));
	require(memchr(kernel->lockdown, '\0', sizeof(kernel->lockdown)));
	require(!kernel->ima_appraises || kernel->ima_fact == FACT_KNOWN);
	check_fact(firmware->efi_fact);
	check_fact(firmware->efi_tables_fact);
	require(firmware->efi_fact != FACT_KNOWN || firmware->efi_range_count > 0);
	for (size_t i = 0; i < firmware->efi_tables.count; i++)
		require(range_size(firmware->efi_tables.regions[i].range) > 0);
	check_fact(console->serial_fact);
	require(memchr(console->serial_name, '\0', sizeof(console->serial_name)));
	require(console->serial_fact != FACT_KNOWN ||
		(console->serial_port > 0 && console->serial_port <= 0xfff8));
}

static void check_words(const struct machine_crash *crash)
{
	cleanup_with(crash_words_fini) struct crash_words words = {};
	cleanup_free char *changed = NULL;

	check_fact(crash->words_fact);
	if (crash->words_fact != FACT_KNOWN ||
	    crash_words_parse(&words, crash->words, crash->words_path, NULL) < 0)
		return;
	changed = crash_reuse_command_line("a quiet crashkernel=1G -- b", &words);
	require(changed && !strstr(changed, "crashkernel="));
}

/* What a dump has is RAM, and not the crash kernel's own. */
static void check_headers(const struct machine_crash *crash, const struct machine_kernel *kernel)
{
	struct crash_low_memory low = crash_low_memory_x86(kernel);
	cleanup_with(map_fini) struct map dumped = {};
	cleanup_free uint8_t *bytes = NULL;
	struct elfcorehdr_source source = {62, crash, &dumped, low.backed_up, 0x10000000};
	uint64_t size;

	require(crash_dumped_memory(&dumped, crash, &low) == 0);
	for (size_t i = 0; i < dumped.count; i++) {
		require(map_contains(&crash->ram, dumped.regions[i].range));
		require(!range_overlaps(dumped.regions[i].range, crash->upper));
	}
	if (elfcorehdr_size(&source, &size, NULL) < 0)
		return;
	bytes = calloc(1, size);
	require(bytes);
	elfcorehdr_write(&source, bytes);
}

static void check_crash(const struct machine_crash *crash, const struct machine *machine)
{
	cleanup_with(map_fini) struct map told = {}, holes = {};
	struct crash_low_memory low = crash_low_memory_x86(&machine->kernel);

	check_fact(crash->ranges_fact);
	check_fact(crash->cma_fact);
	check_fact(crash->mapping_fact);
	require(crash->cpus_fact != FACT_KNOWN || crash->cpu_count > 0);
	require(!range_size(crash->upper) || map_contains(&crash->reserved, crash->upper));
	require(crash->vmcoreinfo_fact != FACT_KNOWN || range_size(crash->vmcoreinfo));
	require(!range_size(crash->mapping.text) || map_contains(&crash->ram, crash->mapping.text));
	require(crash_told_memory(&told, crash, &machine->memory, &low, &holes) == 0);
	check_headers(crash, &machine->kernel);
	check_words(crash);
}

/* No value but of words that say how the machine is laid out, and nothing that is init's. */
static void check_command_line(const char *text)
{
	static const char gone[] = "=scrubbed";
	bool for_init = false;
	const char *word;
	size_t length;

	while (words_next(&text, &word, &length)) {
		const char *name = *word == '"' ? word + 1 : word;
		const char *equals = memchr(word, '=', length);

		if (for_init)
			require(length == 8 && memcmp(word, "scrubbed", 8) == 0);
		else if (equals && !scrub_keeps_word(name, (size_t)(equals - name)))
			require((size_t)(word + length - equals) == sizeof(gone) - 1 &&
				memcmp(equals, gone, sizeof(gone) - 1) == 0);
		for_init = for_init || (length == 2 && memcmp(word, "--", 2) == 0);
	}
}

/* Pointers to the command line and to setup_data (struct boot_params); all else is as it was. */
static void check_boot_params(const uint8_t *before, const char *after, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		bool gone = (i >= 0x0c8 && i < 0x0cc && size >= 0x0cc) ||
			    (i >= 0x228 && i < 0x22c && size >= 0x22c) ||
			    (i >= 0x250 && i < 0x258 && size >= 0x258);

		require((uint8_t)after[i] == (gone ? 0 : before[i]));
	}
}

static void check_lines(const char *text, const char *start, const char *other)
{
	while (*text) {
		require(strncmp(text, start, strlen(start)) == 0 ||
			strncmp(text, other, strlen(other)) == 0);
		text += strcspn(text, "\n");
		require(*text++ == '\n');
	}
}

/* What must go is gone, and what is scrubbed has nothing left to be scrubbed. */
static void check_scrubbing(const char *path, const uint8_t *data, size_t size)
{
	cleanup_free char *content = malloc(size + 1), *once = NULL, *twice = NULL;
	size_t once_size = size, twice_size;

	require(content);
	memcpy(content, data, size);
	content[size] = '\0';
	once = scrub_file(path, content, &once_size);
	require(once);
	if (strcmp(path, "/proc/cmdline") == 0)
		check_command_line(once);
	else if (strcmp(path, "/proc/self/status") == 0)
		check_lines(once, "Name:", "CapEff:");
	else if (strcmp(path, "/sys/kernel/security/ima/policy") == 0)
		check_lines(once, "appraise", "appraise");
	else
		require(once_size == size);
	if (strcmp(path, "/sys/kernel/boot_params/data") == 0)
		check_boot_params(data, once, size);
	twice_size = once_size;
	twice = scrub_file(path, once, &twice_size);
	require(twice && once_size == twice_size && memcmp(once, twice, once_size) == 0);
}

static void read_machine(const uint8_t *data, size_t size, unsigned int flags)
{
	cleanup_with(machine_fini) struct machine machine = {};
	struct input input = {.flags = flags};
	const struct root root = {.fd = -1, .reader = &fake_reader, .context = &input};

	input.count = parts_split(input.parts, PARTS_MAX, data, size);
	require(machine_read(&machine, &root, NULL) == 0);
	check_machine(&machine);
	require(machine_crash_read(&machine.crash, &root, NULL) == 0);
	check_crash(&machine.crash, &machine);
	for (size_t i = PART_FILES; i < input.count; i++)
		check_scrubbing(files[i - PART_FILES], input.parts[i].data, input.parts[i].size);
}

/* The text after "recorded_by", which may have another time before it. */
static const char *body(const char *text)
{
	const char *at = strstr(text, "\"unreadable\"");

	require(at);
	return at;
}

/* What is taken is written as it was taken. */
static void read_facts(const uint8_t *data, size_t size)
{
	cleanup_with(recorded_facts_fini) struct recorded_facts facts, again;
	cleanup_free char *text = text_of(data, size), *once = NULL, *twice = NULL;
	cleanup_with(map_fini) struct map found = {};
	struct error error = {};
	uint8_t byte;
	int r;

	again = (struct recorded_facts){};
	r = recorded_facts_from_text(&facts, text, "machine.json", &error);
	require((r < 0) == (error.count > 0));
	if (r < 0)
		return;
	for (size_t i = 0; i < facts.bytes_count; i++)
		require(recorded_facts_read_physical(&facts, facts.bytes[i].address, &byte, 1) ==
			0);
	for (size_t i = 0; i < facts.refusal_count; i++)
		require(recorded_facts_refusal(&facts, facts.refusals[i].path) < 0);
	r = recorded_facts_find_pages(&facts, (struct range){0x1000, 0x3000}, PAGE_FLAG_POISONED,
				      &found);
	require(r == 0 || r == -EIO);
	require(map_total(&found) <= 0x2000);
	once = recorded_facts_to_text(&facts, "fuzz");
	require(once && recorded_facts_from_text(&again, once, "machine.json", NULL) == 0);
	twice = recorded_facts_to_text(&again, "fuzz");
	require(twice && strcmp(body(once), body(twice)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (*data == 'j')
		read_facts(data + 1, size - 1);
	else
		read_machine(data + 1, size - 1, *data);
	return 0;
}
