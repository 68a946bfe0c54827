/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/plan-for-panic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "boot/boot.h"
#include "boot/command-line.h"
#include "crash/crash.h"
#include "handover/handover.h"
#include "machine/machine.h"

static struct crash_source crash_source_of(const struct boot_protocol *protocol,
					   const struct boot_source *source,
					   const struct request *request,
					   const struct machine *machine, const char *command_line)
{
	return (struct crash_source){
	    .crash = &machine->crash,
	    .memory = &machine->memory,
	    .running = &machine->kernel,
	    .command_line = command_line,
	    .elf_machine = protocol->elf_machine,
	    .acpi_rsdp = protocol->wants_acpi_word(source) ? machine->firmware.acpi_rsdp : 0,
	    .load_min = source->load_min,
	    .load_max = source->load_max,
	    .check = source->check,
	    .memmap_words = request->memmap_words,
	    .hotplug = request->hotplug,
	};
}

static int claim(struct plan *plan, const struct boot_protocol *protocol,
		 struct boot_source *source, const struct crash_source *crash,
		 struct crash_steps *steps, struct error *error)
{
	int r = crash_begin(plan, crash, steps, error);

	if (r < 0)
		return r;
	source->command_line = plan->command_line;
	source->added_length = strlen(plan->command_line) - strlen(crash->command_line);
	r = protocol->check(source, PLAN_SEGMENTS, error);
	if (r == 0)
		r = protocol->claim(plan, source, error);
	if (r == 0)
		r = crash_claim(plan, crash, steps, error);
	return r;
}

static int place(struct plan *plan, const struct boot_protocol *protocol,
		 struct boot_source *source, const struct crash_source *crash, struct error *error)
{
	cleanup_crash_steps struct crash_steps steps = {};
	int r = claim(plan, protocol, source, crash, &steps, error);

	if (r == 0)
		r = plan_place(plan, error);
	if (r == 0)
		r = crash_settle(plan, crash, &steps, error);
	source->command_line = plan->command_line;
	return r < 0 ? r : protocol->fill(plan, source, error);
}

/*
 * By kexec_file_load the kernel places everything, and drops what is armed before it finds that
 * there is no room. So a plan of segments is made of the same, and thrown away. Where the machine
 * does not tell enough, nothing is known.
 */
static int check_room_by_file(const struct boot_protocol *protocol,
			      const struct boot_source *source, const struct crash_source *crash,
			      struct error *error)
{
	cleanup_plan struct plan *probe = plan_new(PLAN_SEGMENTS);
	cleanup_crash_steps struct crash_steps steps = {};
	struct boot_source probed = *source;
	int r;

	if (!probe)
		return error_memory(error, "make plan");
	probe->kind = PLAN_CRASH;
	crash = &(struct crash_source){
	    .crash = crash->crash,
	    .memory = crash->memory,
	    .running = crash->running,
	    .command_line = crash->command_line,
	    .elf_machine = crash->elf_machine,
	    .load_max = UINT64_MAX,
	    .hotplug = CRASH_HOTPLUG_IF_POSSIBLE,
	};
	if (crash_check(crash, PLAN_SEGMENTS, NULL) < 0 ||
	    protocol->check(source, PLAN_SEGMENTS, NULL) < 0)
		return 0;
	r = claim(probe, protocol, &probed, crash, &steps, error);
	return r < 0 ? r : crash_fits_by_file(probe, crash, error);
}

/*
 * The firmware's map is of the start: what is RAM beside it came later. A crash kernel that finds
 * such memory through ACPI takes it for its own, although it is the dead kernel's.
 */
static int note_added_memory(struct plan *plan, const struct machine *machine,
			     const char *command_line)
{
	cleanup_with(map_fini) struct map added = {};

	if (machine->crash.ranges_fact != FACT_KNOWN || machine->memory.firmware_fact != FACT_KNOWN)
		return 0;
	if (map_copy(&added, &machine->crash.ram) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < machine->memory.firmware.count; i++) {
		const struct region *region = &machine->memory.firmware.regions[i];

		if (region->type == MEMORY_RAM && map_subtract(&added, region->range) < 0)
			return -ENOMEM;
	}
	if (added.count == 0 || command_line_has_flag(command_line, "acpi_no_memhotplug"))
		return 0;
	return plan_note(
	    plan, PLAN_WARNING,
	    "memory was added while this kernel ran, and without acpi_no_memhotplug "
	    "on its command line the crash kernel may use it, so that a dump lacks it");
}

static int note_words(struct plan *plan, const struct request *request,
		      const struct machine *machine)
{
	int r = 0;

	if (plan->method == PLAN_FILE && request->memmap_words)
		r = plan_note(plan, PLAN_WARNING,
			      "--pass-memmap-cmdline has no effect with kexec_file_load");
	if (r == 0 && request->crash_words && machine->crash.words_fact == FACT_ABSENT)
		r = plan_note(plan, PLAN_WARNING,
			      "there is no crash-words.conf, so the crash kernel gets the running "
			      "kernel's command line without words of its own");
	return r;
}

int plan_for_panic(struct plan *plan, const struct boot_protocol *protocol,
		   struct boot_source *source, const struct request *request,
		   const struct machine *machine, struct error *error)
{
	cleanup_free char *asked = strdup(source->command_line);
	struct crash_source crash;
	int r;

	if (!asked)
		return error_memory(error, "make plan");
	crash = crash_source_of(protocol, source, request, machine, asked);
	if (plan->method == PLAN_FILE)
		plan->reservation = machine->crash.upper;
	if (note_words(plan, request, machine) < 0 || note_added_memory(plan, machine, asked) < 0)
		return error_memory(error, "make plan");
	r = crash_check(&crash, plan->method, error);
	if (r < 0)
		return r;
	if (plan->method == PLAN_SEGMENTS)
		return place(plan, protocol, source, &crash, error);
	r = protocol->check(source, plan->method, error);
	return r < 0 ? r : check_room_by_file(protocol, source, &crash, error);
}
