/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/crash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "machine/iomem.h"
#include "machine/numbered.h"

#define CPUS "/sys/devices/system/cpu"

enum { CPUS_MAX = 65536, WORDS_SIZE_MAX = 65536 };

/* Since 6.19 these are in a folder of their own, and the old names are links, for now. */
static enum fact read_number(const struct root *root, const char *name, uint64_t *number)
{
	char path[64];
	enum fact fact;

	snprintf(path, sizeof(path), "/sys/kernel/%s", name);
	fact = root_read_number(root, path, 10, number);
	if (fact != FACT_ABSENT)
		return fact;
	snprintf(path, sizeof(path), "/sys/kernel/kexec/%s",
		 strncmp(name, "kexec_", 6) == 0 ? name + 6 : name);
	return root_read_number(root, path, 10, number);
}

enum fact machine_crash_is_loaded(const struct root *root, bool *loaded)
{
	uint64_t number = 0;
	enum fact fact = read_number(root, "kexec_crash_loaded", &number);

	*loaded = fact == FACT_KNOWN && number != 0;
	return fact;
}

/* "System RAM (kmem)", "System RAM (virtio_mem)": at any depth. */
static bool is_ram(const char *name)
{
	return strcmp(name, "System RAM") == 0 || strncmp(name, "System RAM (", 12) == 0;
}

static int take_line(struct machine_crash *crash, struct range range, const char *name,
		     uint64_t *kernel_start)
{
	if (is_ram(name))
		return map_add(&crash->ram, range, 0, NULL);
	if (strcmp(name, "Crash kernel") == 0)
		return map_add(&crash->reserved, range, 0, NULL);
	if (strcmp(name, "Kernel code") == 0)
		*kernel_start = range.start;
	return 0;
}

/* The kernel takes segments in one part only, which is the upper one (crashk_res, not
 * crashk_low_res: kernel/crash_reserve.c). */
static int read_ranges(struct machine_crash *crash, const struct root *root, uint64_t *kernel_start)
{
	cleanup_free char *text = NULL;
	bool any_line = false, any_address = false;
	size_t size;
	int r;

	crash->ranges_fact = FACT_UNREADABLE;
	r = root_read(root, "/proc/iomem", 16 << 20, &text, &size);
	if (r < 0) {
		crash->ranges_fact = r == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
		return r == -ENOMEM ? r : 0;
	}
	for (const char *line = text; r == 0 && *line;
	     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		struct range range;
		char name[64];
		size_t depth;

		if (!iomem_line_parse(line, &depth, &range, name, sizeof(name)))
			continue;
		any_line = true;
		any_address = any_address || range.end > 1;
		r = take_line(crash, range, name, kernel_start);
	}
	if (r < 0)
		return r;
	map_normalise(&crash->ram);
	map_normalise(&crash->reserved);
	crash->ranges_fact = !any_line ? FACT_ABSENT : any_address ? FACT_KNOWN : FACT_UNREADABLE;
	if (crash->ranges_fact == FACT_KNOWN && crash->reserved.count)
		crash->upper = crash->reserved.regions[crash->reserved.count - 1].range;
	return 0;
}

enum fact machine_crash_reserved_size(const struct root *root, uint64_t *size)
{
	cleanup_with(machine_crash_fini) struct machine_crash crash = {};
	uint64_t kernel_start;

	*size = 0;
	if (read_ranges(&crash, root, &kernel_start) == 0 && crash.ranges_fact == FACT_KNOWN) {
		*size = range_size(crash.upper);
		return FACT_KNOWN;
	}
	return read_number(root, "kexec_crash_size", size);
}

static int cma_parse(struct machine_crash *crash, const char *text)
{
	int r = 0;

	crash->cma_fact = FACT_KNOWN;
	for (; r == 0 && *text; text += strcspn(text, "\n") + (strchr(text, '\n') != NULL)) {
		uint64_t first, last;

		if (sscanf(text, "%" SCNx64 "-%" SCNx64, &first, &last) != 2 || last < first ||
		    last == UINT64_MAX) {
			crash->cma_fact = FACT_UNREADABLE;
			break;
		}
		r = map_add(&crash->cma, (struct range){first, last + 1}, 0, NULL);
	}
	map_normalise(&crash->cma);
	return r;
}

static bool asks_for_cma(const char *command_line)
{
	static const char ending[] = ",cma";
	const char *word;
	size_t length;

	while (words_next(&command_line, &word, &length))
		if (word_is(word, length, "crashkernel") && length > sizeof(ending) - 1 &&
		    strncmp(word + length - (sizeof(ending) - 1), ending, sizeof(ending) - 1) == 0)
			return true;
	return false;
}

static int read_cma(struct machine_crash *crash, const struct root *root)
{
	cleanup_free char *text = NULL, *command_line = NULL;
	size_t size;
	int r;

	r = root_read(root, "/proc/cmdline", 65536, &command_line, &size);
	if (r == -ENOMEM)
		return r;
	crash->cma_asked = r == 0 && asks_for_cma(command_line);
	r = root_read(root, "/sys/kernel/kexec/crash_cma_ranges", 65536, &text, &size);
	crash->cma_fact = r == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return cma_parse(crash, text);
}

