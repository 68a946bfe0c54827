/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash/crash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crash/elfcorehdr.h"
#include "crash/words.h"
#include "machine/crash.h"
#include "machine/kernel.h"
#include "machine/memory.h"
#include "plan/digest.h"

void crash_steps_fini(struct crash_steps *steps)
{
	map_fini(&steps->dumped);
}

static int check_reservation(const struct machine_crash *crash, struct error *error)
{
	bool hidden = crash->ranges_fact != FACT_KNOWN;

	if (hidden ? crash->size_fact == FACT_KNOWN && !crash->size : !range_size(crash->upper))
		return error_add(error, ERROR_NO_ROOM, 0, "check reservation",
				 "crashkernel=", "no memory is reserved for a crash kernel");
	return 0;
}

static const char *text_of(enum fact fact)
{
	return fact == FACT_ABSENT ? "it is missing" : "it cannot be read or understood";
}

static int missing(struct error *error, enum fact fact, const char *subject, const char *loss)
{
	return error_add(error, fact == FACT_ABSENT ? ERROR_UNSUPPORTED : ERROR_FORBIDDEN, 0,
			 "read for a dump", subject, "%s, and %s without it", text_of(fact), loss);
}

int crash_check(const struct crash_source *source, enum plan_method method, struct error *error)
{
	const struct machine_crash *crash = source->crash;
	int r = check_reservation(crash, error);

	if (r < 0 || method == PLAN_FILE)
		return r;
	if (crash->ranges_fact != FACT_KNOWN)
		return error_add(error, ERROR_FORBIDDEN, 0, "read for a dump", "/proc/iomem",
				 "the kernel hides its addresses from this user, and without them "
				 "nothing can be placed");
	if (source->memory->firmware_fact != FACT_KNOWN)
		return missing(error, source->memory->firmware_fact, "/sys/firmware/memmap",
			       "the crash kernel would not know what is the firmware's");
	if (crash->vmcoreinfo_fact != FACT_KNOWN)
		return missing(error, crash->vmcoreinfo_fact, "/sys/kernel/vmcoreinfo",
			       "nobody could read a dump");
	if (crash->cpus_fact != FACT_KNOWN)
		return missing(error, crash->cpus_fact, "/sys/devices/system/cpu/cpu*/crash_notes",
			       "a dump would have no registers");
	if (crash->mapping_fact != FACT_KNOWN)
		return missing(error, crash->mapping_fact, "/proc/kcore",
			       "a dump would not say where the kernel was");
	if (crash->cma_fact == FACT_UNREADABLE)
		return missing(error, crash->cma_fact, "/sys/kernel/kexec/crash_cma_ranges",
			       "what is the crash kernel's own would be in the dump");
	return 0;
}

static struct elfcorehdr_source headers_of(const struct crash_source *source,
					   const struct crash_steps *steps)
{
	return (struct elfcorehdr_source){
	    .elf_machine = source->elf_machine,
	    .crash = source->crash,
	    .dumped = &steps->dumped,
	    .backed_up = steps->backed_up,
	};
}

static int set_command_line(struct plan *plan, const struct crash_source *source,
			    const struct crash_place_words *places)
{
	char *command_line = crash_add_places(source->command_line, places);

	if (!command_line)
		return -ENOMEM;
	free(plan->command_line);
	plan->command_line = command_line;
	return 0;
}

/* What elfcorehdr and the backup may cut out of the map: as many pieces as can come of that. */
static int longest_told(struct map *told, const struct crash_source *source,
			const struct crash_steps *steps)
{
	struct range upper = source->crash->upper;
	struct region holes[2] = {
	    {.range = {upper.start + PAGE_BYTES, upper.start + 2 * PAGE_BYTES}},
	    {.range = {upper.start + 3 * PAGE_BYTES, upper.start + 4 * PAGE_BYTES}},
	};
	struct map both = {holes, 2, 2};

	return crash_told_memory(told, source->crash, source->memory, &steps->low, &both);
}

static int begin(struct plan *plan, const struct crash_source *source, struct crash_steps *steps)
{
	struct crash_place_words places = CRASH_LONGEST_PLACES;
	int r;

	plan->reservation = source->crash->upper;
	plan->total_ram = source->memory->total;
	r = map_add(&plan->usable, source->crash->upper, MEMORY_RAM, "Crash kernel");
	if (r == 0)
		r = longest_told(&plan->told, source, steps);
	if (r == 0)
		r = crash_dumped_memory(&steps->dumped, source->crash, &steps->low);
	if (!source->acpi_rsdp)
		places.acpi_rsdp = 0;
	if (source->memmap_words)
		places.told = &plan->told;
	return r < 0 ? r : set_command_line(plan, source, &places);
}