/* "0x0000000012345000 1000": address and size, both hexadecimal. */
static void read_vmcoreinfo(struct machine_crash *crash, const struct root *root)
{
	uint64_t address, size;
	char line[80];

	crash->vmcoreinfo_fact = root_read_line(root, "/sys/kernel/vmcoreinfo", line, sizeof(line));
	if (crash->vmcoreinfo_fact == FACT_KNOWN &&
	    (sscanf(line, "%" SCNx64 " %" SCNx64, &address, &size) != 2 || !address || !size ||
	     !range_from_size(address, size, &crash->vmcoreinfo)))
		crash->vmcoreinfo_fact = FACT_UNREADABLE;
}

static enum fact read_notes(const struct root *root, uint64_t number, struct range *notes)
{
	uint64_t address, size;
	char path[80];
	enum fact fact;

	snprintf(path, sizeof(path), CPUS "/cpu%" PRIu64 "/crash_notes", number);
	fact = root_read_number(root, path, 16, &address);
	if (fact != FACT_KNOWN)
		return fact;
	snprintf(path, sizeof(path), CPUS "/cpu%" PRIu64 "/crash_notes_size", number);
	if (root_read_number(root, path, 10, &size) != FACT_KNOWN || !address || !size ||
	    !range_from_size(address, size, notes))
		return FACT_UNREADABLE;
	return FACT_KNOWN;
}

/* A CPU without the file was never there, or is gone; one that cannot be read makes all unknown. */
static int read_cpus(struct machine_crash *crash, const struct root *root)
{
	cleanup_free uint64_t *numbers = NULL;
	size_t count;
	int r = numbered_list(root, CPUS, "cpu", CPUS_MAX, &numbers, &count);

	crash->cpus_fact = r == 0 || r == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	crash->cpus = calloc(count ? count : 1, sizeof(*crash->cpus));
	if (!crash->cpus)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct crash_cpu *cpu = &crash->cpus[crash->cpu_count];
		enum fact fact = read_notes(root, numbers[i], &cpu->notes);

		if (fact == FACT_UNREADABLE) {
			crash->cpus_fact = FACT_UNREADABLE;
			return 0;
		}
		if (fact == FACT_ABSENT)
			continue;
		cpu->number = numbers[i];
		crash->cpu_count++;
	}
	if (crash->cpu_count)
		crash->cpus_fact = FACT_KNOWN;
	return 0;
}

/* -1: there is no limit (Documentation/admin-guide/sysctl/kernel.rst); since 6.3. */
static void read_load_limit(struct machine_crash *crash, const struct root *root)
{
	char line[32], *end;
	long long limit;

	crash->load_limit_fact =
	    root_read_line(root, "/proc/sys/kernel/kexec_load_limit_panic", line, sizeof(line));
	if (crash->load_limit_fact != FACT_KNOWN)
		return;
	errno = 0;
	limit = strtoll(line, &end, 10);
	if (errno || end == line || *end)
		crash->load_limit_fact = FACT_UNREADABLE;
	crash->load_limited = limit >= 0;
	crash->load_limit = limit >= 0 ? (uint64_t)limit : 0;
}

static int read_words(struct machine_crash *crash, const struct root *root)
{
	static const char *const paths[] = {CRASH_WORDS_LOCAL, CRASH_WORDS_BUILT,
					    CRASH_WORDS_SHIPPED};
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < sizeof(paths) / sizeof(*paths); i++) {
		size_t size;

		r = root_read(root, paths[i], WORDS_SIZE_MAX, &crash->words, &size);
		crash->words_path = paths[i];
	}
	crash->words_fact = r == 0 ? FACT_KNOWN : r == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
	return r == -ENOMEM ? r : 0;
}

int machine_crash_read(struct machine_crash *crash, const struct root *root, struct error *error)
{
	uint64_t kernel_start = 0;
	int r;

	*crash = (struct machine_crash){};
	r = read_ranges(crash, root, &kernel_start);
	if (r == 0)
		r = read_cma(crash, root);
	if (r == 0)
		r = read_cpus(crash, root);
	if (r == 0)
		r = read_words(crash, root);
	if (r == 0)
		r = kernel_mapping_read(&crash->mapping, &crash->mapping_fact, root, &crash->ram,
					kernel_start);
	if (r < 0) {
		machine_crash_fini(crash);
		return error_memory(error, "read what the kernel tells of a crash");
	}
	crash->size_fact = read_number(root, "kexec_crash_size", &crash->size);
	crash->elfcorehdr_size_fact =
	    read_number(root, "crash_elfcorehdr_size", &crash->elfcorehdr_size);
	read_vmcoreinfo(crash, root);
	read_load_limit(crash, root);
	return 0;
}

void machine_crash_fini(struct machine_crash *crash)
{
	map_fini(&crash->reserved);
	map_fini(&crash->ram);
	map_fini(&crash->cma);
	free(crash->cpus);
	free(crash->words);
	*crash = (struct machine_crash){};
}