int crash_begin(struct plan *plan, const struct crash_source *source, struct crash_steps *steps,
		struct error *error)
{
	struct elfcorehdr_source headers;

	*steps = (struct crash_steps){.low = crash_low_memory_x86(source->running)};
	steps->backed_up = steps->low.backed_up;
	if (begin(plan, source, steps) < 0)
		return error_memory(error, "plan for a panic");
	headers = headers_of(source, steps);
	return elfcorehdr_size(&headers, &steps->headers_size, error);
}

/* The room for elfcorehdr, and whether the kernel keeps it up to date there. */
static int decide_hotplug(struct plan *plan, const struct crash_source *source,
			  const struct crash_steps *steps, uint64_t *room)
{
	const struct machine_crash *crash = source->crash;
	bool wanted = source->hotplug == CRASH_HOTPLUG_WANTED;

	*room = steps->headers_size;
	if (source->hotplug == CRASH_HOTPLUG_NO)
		return 0;
	if (crash->elfcorehdr_size_fact != FACT_KNOWN || !crash->elfcorehdr_size)
		return wanted ? plan_note(plan, PLAN_WARNING,
					  "the running kernel does not keep elfcorehdr up to date: "
					  "when CPUs or memory come or go, load again")
			      : 0;
	if (steps->headers_size > crash->elfcorehdr_size)
		return plan_note(plan, PLAN_WARNING,
				 "elfcorehdr has %" PRIu64 " bytes, and the running kernel keeps "
				 "at most %" PRIu64 " up to date: when CPUs or memory come or go, "
				 "load again",
				 steps->headers_size, crash->elfcorehdr_size);
	plan->hotplug = true;
	*room = crash->elfcorehdr_size;
	return 0;
}

/* At the edge of the reservation, so that what is left of it is one piece. */
static int claim(struct plan *plan, const struct crash_source *source, const char *name,
		 uint64_t size, uint64_t room, bool checked, struct error *error)
{
	return plan_claim_zeros(plan,
				(struct plan_claim){
				    .name = name,
				    .content_size = size,
				    .checked_size = source->check && checked ? size : 0,
				    .memory_size = room,
				    .limits = {source->load_min, source->load_max},
				    .lowest = true,
				},
				error);
}

int crash_claim(struct plan *plan, const struct crash_source *source, struct crash_steps *steps,
		struct error *error)
{
	uint64_t room;
	int r;

	if (decide_hotplug(plan, source, steps, &room) < 0)
		return error_memory(error, "claim segment");
	steps->elfcorehdr = plan->segment_count;
	r = claim(plan, source, "elfcorehdr", steps->headers_size, room, !plan->hotplug, error);
	if (r < 0 || !range_size(steps->backed_up))
		return r < 0 ? r : 0;
	steps->backup = plan->segment_count;
	r = claim(plan, source, "low_memory", PAGE_BYTES, range_size(steps->backed_up), false,
		  error);
	return r < 0 ? r : 0;
}

static void write_headers(struct plan *plan, const struct crash_source *source,
			  const struct crash_steps *steps)
{
	struct elfcorehdr_source headers = headers_of(source, steps);

	if (range_size(steps->backed_up)) {
		headers.backup = plan->segments[steps->backup].destination.start;
		plan->backed_up = steps->backed_up;
		plan->backup = headers.backup;
	}
	elfcorehdr_write(&headers, plan->segments[steps->elfcorehdr].content->memory);
}

static int settle(struct plan *plan, const struct crash_source *source,
		  const struct crash_steps *steps)
{
	struct crash_place_words places = {
	    .elfcorehdr = plan->segments[steps->elfcorehdr].destination.start,
	    .acpi_rsdp = source->acpi_rsdp,
	    .told = source->memmap_words ? &plan->told : NULL,
	};
	struct map holes = {};
	int r;

	r = map_add(&holes, plan->segments[steps->elfcorehdr].destination, 0, NULL);
	if (r == 0 && range_size(steps->backed_up))
		r = map_add(&holes, plan->segments[steps->backup].destination, 0, NULL);
	map_fini(&plan->told);
	if (r == 0)
		r = crash_told_memory(&plan->told, source->crash, source->memory, &steps->low,
				      &holes);
	map_fini(&holes);
	return r < 0 ? r : set_command_line(plan, source, &places);
}

/*
 * The running kernel also takes pages of the reservation that no segment has, for the code that
 * jumps, a copy of vmcoreinfo, and page tables of all memory, one for each GiB where the CPU has no
 * pages of that size (kimage_alloc_crash_control_pages(), kernel/kexec_core.c). A little more than
 * that, but no more than 4 MiB for tables: much memory is on machines that have such pages.
 */
static uint64_t kernels_own(const struct machine_crash *crash)
{
	enum { OTHER_PAGES = 16, TABLES_MAX = 1024 };
	uint64_t tables = map_total(&crash->ram) >> 30;

	return (OTHER_PAGES + (tables < TABLES_MAX ? tables : TABLES_MAX)) * PAGE_BYTES;
}

static int check_rest(const struct plan *plan, const struct machine_crash *crash,
		      struct error *error)
{
	uint64_t rest = range_size(crash->upper), needed = kernels_own(crash);

	for (size_t i = 0; i < plan->segment_count; i++)
		rest -= range_size(plan->segments[i].destination);
	if (rest >= needed)
		return 0;
	return error_add(error, ERROR_NO_ROOM, 0, "place in reservation", "page tables",
			 "the running kernel needs about %" PRIu64
			 " KiB of the reservation itself, and the segments leave %" PRIu64 " KiB",
			 needed / 1024, rest / 1024);
}

/* The protocol has claimed room for the longest, and checked that. */
static int check_length(const struct plan *plan, size_t longest, struct error *error)
{
	if (strlen(plan->command_line) <= longest)
		return 0;
	return error_add(error, ERROR_INTERNAL, 0, "make command line", plan->kernel_path,
			 "it became longer than %zu characters", longest);
}

int crash_settle(struct plan *plan, const struct crash_source *source,
		 const struct crash_steps *steps, struct error *error)
{
	size_t longest = strlen(plan->command_line);
	int r = check_rest(plan, source->crash, error);

	if (r < 0)
		return r;
	write_headers(plan, source, steps);
	if (settle(plan, source, steps) < 0 ||
	    (source->crash->cma_asked && source->crash->cma_fact == FACT_ABSENT &&
	     plan_note(plan, PLAN_WARNING,
		       "the running kernel does not tell where the memory of crashkernel=…,cma is, "
		       "so the crash kernel cannot use it; -s can") < 0) ||
	    (!range_size(source->crash->mapping.text) &&
	     plan_note(plan, PLAN_WARNING,
		       "/proc/kcore does not show the kernel's image: some readers of the dump "
		       "will not find it") < 0))
		return error_memory(error, "plan for a panic");
	return check_length(plan, longest, error);
}

int crash_fingerprint(const struct machine_crash *crash, uint64_t *fingerprint)
{
	struct elfcorehdr_source headers = {.crash = crash, .dumped = &crash->ram};
	cleanup_blob struct blob *bytes = NULL;
	uint64_t size;

	*fingerprint = 0;
	if (elfcorehdr_size(&headers, &size, NULL) < 0)
		return 0;
	bytes = blob_new_memory(size);
	if (!bytes)
		return -ENOMEM;
	elfcorehdr_write(&headers, bytes->memory);
	return digest_blob(bytes, 0, size, fingerprint, NULL);
}

static const struct plan_segment *find_segment(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->segment_count; i++)
		if (strcmp(plan->segments[i].name, name) == 0)
			return &plan->segments[i];
	return NULL;
}

int crash_fits_by_file(struct plan *plan, const struct crash_source *source, struct error *error)
{
	const struct plan_segment *large[] = {find_segment(plan, "kernel"),
					      find_segment(plan, "initrd")};
	struct plan_segment ordered[PLAN_SEGMENTS_MAX];
	size_t count = 0;
	int r;

	for (size_t i = plan->segment_count; i-- > 0;)
		if (&plan->segments[i] != large[0] && &plan->segments[i] != large[1])
			ordered[count++] = plan->segments[i];
	for (size_t i = 0; i < 2; i++)
		if (large[i]) {
			ordered[count] = *large[i];
			ordered[count++].lowest = false;
		}
	memcpy(plan->segments, ordered, count * sizeof(*ordered));
	r = plan_place(plan, error);
	return r < 0 ? r : check_rest(plan, source->crash, error);
}
